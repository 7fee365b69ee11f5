"""Probes of `SpectralLoss`. This text is sent into the sandbox: questions, no answers."""

import copy

import torch


def make(notebook, power, how):
    SpectralLoss = notebook["SpectralLoss"]
    if how == "default":
        return SpectralLoss()
    return SpectralLoss(power) if how == "position" else SpectralLoss(power=power)


def value(notebook, x, y, power=1, how="default"):
    loss_fn = make(notebook, power, how)
    loss = loss_fn(x, y)
    return {
        "loss": loss,
        "x": x,
        "y": y,
        "learnable": sum(parameter.numel() for parameter in loss_fn.parameters() if parameter.requires_grad),
    }


def gradient(notebook, x, y, power=1, how="default", evaluation=False):
    x.requires_grad_()
    make(notebook, power, how).train(not evaluation)(x, y).backward()
    return {"gradient": x.grad}


def again(notebook, power, other, x1, y1, x2, y2, x3, y3):
    """One loss asked in turn for several pairs, beside a second one with another power, and in every mode.

    The fourth answer is for tensors that have been asked before and hold other numbers by then.
    """
    loss_fn, second = make(notebook, power, "keyword"), make(notebook, other, "position")
    plain = make(notebook, 1, "default")
    seen = {"1": loss_fn(x1, y1), "2": loss_fn(x2, y2), "3": loss_fn(x3, y3)}
    seen |= {"second": second(x1, y1), "plain": plain(x1, y1), "first": loss_fn(x1, y1)}
    loss_fn.eval()
    with torch.no_grad():
        seen["evaluated"] = loss_fn(x2, y2)
        kept = x2.clone(), y2.clone()
        x2.copy_(x1)
        y2.copy_(y1)
        seen["4"] = loss_fn(x2, y2)
    loss_fn.train()
    twin = copy.deepcopy(loss_fn)
    loaded = make(notebook, power, "keyword")
    loaded.load_state_dict(loss_fn.state_dict())
    seen |= {"twin": twin(*kept), "loaded": loaded(*kept)}
    seen["double"] = loss_fn.double()(kept[0].double(), kept[1].double())
    return seen


def landscape(notebook, gains, source, target):
    loss_fn = notebook["SpectralLoss"]()
    return {"values": torch.stack([loss_fn(gain * source, target).detach().reshape(()) for gain in gains])}
