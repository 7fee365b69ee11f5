"""The history is returned instead of the final gain."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    return fit_gain(LinearGain(), SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
