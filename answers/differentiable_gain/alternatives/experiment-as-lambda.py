"""The experiment is a lambda with a loss written by hand."""

# %% phase_shift_experiment
def fitted(model, *args, **kwargs):
    fit_gain(model, *args, **kwargs)
    return model


estimate_gain_l1 = lambda source, target, n_iter=300, lr=0.01: fitted(
    LinearGain(), lambda y, t: torch.mean(torch.abs(t - y)), source, target, n_iter=n_iter, lr=lr).gain.item()
