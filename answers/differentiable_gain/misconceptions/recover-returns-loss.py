"""The final loss is returned instead of the gain."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model, loss_fn = LinearGain(), SpectralLoss()
    fit_gain(model, loss_fn, source, target, n_iter=n_iter, lr=lr)
    return loss_fn(model(source), target).item()
