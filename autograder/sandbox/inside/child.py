"""What runs in a forked child: the student's cells, then the grader's probes."""

from __future__ import annotations

import builtins
import getpass
import os
import random
import resource
import socket
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from autograder.sandbox import wire
from autograder.sandbox.shell import CollectingShell, Outputs, Stream, no_input
from autograder.sandbox.walls import Walls, limit, raise_walls

ANSWER_CAP = 32 * 2**20  # bytes of arrays in one answer
TEXT_CAP = 500  # characters of a student's error message that are kept


class Undefined(Exception):
    """A probe asked for a name that the notebook does not define."""


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
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")
    while True:
        try:
            message, arrays = wire.receive(sock)
        except wire.Closed:
            return
        started = time.perf_counter()
        if message["op"] == "cell":
            answer = _cell(shell, message)
            found: wire.Arrays = {}
        else:
            answer, found = _probe(shell, probes, message, arrays)
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


def _cell(shell: CollectingShell, message: wire.Message) -> wire.Message:
    outputs = shell.run(message["source"])
    return {"op": "ran", "outputs": outputs.items}


def _probe(shell: CollectingShell, probes: dict[str, dict[str, Any]], message: wire.Message,
           arrays: wire.Arrays) -> tuple[wire.Message, wire.Arrays]:
    shell.collected = Outputs(text=0, rich=0)
    exercise = message["exercise"]
    try:
        if exercise not in probes:
            names = types.ModuleType("probe").__dict__
            exec(compile(message["source"], "<grader>", "exec"), names)
            probes[exercise] = names
        asked = probes[exercise][message["probe"]]
        notebook, values = Notebook(shell.user_ns), message["values"]
        if isinstance(values, dict):
            return _answer({"": asked(notebook, **values, **_given(arrays, ""))})
        return _answer({f"{number} ": asked(notebook, **each, **_given(arrays, f"{number} "))
                        for number, each in enumerate(values)})
    except Undefined as error:
        return {"op": "undefined", "name": str(error)}, {}
    except BaseException as error:  # SystemExit and KeyboardInterrupt of student code are its own doing too
        return {"op": "raised", "error": type(error).__name__[:TEXT_CAP], "message": _short(error),
                "traceback": "".join(traceback.format_exception(error))[-4000:]}, {}


def _given(arrays: wire.Arrays, before: str) -> dict[str, torch.Tensor]:
    """The arrays of one question, as tensors of their own."""
    return {name.removeprefix(before): torch.from_numpy(np.array(array)) for name, array in arrays.items()
            if name.startswith(before)}


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
        if isinstance(value, torch.Tensor):
            tensor = value.detach().cpu()
            if tensor.is_complex():
                raise TypeError("the result is complex, a real tensor is needed")
            if tensor.is_floating_point() and tensor.dtype is not torch.float64:
                tensor = tensor.float()
            elif not tensor.is_floating_point() and tensor.dtype is not torch.bool:
                tensor = tensor.long()
            yield name, tensor.resolve_neg().numpy()
        elif isinstance(value, float):
            yield name, np.array(value, dtype=np.float64)
