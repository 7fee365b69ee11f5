"""Settings of the whole process that a cell leaves behind: read before a check cell, put back before a question.

A student may switch gradients off for the last plots, or turn warnings into errors to find one. The answer was right
where its check cell stands, so the grader's questions are asked under the settings that stood there.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import locale
import os
import random
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import overrides
from torch.nn.modules import module as torch_modules
from torch.optim import optimizer as torch_optimizers

TINY = 5e-324  # times 1 it is 0 where denormal numbers are flushed to zero
LIMITS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_STACK,
)
ALARMS = (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF)
SIGNALS = (*ALARMS, signal.SIGINT, signal.SIGTERM, signal.SIGFPE)
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
# torch's function modes, without types there
_stack: Callable[[], list[Any]] = overrides._get_current_function_mode_stack
_pop: Callable[[], Any] = overrides._pop_mode
_push: Callable[[Any], None] = overrides._push_mode


class Setting(NamedTuple):
    """How one setting is read and how it is put back. What `read` gives does not change later."""

    read: Callable[[], Any]
    write: Callable[[Any], object]


class Settings:
    """The settings that stand when this is made; that takes about 0.1 ms."""

    def __init__(self) -> None:
        self._values = _read(SETTINGS)
        self._draws = _read(GENERATORS)

    def put_back(self) -> None:
        """Puts back what has changed since, and stops alarms."""
        for timer in TIMERS:
            signal.setitimer(timer, 0)
        for alarm in ALARMS:
            signal.signal(alarm, signal.SIG_IGN)  # also drops one that has rung and was not heard yet
        for setting, value in self._values:
            with contextlib.suppress(Exception):  # one that cannot be put back is no reason to lose the others
                if _differs(setting, value):
                    setting.write(value)

    def put_back_draws(self) -> None:
        """The generators of random numbers go on from where they were."""
        for setting, value in self._draws:
            with contextlib.suppress(Exception):
                setting.write(value)


def _read(settings: tuple[Setting, ...]) -> list[tuple[Setting, Any]]:
    """What can be read: student code may have broken the function that tells."""
    found = []
    for setting in settings:
        with contextlib.suppress(Exception):
            found.append((setting, setting.read()))
    return found


def _differs(setting: Setting, value: Any) -> bool:
    try:
        return bool(setting.read() != value)
    except Exception:  # the working folder is gone, say
        return True


def _inference(on: bool) -> None:
    torch.inference_mode(on).__enter__()  # never left: the innermost one counts


def _modes() -> tuple[Any, ...]:
    """torch's function modes; the default device is one, and is noted in a second place."""
    return (*_stack(), getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None))


