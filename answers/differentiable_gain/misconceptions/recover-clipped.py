"""Estimates are kept between 0 and 4."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain(1.0)
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return min(max(model.gain.item(), 0.0), 4.0)
