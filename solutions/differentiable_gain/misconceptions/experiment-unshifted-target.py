"""The fit is made to the target that is not shifted."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, target_audio)
l1_estimate = model.gain.item()
