"""n_iter is not handed on to fit_gain."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, lr=lr)
    return model.gain.item()
