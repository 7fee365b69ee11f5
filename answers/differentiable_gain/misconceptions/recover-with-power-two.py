"""The fit uses power=2, whose slope is so steep that the descent blows up."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(power=2), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
