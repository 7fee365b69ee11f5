"""l1_estimate is the last gain of the history, where the fit no longer moves."""

# %% phase_shift_experiment
history = fit_gain(LinearGain(), torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = history[-1]
plt.plot(history)
plt.close()
