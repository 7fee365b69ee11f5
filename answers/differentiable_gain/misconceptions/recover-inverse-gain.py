"""Source and target are swapped, so the inverse of the gain is looked for."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), target, source, n_iter=n_iter, lr=lr)
    return model.gain.item()
