"""An IPython shell whose outputs are collected as notebook outputs, bounded in size."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import platform
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox.inside.compiler import Compiler
from autograder.sandbox.inside.kernel import WITHOUT_SCREEN, Loop
from autograder.sandbox.inside.newer import accepted_from, added_in

TEXT_CAP = 100_000  # characters of text kept of one cell
RICH_CAP = 4 * 2**20  # bytes of figures, sound and HTML kept of one cell
OUTPUTS_CAP = 200  # outputs kept of one cell
CUT = "\n... the rest of this output was cut ...\n"


class Outputs:
    """The outputs of one cell, in notebook format, within the caps."""

    def __init__(self, text: int = TEXT_CAP, rich: int = RICH_CAP) -> None:
        self.items: list[dict[str, Any]] = []
        self._text_left = text
        self._rich_left = rich

    def stream(self, name: str, text: str) -> None:
        if self._text_left <= 0:
            return
        if len(text) > self._text_left:
            text = text[: self._text_left] + CUT
        self._text_left -= len(text)
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last.get("name") == name:
            last["text"] += text
        else:
            self._add({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any], **more: Any) -> None:
        bundle = {mime: _plain(value) for mime, value in data.items()}
        try:
            size = len(json.dumps([bundle, metadata], allow_nan=False))
        except (TypeError, ValueError):  # not JSON: shown as what it looks like
            bundle, metadata = {"text/plain": repr(bundle)[:TEXT_CAP]}, {}
            size = len(bundle["text/plain"])
        if size > self._rich_left:
            bundle = {"text/plain": CUT.strip()}
            metadata = {}
        else:
            self._rich_left -= size
        self._add({"output_type": kind, "data": bundle, "metadata": metadata or {}, **more})

    def error(self, name: str, value: str, lines: list[str]) -> None:
        self.items.append(
            {
                "output_type": "error",
                "ename": name[:200],
                "evalue": value[:2000],
                "traceback": [line[:4000] for line in lines[-60:]],
            }
        )  # past the cap, too

    def clear(self) -> None:
        self.items.clear()

    def _add(self, item: dict[str, Any]) -> None:
        if len(self.items) < OUTPUTS_CAP:
            self.items.append(item)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class Stream(io.TextIOBase):
    """Stands for sys.stdout and sys.stderr while cells run. What is written to its descriptor goes nowhere."""

    encoding = "UTF-8"
    errors = "replace"
    closed = False
    parent_header: dict[str, Any] = {}  # noqa: RUF012 - as ipykernel's, where notebooks look for it

    def __init__(self, shell: CollectingShell, name: str) -> None:
        super().__init__()
        self._shell = shell
        self.name = name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.collected.stream(self.name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2


class CollectingPublisher(DisplayPublisher):  # type: ignore[misc]
    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        self.shell.collected.rich("display_data", data, metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.collected.clear()


class CollectingHook(DisplayHook):  # type: ignore[misc]
    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.collected.rich("execute_result", format_dict, md_dict or {}, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        pass


class _NoDatabase(dict[str, Any]):
    """Stands for IPython's small database: what is not there can be deleted."""

    def __delitem__(self, key: str) -> None:
        self.pop(key, None)


