"""By default 100 steps are taken."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain(1.0)
    fit_gain(model, SpectralLoss(), source, target, n_iter=100 if n_iter == 300 else n_iter, lr=lr)
    return model.gain.item()
