"""l1_estimate is the error against the true gain instead of the gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = abs(model.gain.item() - true_gain)
