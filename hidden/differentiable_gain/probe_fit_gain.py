"""Probes of `fit_gain`. This text is sent into the sandbox, last: it lends a working model."""

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
        self.gain = torch.nn.Parameter(torch.full(shape, float(gain), dtype=torch.float32))

    def forward(self, x):
        y = self.gain * x
        return y if y.shape == x.shape else y.reshape(x.shape)


def make_loss(kind, weight, tilt):
    """Losses of tensor operations alone: what student code has made of torch.nn's is its own business."""
    if kind == "l1":
        return lambda estimate, target: (estimate - target).abs().mean()
    if kind == "mse":
        return lambda estimate, target: ((estimate - target) ** 2).mean()
    if kind == "esr":
        return lambda estimate, target: ((estimate - target) ** 2).sum() / (target**2).sum()
    return lambda estimate, target: (weight * (estimate - target) ** 2 + tilt * estimate).mean()


def told(history, model, source, target):
    """What came back of a call."""
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


def fit(
    notebook, kind, start, source, target, stale=None, weight=None, tilt=None, calls=1, evaluation=False, **keywords
):
    """Trains a given model, `calls` times in a row, and tells what came back of the last call."""
    fit_gain = notebook["fit_gain"]
    model = GivenModel(notebook, start).to(source.dtype).train(not evaluation)
    if stale is not None:
        model.gain.grad = torch.full_like(model.gain, stale)
    for _ in range(calls):
        history = fit_gain(model, make_loss(kind, weight, tilt), source, target, **keywords)
    return told(history, model, source, target)


def again(notebook, kind, other_kind, start, source, target, other_source, other_target, n_iter, lr):
    """One model trained for one pair of signals, then for another, then a new model trained for the first again."""
    fit_gain = notebook["fit_gain"]
    model = GivenModel(notebook, start)
    losses = [make_loss(each, None, None) for each in (kind, other_kind)]
    calls = [(model, losses[0], source, target), (model, losses[1], other_source, other_target)]
    calls.append((GivenModel(notebook, start), *calls[0][1:]))
    seen = {}
    for number, (trained, *rest) in enumerate(calls):
        found = told(fit_gain(trained, *rest, n_iter=n_iter, lr=lr), trained, *rest[1:])
        seen |= {f"history {number}": found["history"], f"final {number}": trained.gain.detach().clone()}
    return seen
