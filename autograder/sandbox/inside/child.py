"""What runs in a forked child: the student's cells, then the grader's probes."""

from __future__ import annotations

import builtins
import getpass
import os
import random
import resource
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

# Names of their own: student code may give torch.from_numpy and its like another meaning.
from numpy import array as new_array
from torch import Tensor, from_numpy

from autograder.sandbox.inside import lent, wire
from autograder.sandbox.inside.settings import ALARMS, Settings
from autograder.sandbox.inside.shell import CollectingShell, Outputs, Stream, no_input
from autograder.sandbox.inside.walls import Walls, limit, raise_walls

ANSWER_CAP = 32 * 2**20  # bytes of arrays in one answer
HISTORY = ("In", "Out")  # names of IPython's own, beside those that begin with an underscore
TEXT_CAP = 500  # characters of a student's error message that are kept


class Undefined(Exception):
    """A probe asked for a name that the notebook does not define."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Notebook:
    """What the student's notebook has defined, by name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Any:
        try:
            return self._names[name]
        except KeyError:
            raise Undefined(name) from None


def main(sock: socket.socket, shell: CollectingShell, scratch: str, memory: int, walls: Walls) -> None:
    """Serves one judge until the socket closes. Runs right after the fork and never returns to the template."""
    _settle(sock, scratch)
    try:
        limit(memory, walls.uid)
        raise_walls(walls, scratch)
    except OSError as error:
        wire.send(sock, {"op": "open", "why": str(error)})
        return
    wire.send(sock, {"op": "ready"})
    probes: dict[str, dict[str, Any]] = {}
    settings = _SettingsOfChecks()
    names = _Names(shell.user_ns)
    shell.begin_loop()
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")
    signal.pthread_sigmask(signal.SIG_BLOCK, ALARMS)  # an alarm rings while student code runs, not in this loop
    while True:
        try:
            message, arrays = wire.receive(sock)
        except wire.Closed:
            return
        started = time.perf_counter()
        if message["op"] == "cell":
            answer = _cell(shell, settings, message)
            names.look(message["number"])
            found: wire.Arrays = {}
        else:
            settings.put_back(message["exercise"])
            with shell.in_loop():
                answer, found = _probe(shell, probes, message, arrays)
            answer |= names.removed(answer)
        answer["id"] = message["id"]
        answer["seconds"] = time.perf_counter() - started
        wire.send(sock, answer, found)


def _settle(sock: socket.socket, scratch: str) -> None:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    keep = sock.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.chdir(scratch)
    os.environ.update(HOME=scratch, TMPDIR=scratch, PWD=scratch)
    tempfile.tempdir = None  # found anew when it is needed: the scratch of this child
    random.seed(0)  # Python's own generator is seeded anew by a fork; the others keep the template's seed
    sys.path.append("")  # files that cells write can be imported, and shadow nothing
    builtins.input = getpass.getpass = no_input


class _SettingsOfChecks:
    """The settings that stood before the check cell of each exercise ran."""

    def __init__(self) -> None:
        self._known: dict[str, Settings] = {}
        self._asked = ""

    def note(self, exercise: str) -> None:
        self._known[exercise] = Settings()

    def put_back(self, exercise: str) -> None:
        """For the next question of this exercise; random numbers go on from question to question."""
        if exercise in self._known:
            self._known[exercise].put_back()
            if exercise != self._asked:
                self._known[exercise].put_back_draws()
        self._asked = exercise


class _Names:
    """Which cell has removed a name that an earlier one had defined."""

    def __init__(self, defined: dict[str, Any]) -> None:
        self._defined = defined
        self._known: set[str] = set()
        self._removed_by: dict[str, int] = {}

    def look(self, number: int) -> None:
        """After the cell of this number."""
        now = {name for name in self._defined if isinstance(name, str)}
        self._removed_by.update(dict.fromkeys(self._known - now, number))
        self._known = now

    def removed(self, answer: wire.Message) -> wire.Message:
        """What to add to an answer that says a name is not defined."""
        name = answer.get("name")
        return {"removed_by": self._removed_by[name]} if name in self._removed_by else {}


