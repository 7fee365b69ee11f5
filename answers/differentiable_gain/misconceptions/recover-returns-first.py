"""The gain is read before the fit, so it is always 1."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    gain = model.gain.item()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return gain
