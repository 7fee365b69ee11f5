"""The last 20 gains are averaged, which lags behind when the descent is still under way."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    history = fit_gain(LinearGain(), SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return float(np.mean(history[-20:]))
