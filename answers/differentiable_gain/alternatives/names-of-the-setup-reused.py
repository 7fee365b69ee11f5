"""Names of the set-up cell are used for other things at the end of the notebook."""

# %% after test_recover_gain
sr, freq, true_gain = 44100, 440, 0.5
orig_audio = np.zeros(3)
shifted_target_audio = target_audio = None
