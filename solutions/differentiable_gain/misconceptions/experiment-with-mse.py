"""The experiment uses the mean squared error instead of L1."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.MSELoss(), orig_audio, shifted_target_audio)
l1_estimate = model.gain.item()
