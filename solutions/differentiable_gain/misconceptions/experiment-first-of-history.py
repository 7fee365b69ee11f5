"""The first gain of the history is reported instead of the last."""
# costs: test_phase_shift

# %% phase_shift_experiment
history = fit_gain(LinearGain(), torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = history[0]
