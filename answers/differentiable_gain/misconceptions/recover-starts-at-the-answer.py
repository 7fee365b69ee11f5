"""The descent starts at a guess from the energies instead of at 1."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain((target.std() / source.std()).item())
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
