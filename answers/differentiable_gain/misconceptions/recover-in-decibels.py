"""The estimate is given in decibels."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return float(20 * np.log10(model.gain.item()))
