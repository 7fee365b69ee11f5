"""What a notebook finds in a Jupyter kernel, beside IPython: a running event loop, plots wherever they are asked for.

`torch.compile` and the workers of a `DataLoader` are here too: they need a compiler and other processes, and neither
runs in the sandbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import importlib
import importlib.util
import sys
import threading
import time
import types
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
WITHOUT_SCREEN = frozenset({"agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "inline", INLINE.casefold()})
ELSEWHERE = frozenset({"widget", "ipympl", "module://ipympl.backend_nbagg"})  # need a package of their own
DYNAMO = "torch._dynamo"
TURNS = 20  # of the loop between two cells
IDLE_SECONDS = 0.1  # that background tasks get after a cell, at most
IDLE_TOTAL = 2.0  # s, of a whole notebook


class Loop:
    """The event loop of a notebook. Code of a cell finds it running, as in Jupyter, with or without an `await`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._idle_left = IDLE_TOTAL
        asyncio.set_event_loop(self._loop)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The loop counts as running; it turns while something is awaited, and between cells."""
        self._mark(True)
        try:
            yield
        finally:
            self._mark(False)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What the coroutine gives. Context variables (NumPy's error state, a decimal precision) keep what it sets."""
        context = contextvars.copy_context()
        task = self._loop.create_task(coroutine, context=context)
        self._mark(False)
        try:
            return self._loop.run_until_complete(task)
        finally:
            if not task.done():
                task.cancel()
            self._mark(True)
            for variable, value in context.items():
                if variable.get(None) is not value:
                    variable.set(value)

    def idle(self) -> None:
        """Lets tasks that a cell has left go on for a moment, as they do in Jupyter between two cells."""
        if asyncio.all_tasks(self._loop) or self._loop._ready:  # type: ignore[attr-defined]
            self._mark(False)
            self._loop.run_until_complete(self._rest())

    async def _rest(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        if tasks and self._idle_left > 0:
            started = time.monotonic()
            await asyncio.wait(tasks, timeout=min(IDLE_SECONDS, self._idle_left))
            self._idle_left -= time.monotonic() - started

    def _mark(self, running: bool) -> None:
        self._loop._thread_id = threading.get_ident() if running else None  # type: ignore[attr-defined]
        asyncio._set_running_loop(self._loop if running else None)


def plot_inline() -> None:
    """Back ends that want a screen, or a package that is not here, become the inline one instead of an error."""
    import matplotlib
    import matplotlib.pyplot as plt

    backend_registry = _registry()
    switch, valid, use = plt.switch_backend, backend_registry.is_valid_backend, matplotlib.use

    def switch_backend(newbackend: Any) -> None:
        switch(shown_here(newbackend))

    def is_valid_backend(backend: str) -> bool:
        return backend.casefold() in ELSEWHERE or bool(valid(backend))

    def use_backend(backend: str, *, force: bool = True) -> None:
        use(shown_here(backend), force=force)

    plt.switch_backend = switch_backend
    matplotlib.use = use_backend
    backend_registry.is_valid_backend = is_valid_backend


def shown_here(backend: Any) -> Any:
    """The back end that stands for this one: the inline one for all that exist and want a screen."""
    backend_registry = _registry()

    if not isinstance(backend, str) or backend.casefold() in WITHOUT_SCREEN:
        return INLINE if backend == "inline" else backend
    return INLINE if backend_registry.is_valid_backend(backend) else backend


class Dynamo(types.ModuleType):
    """Stands for `torch._dynamo`, the compiler's front end, until somebody asks it for more than the optimisers do.

    Each optimiser imports it to say that the compiler shall leave it alone. That takes a second, and no notebook that
    compiles nothing has a use for it. The import of one of its modules loads it, and so does every other name.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(DYNAMO) is self:
            del sys.modules[DYNAMO]
        return getattr(importlib.import_module(DYNAMO), name)

    def graph_break(self, msg: str = "") -> None:
        """Where a compiler would begin anew: nowhere."""

    def disable(self, fn: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Any:
        """Nothing is compiled here, so the function stays as it is."""
        return (lambda function: function) if fn is None else fn


def compile_nothing() -> None:
    """`torch.compile` gives what runs the same operations one by one; so does `Module.compile`."""
    import torch

    if DYNAMO not in sys.modules:
        stands = Dynamo(DYNAMO)
        spec = importlib.util.find_spec(DYNAMO)
        stands.__file__ = spec.origin if spec else None  # who looks through all modules for a file loads nothing
        sys.modules[DYNAMO] = torch._dynamo = stands

    def run_eagerly(model: Callable[..., Any] | None = None, **_: Any) -> Any:
        """Runs the same operations, one by one: the sandbox has no compiler."""
        from torch._dynamo.eval_frame import DisableContext

        return run_eagerly if model is None else DisableContext(wrapping=True)(model)

    torch.compile = run_eagerly


def load_here() -> None:
    """`DataLoader(..., num_workers=2)` loads in this process: no other starts in the sandbox."""
    from torch.utils.data import DataLoader

    begin = DataLoader.__init__

    @functools.wraps(begin)
    def begin_here(self: Any, *arguments: Any, **keywords: Any) -> None:
        begin(self, *arguments, **keywords)
        self.num_workers = 0
        self.timeout = 0  # s, to wait for a worker

    DataLoader.__init__ = begin_here  # type: ignore[method-assign]


def _registry() -> Any:
    from matplotlib.backends import registry

    return registry.backend_registry
