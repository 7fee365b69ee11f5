"""The estimate is rounded to one decimal."""
# costs: test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return round(model.gain.item(), 1)
