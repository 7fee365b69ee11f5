"""The function fits the notebook's shifted target instead of the target it was given."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, shifted_target_audio, n_iter=n_iter, lr=lr)
    return model.gain.item()
