"""Probes of `loss_landscape` and `estimate_gain_l1`. This text is sent into the sandbox: questions, no answers."""

import torch


def estimate(notebook, source, target, **keywords):
    found = notebook["estimate_gain_l1"](source, target, **keywords)
    return {
        "float": isinstance(found, float),
        "estimate": found if isinstance(found, (float, torch.Tensor)) else type(found).__name__,
    }


def landscape(notebook, kind, gains, source, target, weight=None, tilt=None, silent=False):
    """`silent`: no gradients are recorded."""
    losses = {
        "l1": lambda estimate, target: (estimate - target).abs().mean(),
        "mse": lambda estimate, target: ((estimate - target) ** 2).mean(),
        "esr": lambda estimate, target: ((estimate - target) ** 2).sum() / (target**2).sum(),
        "drawn": lambda estimate, target: (weight * (estimate - target) ** 2 + tilt * estimate).mean(),
    }
    with torch.set_grad_enabled(not silent and torch.is_grad_enabled()):
        values = notebook["loss_landscape"](losses[kind], gains, source, target)
    return {
        "values": values if isinstance(values, torch.Tensor) else type(values).__name__,
        "source": source,
        "target": target,
        "gains": gains,
    }
