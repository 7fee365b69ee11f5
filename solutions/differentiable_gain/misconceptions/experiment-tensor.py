"""l1_estimate is the parameter itself instead of a float."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = model.gain
