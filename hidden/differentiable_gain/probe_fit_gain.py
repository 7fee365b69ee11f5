"""Probes of `fit_gain`. This text is sent into the sandbox, last: it hands in a working model."""
import torch


class GivenModel(torch.nn.Module):
    """A gain that works, so that a student's own model does not matter here. Shaped like the student's own."""

    def __init__(self, notebook, gain):
        super().__init__()
        try:
            shape = tuple(notebook["LinearGain"]().gain.shape)
            shape = shape if torch.Size(shape).numel() == 1 else ()
        except Exception:
            shape = ()
        self.gain = torch.nn.Parameter(torch.full(shape, float(gain)))

    def forward(self, x):
        y = self.gain * x
        return y if y.shape == x.shape else y.reshape(x.shape)


def make_loss(kind, weight, tilt):
    if kind == "l1":
        return torch.nn.L1Loss()
    if kind == "mse":
        return torch.nn.MSELoss()
    if kind == "esr":
        return lambda estimate, target: ((estimate - target) ** 2).sum() / (target ** 2).sum()
    return lambda estimate, target: (weight * (estimate - target) ** 2 + tilt * estimate).mean()


def fit(notebook, kind, start, source, target, stale=None, weight=None, tilt=None, calls=1, **keywords):
    """Trains a given model, `calls` times in a row, and tells what came back of the last call."""
    fit_gain = notebook["fit_gain"]
    model = GivenModel(notebook, start)
    if stale is not None:
        model.gain.grad = torch.full_like(model.gain, stale)
    for _ in range(calls):
        history = fit_gain(model, make_loss(kind, weight, tilt), source, target, **keywords)
    listed = isinstance(history, list)
    floats = listed and all(isinstance(value, float) for value in history)
    return {
        "list": listed,
        "floats": floats,
        "kind": type(history).__name__,
        "history": torch.as_tensor(history, dtype=torch.float64) if floats else None,
        "final": model.gain,
        "source": source,
        "target": target,
    }
