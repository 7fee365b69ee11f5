"""Probes of `SpectralLoss`. This text is sent into the sandbox: questions, no answers."""
import torch


def make(notebook, power, how):
    SpectralLoss = notebook["SpectralLoss"]
    if how == "default":
        return SpectralLoss()
    return SpectralLoss(power) if how == "position" else SpectralLoss(power=power)


def value(notebook, x, y, power=1, how="default"):
    loss_fn = make(notebook, power, how)
    loss = loss_fn(x, y)
    return {"loss": loss, "x": x, "y": y,
            "learnable": sum(parameter.numel() for parameter in loss_fn.parameters() if parameter.requires_grad)}


def gradient(notebook, x, y, power=1, how="default"):
    x.requires_grad_()
    make(notebook, power, how)(x, y).backward()
    return {"gradient": x.grad}


def landscape(notebook, gains, source, target):
    loss_fn = notebook["SpectralLoss"]()
    return {"values": torch.stack([loss_fn(gain * source, target).detach().reshape(()) for gain in gains])}
