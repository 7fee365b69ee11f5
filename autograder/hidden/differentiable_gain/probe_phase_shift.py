"""Probes of `loss_landscape` and of `l1_estimate`. This text is sent into the sandbox: questions, no answers."""
import torch


def estimate(notebook):
    found = notebook["l1_estimate"]
    return {"float": isinstance(found, float), "kind": type(found).__name__,
            "estimate": float(found) if isinstance(found, float) else None}


def landscape(notebook, kind, gains, source, target, weight=None, tilt=None):
    losses = {
        "l1": torch.nn.L1Loss(),
        "mse": torch.nn.MSELoss(),
        "esr": lambda estimate, target: ((estimate - target) ** 2).sum() / (target ** 2).sum(),
        "drawn": lambda estimate, target: (weight * (estimate - target) ** 2 + tilt * estimate).mean(),
    }
    values = notebook["loss_landscape"](losses[kind], gains, source, target)
    return {"values": values if isinstance(values, torch.Tensor) else type(values).__name__,
            "source": source, "target": target, "gains": gains}
