"""torch and what else probes are written with, as it stood before student code ran.

A student may write `torch.nn.L1Loss = torch.nn.MSELoss`, or define another `sum` for all modules. That is theirs to do,
and harms only what uses it. Probes, and the losses and models that they lend, get their names from copies of the
modules, made in the template process.
"""

from __future__ import annotations

import builtins
import importlib
import types
from typing import Any

MODULES = (
    "copy",
    "functools",
    "itertools",
    "math",
    "numpy",
    "torch",
    "torch.autograd",
    "torch.fft",
    "torch.linalg",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils",
    "torch.optim",
)


def copied(name: str) -> types.ModuleType:
    """A module of its own with all that module `name` has now."""
    found = importlib.import_module(name)
    made = types.ModuleType(name, found.__doc__)
    vars(made).update(vars(found))
    return made


def copies() -> dict[str, types.ModuleType]:
    """The modules by name; what is reached from one of them, as torch.nn is from torch, is a copy too."""
    made = {name: copied(name) for name in MODULES}
    for name, module in made.items():
        for other, inner in made.items():
            if other.rpartition(".")[0] == name:
                setattr(module, other.rpartition(".")[2], inner)
    return made


_COPIES = copies()
_BUILTINS = dict(vars(builtins))
_import = builtins.__import__


def _lend(name: str, names: Any = None, inner: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    """`import` in a probe. Whatever is not among the copies is imported as it is now."""
    if level == 0 and name in _COPIES:
        return _COPIES[name] if fromlist else _COPIES[name.partition(".")[0]]
    return _import(name, names, inner, fromlist, level)


def names() -> dict[str, Any]:
    """The names that the text of a probe begins with."""
    made = types.ModuleType("probe").__dict__
    made["__builtins__"] = {**_BUILTINS, "__import__": _lend}
    return made
