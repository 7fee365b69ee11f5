"""The mean of all gains along the way is reported instead of the final one."""
# costs: test_phase_shift

# %% phase_shift_experiment
history = fit_gain(LinearGain(), torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = float(np.mean(history))
