"""The gain is applied to the shifted target and compared with the original."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), shifted_target_audio, orig_audio)
l1_estimate = model.gain.item()
