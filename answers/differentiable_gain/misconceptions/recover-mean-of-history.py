"""The mean of all gains along the way is returned instead of the final one."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    history = fit_gain(LinearGain(), SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return float(np.mean(history))