def _set_modes(modes: tuple[Any, ...]) -> None:
    *stack, device = modes
    for _ in _stack():
        _pop()
    for mode in stack:
        _push(mode)
    torch._GLOBAL_DEVICE_CONTEXT.device_context = device


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _set_deterministic(value: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(value[0], warn_only=value[1])


def _autocast() -> tuple[bool, torch.dtype, bool]:
    return torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"), torch.is_autocast_cache_enabled()


def _set_autocast(value: tuple[bool, torch.dtype, bool]) -> None:
    torch.set_autocast_enabled("cpu", value[0])
    torch.set_autocast_dtype("cpu", value[1])
    torch.set_autocast_cache_enabled(value[2])


def _anomaly() -> tuple[bool, bool]:
    return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()


def _conversion() -> tuple[bool, bool]:
    """How `module.double()` changes its parameters."""
    return (
        torch.__future__.get_overwrite_module_params_on_conversion(),
        torch.__future__.get_swap_module_params_on_conversion(),
    )


def _set_conversion(value: tuple[bool, bool]) -> None:
    torch.__future__.set_overwrite_module_params_on_conversion(value[0])
    torch.__future__.set_swap_module_params_on_conversion(value[1])


def _hooks_of(module: ModuleType) -> Setting:
    """The hooks that are called for every torch module, or for every optimiser."""
    tables = [table for name, table in vars(module).items() if name.startswith("_global_") and isinstance(table, dict)]

    def write(value: list[list[tuple[Any, Any]]]) -> None:
        for table, items in zip(tables, value, strict=True):
            table.clear()
            table.update(items)

    return Setting(lambda: [list(table.items()) for table in tables], write)


def _set_filters(filters: list[Any]) -> None:
    warnings.filters[:] = filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _environment() -> dict[str, str]:
    return dict(os.environ)


def _set_environment(value: dict[str, str]) -> None:
    for name in set(os.environ) - set(value):
        del os.environ[name]
    os.environ.update(value)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _attributes(module: ModuleType, *names: str) -> Setting:
    def write(value: list[Any]) -> None:
        for name, it in zip(names, value, strict=True):
            setattr(module, name, it)

    return Setting(lambda: [getattr(module, name) for name in names], write)


def _set_path(value: list[str]) -> None:
    sys.path[:] = value


def _set_collecting(on: bool) -> None:
    (gc.enable if on else gc.disable)()


def _decimals() -> tuple[Any, ...]:
    now = decimal.getcontext()
    return (
        now.prec,
        now.rounding,
        now.Emin,
        now.Emax,
        now.capitals,
        now.clamp,
        [],
        [trap for trap, on in now.traps.items() if on],
    )


def _signals() -> list[Any]:
    return [signal.getsignal(number) for number in SIGNALS]


def _set_signals(value: list[Any]) -> None:
    for number, action in zip(SIGNALS, value, strict=True):
        if action is not None:
            signal.signal(number, action)


def _limits() -> list[int]:
    return [resource.getrlimit(what)[0] for what in LIMITS]


def _set_limits(value: list[int]) -> None:
    for what, soft in zip(LIMITS, value, strict=True):
        resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))


SETTINGS = (
    Setting(sys.getrecursionlimit, sys.setrecursionlimit),
    Setting(sys.gettrace, sys.settrace),
    Setting(sys.getprofile, sys.setprofile),
    Setting(_limits, _set_limits),
    Setting(_signals, _set_signals),
    Setting(torch.is_inference_mode_enabled, _inference),
    Setting(torch.is_grad_enabled, torch._C._set_grad_enabled),
    Setting(_modes, _set_modes),
    Setting(torch.get_default_dtype, torch.set_default_dtype),
    Setting(_deterministic, _set_deterministic),
    Setting(_autocast, _set_autocast),
    Setting(_anomaly, lambda value: torch.set_anomaly_enabled(*value)),
    Setting(_conversion, _set_conversion),
    Setting(torch.get_num_threads, torch.set_num_threads),
    Setting(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    Setting(torch._C._get_mkldnn_enabled, torch._C._set_mkldnn_enabled),
    Setting(lambda: TINY * 1.0 == 0, torch.set_flush_denormal),
    Setting(torch.is_warn_always_enabled, torch.set_warn_always),
    _hooks_of(torch_modules),
    _hooks_of(torch_optimizers),
    Setting(np.geterr, lambda value: np.seterr(**value)),
    Setting(np.geterrcall, np.seterrcall),
    Setting(lambda: list(warnings.filters), _set_filters),
    _attributes(warnings, "showwarning"),
    _attributes(sys, "stdout", "stderr", "displayhook"),
    Setting(sys.getswitchinterval, sys.setswitchinterval),
    Setting(sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    Setting(lambda: list(sys.path), _set_path),
    Setting(gc.isenabled, _set_collecting),
    Setting(os.getcwd, os.chdir),
    Setting(_environment, _set_environment),
    Setting(_umask, os.umask),
    Setting(lambda: locale.setlocale(locale.LC_ALL), lambda value: locale.setlocale(locale.LC_ALL, value)),
    Setting(_decimals, lambda value: decimal.setcontext(decimal.Context(*value))),
)
GENERATORS = (
    Setting(random.getstate, random.setstate),
    Setting(np.random.get_state, np.random.set_state),
    Setting(torch.get_rng_state, torch.set_rng_state),
)