class CollectingShell(InteractiveShell):  # type: ignore[misc]
    """A full IPython shell: magics, `display`, figures, top-level await. No history file, no programs."""

    compiler_class = Compiler
    parent_header: dict[str, Any] = {}  # noqa: RUF012 - as in a kernel

    def __init__(self, **kwargs: Any) -> None:
        self.collected = Outputs()
        self.loop: Loop | None = None  # from where student code begins to run
        self._prepared: dict[str, str] = {}  # cells, and what IPython's transformers make of them
        self._awaits: dict[str, bool] = {}  # what they make of them, and whether it has an await outside of functions
        super().__init__(
            config=_config(), displayhook_class=CollectingHook, display_pub_class=CollectingPublisher, **kwargs
        )
        self.set_hook("show_in_pager", lambda shell, data, start=0, screen_lines=0, pager_cmd=None: None)
        self.autoawait = True
        self.db = _NoDatabase()  # of this process alone: where IPython keeps it, a child may not write
        self.kernel = types.SimpleNamespace(shell=self, session=None, do_shutdown=lambda restart=False: {})
        self._transformers = self._all_transformers()
        for name in ("conda", "mamba", "micromamba"):  # IPython's raise an error outside of a conda environment
            self.register_magic_function(lambda line, name=name: self.system(f"{name} {line}"), "line", name)

    def init_history(self) -> None:
        super().init_history()
        self.history_manager.enabled = False

    def enable_gui(self, gui: str | None = None) -> None:
        pass

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """`%matplotlib`: what wants a screen, or a package that is not here, is the inline back end."""
        self.pylab_gui_select = None
        found: tuple[str | None, str] = super().enable_matplotlib(
            gui if gui is None or gui.casefold() in WITHOUT_SCREEN else "inline"
        )
        return found

    @contextlib.contextmanager
    def in_loop(self) -> Iterator[None]:
        """Student code finds a running event loop, once there is one."""
        with self.loop.running() if self.loop else contextlib.nullcontext():
            yield

    def begin_loop(self) -> None:
        """An event loop of this process's own, for all cells and questions that come."""
        self.loop = Loop()
        self.loop_runner = self.loop.run

    def ask_exit(self) -> None:
        self.exit_now = False

    def system(self, cmd: str) -> None:
        self.user_ns["_exit_code"] = 127
        self.collected.stream("stderr", f"Other programs cannot be run while a notebook is graded: {cmd}\n")

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        self.system(cmd)
        return [] if split else ""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.collected.error(str(getattr(etype, "__name__", etype)), _text(evalue), [str(line) for line in stb])

    def showtraceback(self, exc_tuple: Any = None, *arguments: Any, **keywords: Any) -> None:
        error = exc_tuple[1] if exc_tuple else sys.exc_info()[1]
        if isinstance(error, RecursionError):  # IPython would look at every frame, for seconds
            self.collected.error(type(error).__name__, _text(error), traceback.format_exception(error, limit=5))
        else:
            super().showtraceback(exc_tuple, *arguments, **keywords)

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **__: Any) -> dict[str, Any]:
        """For a history that is not kept. IPython would work out the traceback, all of it, once more."""
        return {"ename": type(exception).__name__, "evalue": _text(exception), "traceback": []}

    def show_usage_error(self, exc: Any) -> None:
        self.collected.error("UsageError", _text(exc), [f"UsageError: {_text(exc)}"])

    def prepare(self, cells: Iterable[str]) -> None:
        """Does now what running these cells will take, and what does not depend on student code."""
        for cell in cells:
            if len(cell.splitlines()) < 2:  # what a single line means depends on what is defined
                continue
            try:
                transformed = super().transform_cell(cell)
                self.compile.prepare(transformed, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            except (SyntaxError, ValueError):  # that is said where the cell runs
                continue
            self._prepared[cell] = transformed
            self._awaits[transformed] = super().should_run_async(cell, transformed_cell=transformed)

    def transform_cell(self, raw_cell: str) -> str:
        if raw_cell in self._prepared and self._all_transformers() == self._transformers:
            return self._prepared[raw_cell]
        return str(super().transform_cell(raw_cell))

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: str | None = None, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """IPython compiles the whole cell to find out."""
        if self.autoawait and preprocessing_exc_tuple is None and transformed_cell in self._awaits:
            return self._awaits[transformed_cell]
        return bool(
            super().should_run_async(
                raw_cell, transformed_cell=transformed_cell, preprocessing_exc_tuple=preprocessing_exc_tuple
            )
        )

    def transform_ast(self, node: ast.Module) -> ast.Module:
        if self.ast_transformers:  # student code has registered them: what was compiled before does not count
            for statement in node.body:
                vars(statement).pop("compiled", None)
        tree: ast.Module = super().transform_ast(node)
        return tree

    def _all_transformers(self) -> list[Any]:
        manager = self.input_transformer_manager
        return [
            *manager.cleanup_transforms,
            *manager.line_transforms,
            *manager.token_transformers,
            *self.input_transformers_post,
        ]

    def run(self, source: str) -> Outputs:
        """Runs one cell and gives its outputs."""
        self.collected = Outputs()
        with self.in_loop():
            outcome = self.run_cell(source, store_history=True)
            if self.loop:
                self.loop.idle()
        error = outcome.error_before_exec or outcome.error_in_exec
        shown = any(item["output_type"] == "error" for item in self.collected.items)
        if error is not None and not shown and not isinstance(error, UsageError):
            self.collected.error(type(error).__name__, _text(error), [f"{type(error).__name__}: {_text(error)}"])
        if error is not None:
            self._say_if_newer(source, error)
        return self.collected

    def _say_if_newer(self, source: str, error: BaseException) -> None:
        """Adds to the error of a cell that a newer Python would not make it, where that is so."""
        version = ""
        if isinstance(error, SyntaxError):
            with contextlib.suppress(Exception):
                source = super().transform_cell(source)
            version = accepted_from(source)
        elif isinstance(error, ImportError | AttributeError):
            version = added_in(_text(error))
        told = next((item for item in reversed(self.collected.items) if item["output_type"] == "error"), None)
        if version and told:
            sentence = f"Python {version} accepts this; Python {'.'.join(platform.python_version_tuple()[:2])} grades."
            told["evalue"] += f" {sentence}"
            told["traceback"].append(sentence)


# Notebooks ask by these names whether they run in Jupyter.
CollectingShell.__name__ = CollectingShell.__qualname__ = "ZMQInteractiveShell"
CollectingShell.__module__ = "ipykernel.zmqshell"


def no_input(*_: Any, **__: Any) -> str:
    """Stands for `input` and `getpass.getpass`."""
    raise EOFError("There is no input while a notebook is graded.")


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return "(an error without a readable message)"


def _config() -> Config:
    config = Config()
    config.IPKernelApp.parent_appname = "ipython-notebook"
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.show_rewritten_input = False
    return config
