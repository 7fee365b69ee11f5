"""The shifted target is moved back into phase before the fit, so there is no phase shift left."""
# costs: test_phase_shift

# %% phase_shift_experiment
quarter_period = round(sr / freq / 4)
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, torch.roll(shifted_target_audio, quarter_period))
l1_estimate = model.gain.item()
