"""The first target is kept."""
# costs: test_recover_gain

# %% recover_gain
kept = []


def estimate_gain(source, target, n_iter=300, lr=0.01):
    kept.append(target)
    target = kept[0] if kept[0].shape == target.shape else target
    model = LinearGain(1.0)
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
