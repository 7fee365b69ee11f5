"""Probe of `estimate_gain`. This text is sent into the sandbox: a question, no answer."""

import torch


def estimate(notebook, source, target, **keywords):
    found = notebook["estimate_gain"](source, target, **keywords)
    return {
        "float": isinstance(found, float),
        "estimate": found if isinstance(found, (float, torch.Tensor)) else type(found).__name__,
    }
