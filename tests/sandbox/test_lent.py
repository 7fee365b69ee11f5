"""Probes are written with torch as it stood before student code ran."""

import pytest
import torch

from autograder.sandbox.inside import lent

PROBE = """
import copy
import torch
from torch.nn import functional


def seen():
    return {"loss": torch.nn.L1Loss, "step": torch.optim.SGD, "function": functional.l1_loss, "sum": sum,
            "copy": copy.deepcopy, "tensor": torch.as_tensor}
"""


def test_a_probe_does_not_see_what_student_code_has_rebound(monkeypatch):
    """torch.nn.L1Loss = torch.nn.MSELoss harms only what uses it."""
    import builtins
    import copy

    usual = {
        "loss": torch.nn.L1Loss,
        "step": torch.optim.SGD,
        "function": torch.nn.functional.l1_loss,
        "sum": sum,
        "copy": copy.deepcopy,
        "tensor": torch.as_tensor,
    }
    monkeypatch.setattr(torch.nn, "L1Loss", torch.nn.MSELoss)
    monkeypatch.setattr(torch.optim, "SGD", None)
    monkeypatch.setattr(torch.nn.functional, "l1_loss", None)
    monkeypatch.setattr(torch, "as_tensor", None)
    monkeypatch.setattr(copy, "deepcopy", None)
    names = lent.names()
    with monkeypatch.context() as patched:
        patched.setattr(builtins, "sum", max)
        exec(PROBE, names)
        assert names["seen"]() == usual
    assert torch.nn.L1Loss is torch.nn.MSELoss


def test_what_is_not_lent_is_imported_as_it_is():
    names = lent.names()
    exec("import json.decoder\nimport os.path as path\nfrom numpy import sin", names)
    assert names["json"].decoder.JSONDecoder
    assert names["path"].sep == "/"
    with pytest.raises(ModuleNotFoundError):
        exec("import no_such_module", names)
