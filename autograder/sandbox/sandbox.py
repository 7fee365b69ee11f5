"""The judge's handle on a template process and on the children it forks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from autograder.errors import GraderFault
from autograder.sandbox import wire

START_SECONDS = 120.0  # a cold disk and a loaded machine; 3 to 5 s is usual
CONTROL_SECONDS = 30.0
MESSAGE_CAP = 65536


class SandboxFault(GraderFault):
    """The template process died, stayed silent or could not start."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds of wall time, bytes of memory beyond the template's own."""

    cell: float = 60.0
    question: float = 10.0
    submission: float = 120.0
    memory: int = 2 * 2**30


class Sandbox:
    """One template process, replaced when it fails. Use as a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._root = ""
        self.facts: dict[str, Any] = {}

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the template process and waits until it is warm. Raises `SandboxFault`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._root = tempfile.mkdtemp(prefix="autograder-")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "autograder.sandbox.template", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env=_environment(self._root), cwd=self._root,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._control = ours
        try:
            self.facts = self._listen(START_SECONDS)
        except SandboxFault as error:
            why = self._last_words()
            self.close()
            raise SandboxFault(f"{error} {why}".strip()) from error
        if self.facts.get("op") != "ready":
            self.close()
            raise SandboxFault(f"The sandbox could not start: {self.facts.get('why')}")

    def fork(self, limits: Limits) -> Child:
        """A fresh child with nothing of any submission in it. Raises `SandboxFault`."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._say({"op": "fork", "memory": limits.memory}, [theirs.fileno()])
        try:
            return Child(self, ours, self._listen(CONTROL_SECONDS)["pid"])
        except SandboxFault:
            ours.close()
            raise

    def end(self, pid: int) -> int:
        """Kills a child for sure, wipes its scratch; its exit code (negative: the signal)."""
        self._say({"op": "end", "pid": pid})
        return int(self._listen(CONTROL_SECONDS)["status"])

    def restart(self) -> None:
        self.close()
        self.start()

    def close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
        if self._root:
            shutil.rmtree(self._root, ignore_errors=True)
        self._control = self._process = None
        self._root = ""

    def _say(self, message: dict[str, Any], fds: list[int] | None = None) -> None:
        if self._control is None:
            raise SandboxFault("The template process is not running.")
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], fds or [])
        except OSError as error:
            raise SandboxFault("The template process died.") from error

    def _listen(self, seconds: float) -> dict[str, Any]:
        if self._control is None:
            raise SandboxFault("The template process is not running.")
        self._control.settimeout(seconds)
        try:
            data = self._control.recv(MESSAGE_CAP)
        except TimeoutError as error:
            raise SandboxFault(f"The template process was silent for {seconds:g} s.") from error
        except OSError as error:
            raise SandboxFault("The template process died.") from error
        if not data:
            raise SandboxFault("The template process died.")
        message: dict[str, Any] = json.loads(data)
        return message

    def _last_words(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        self._process.kill()
        return self._process.stderr.read()[-2000:].decode(errors="replace")


class Child:
    """A forked child and the socket to it."""

    def __init__(self, sandbox: Sandbox, sock: socket.socket, pid: int) -> None:
        self._sandbox = sandbox
        self._sock = sock
        self._pid = pid

    def ask(self, message: wire.Message, arrays: wire.Arrays, seconds: float) -> tuple[wire.Message, wire.Arrays]:
        """One question, one answer. Raises `wire.Late`, `wire.Closed` or `wire.Malformed`."""
        token = secrets.token_hex(8)
        wire.send(self._sock, {**message, "id": token}, arrays, seconds)
        answer, found = wire.receive(self._sock, seconds)
        if answer.get("id") != token:
            raise wire.Malformed("an answer that nobody asked for")
        return answer, found

    def end(self) -> int:
        self._sock.close()
        return self._sandbox.end(self._pid)


def _environment(root: str) -> dict[str, str]:
    """Nothing of the grader's own environment but what programs need to start."""
    return {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "USER": "student", "LOGNAME": "student",
        "HOME": root, "TMPDIR": root, "MPLCONFIGDIR": os.path.join(root, "matplotlib"), "IPYTHONDIR": root,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "NBGRADER_EXECUTION": "autograde",
    }
