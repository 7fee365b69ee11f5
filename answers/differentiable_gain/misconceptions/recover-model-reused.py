"""One global model serves all calls, so each fit begins where the last one ended."""
# costs: test_recover_gain

# %% recover_gain
recovery_model = LinearGain()


def estimate_gain(source, target, n_iter=300, lr=0.01):
    fit_gain(recovery_model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return recovery_model.gain.item()


print("recovered:", estimate_gain(orig_audio, shifted_target_audio))
