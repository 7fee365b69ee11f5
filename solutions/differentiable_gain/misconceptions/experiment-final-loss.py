"""The final loss is reported instead of the final gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
model = LinearGain()
fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio)
l1_estimate = torch.nn.L1Loss()(model(orig_audio), shifted_target_audio).item()
