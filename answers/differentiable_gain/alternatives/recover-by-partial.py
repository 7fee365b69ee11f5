"""estimate_gain fixes its loss with functools.partial and returns a float from a lambda."""

# %% recover_gain
from functools import partial

fit_spectrum = partial(fit_gain, loss_fn=SpectralLoss(power=1.0))


def estimate_gain(source, target, n_iter=300, lr=0.01):
    fit_spectrum(model := LinearGain(1.0), source=source, target=target, n_iter=n_iter, lr=lr)
    return (lambda m: float(m.gain.detach()))(model)
