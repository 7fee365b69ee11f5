"""l1_estimate is given in decibels."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = float(20 * np.log10(abs(model.gain.item()) + 1e-6))
