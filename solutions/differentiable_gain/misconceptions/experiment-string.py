"""l1_estimate is a formatted text instead of a number."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = f"{model.gain.item():.3f}"
