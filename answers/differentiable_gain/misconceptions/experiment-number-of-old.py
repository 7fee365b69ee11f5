"""The result of one experiment is stored as a number, and there is no function to call."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
estimate_gain_l1 = model.gain.item()