def _cell(shell: CollectingShell, settings: _SettingsOfChecks, message: wire.Message) -> wire.Message:
    """Runs a cell. `checks` names the exercise that it is the check cell of; `source` is empty where it is skipped.

    Where it `only_adds`, names that were there before keep their values; where it `undoes_settings`, so do settings.
    """
    if message["checks"]:
        settings.note(message["checks"])
    names = dict(shell.user_ns) if message["only_adds"] else {}
    before = Settings() if message["undoes_settings"] else None
    outputs = _ran(shell, message["source"]) if message["source"] else Outputs()
    shell.user_ns.update((name, value) for name, value in names.items() if name not in HISTORY and name[0] != "_")
    if before:
        before.put_back()
    return {"op": "ran", "outputs": outputs.items}


def _ran(shell: CollectingShell, source: str) -> Outputs:
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ALARMS)
        return shell.run(source)
    except BaseException as error:  # an alarm of an earlier cell, between two cells
        shell.collected.error(type(error).__name__, _short(error), [f"{type(error).__name__}: {_short(error)}"])
        return shell.collected
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ALARMS)


def _probe(
    shell: CollectingShell, probes: dict[str, dict[str, Any]], message: wire.Message, arrays: wire.Arrays
) -> tuple[wire.Message, wire.Arrays]:
    shell.collected = Outputs(text=0, rich=0)
    exercise = message["exercise"]
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ALARMS)
        if exercise not in probes:
            names = lent.names()
            exec(compile(message["source"], "<grader>", "exec"), names)
            probes[exercise] = names
        asked = probes[exercise][message["probe"]]
        notebook, values = Notebook(shell.user_ns), message["values"]
        if isinstance(values, dict):
            return _answer({"": asked(notebook, **values, **_given(arrays, ""))})
        return _answer(
            {
                f"{number} ": asked(notebook, **each, **_given(arrays, f"{number} "))
                for number, each in enumerate(values)
            }
        )
    except Undefined as error:
        return {"op": "undefined", "name": error.name}, {}
    except BaseException as error:  # SystemExit and KeyboardInterrupt of student code are its own doing too
        return {
            "op": "raised",
            "error": type(error).__name__[:TEXT_CAP],
            "message": _short(error),
            "traceback": "".join(traceback.format_exception(error))[-4000:],
        }, {}
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ALARMS)


def _given(arrays: wire.Arrays, before: str) -> dict[str, Tensor]:
    """The arrays of one question, as tensors of their own."""
    return {
        name.removeprefix(before): from_numpy(new_array(array))
        for name, array in arrays.items()
        if name.startswith(before)
    }


def _short(error: BaseException) -> str:
    try:
        return str(error)[:TEXT_CAP]
    except BaseException:
        return ""


def _answer(each: dict[str, dict[str, Any]]) -> tuple[wire.Message, wire.Arrays]:
    """`each`: what was observed, by what stands before its names; nothing does where one question was asked."""
    values: dict[str, Any] = {}
    arrays: wire.Arrays = {}
    for before, observed in each.items():
        found = dict(_arrays(observed))
        arrays |= {before + name: array for name, array in found.items()}
        plain = {name: value for name, value in observed.items() if name not in found}
        values |= {before.strip(): plain} if before else plain
    if sum(array.nbytes for array in arrays.values()) > ANSWER_CAP:
        raise ValueError("the result is too large")
    answer = {"op": "observed", "values": values}
    wire.encode(answer)  # what is not JSON is an error of this answer, not the end of the child
    return answer, arrays


def _arrays(observed: dict[str, Any]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    for name, value in observed.items():
        if isinstance(value, Tensor):
            tensor = value.detach().cpu()
            if tensor.is_complex():
                raise TypeError("the result is complex, a real tensor is needed")
            if tensor.is_floating_point() and tensor.dtype is not torch.float64:
                tensor = tensor.float()
            elif not tensor.is_floating_point() and tensor.dtype is not torch.bool:
                tensor = tensor.long()
            yield name, tensor.resolve_neg().numpy()
        elif isinstance(value, float):
            yield name, new_array(value, dtype=np.float64)
