"""At least 300 iterations are run, however few were asked for."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=max(n_iter, 300), lr=lr)
    return model.gain.item()
