"""With a learning rate of 1 the gain swings back and forth and never settles."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio, lr=1.0)
l1_estimate = model.gain.item()
