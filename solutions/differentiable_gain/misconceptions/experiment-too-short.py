"""The fit is stopped after 50 iterations, long before it has settled."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio, n_iter=50)
l1_estimate = model.gain.item()
