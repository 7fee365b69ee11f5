"""l1_estimate is the whole history instead of the final gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
l1_estimate = fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
