"""The judge's handle on a template process and on the children it forks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.limits import Limits
from autograder.errors import GraderFault
from autograder.sandbox import bubblewrap as outer
from autograder.sandbox.inside import wire
from autograder.sandbox.inside.scratch import wipe

PACKAGE = Path(__file__).resolve().parent.parent
START = (
    "import gc, sys; gc.disable(); sys.path.insert(0, sys.argv[1]); "  # and looks for no garbage before it is warm
    "from autograder.sandbox.inside.template import main; main()"
)
START_SECONDS = 120.0  # a cold disk and a loaded machine; 3 to 5 s is usual
CONTROL_SECONDS = 30.0
GIVEN_BACK = 3  # of a limit, at most, is added for what a child has waited for a free core
MESSAGE_CAP = 65536


class SandboxFault(GraderFault):
    """The template process died, stayed silent or could not start."""


class Sandbox:
    """One template process, replaced when it fails. Use as a context manager.

    `secrets` are folders that no child may read, wherever they lie; the kit itself is always one of them.
    `isolation`: "auto" raises all walls and fails without them, "none" leaves resource limits only. `outer` False
    leaves bubblewrap out, as on a system that has none. `cells` are compiled beforehand, for children to run, and
    `imports` are modules to import beforehand.
    """

    def __init__(
        self,
        secrets: Sequence[Path] = (),
        isolation: str = "auto",
        outer: bool = True,
        cells: Sequence[str] = (),
        imports: Sequence[str] = (),
    ) -> None:
        self._secrets = [str(PACKAGE), *(str(secret) for secret in secrets)]
        self._isolation = isolation
        self._outer = outer
        self._warm_up = {"cells": list(cells), "imports": list(imports)}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._root = ""
        self.facts: dict[str, Any] = {}
        self.cpu_seconds = 0.0  # of the template process and all children that have ended

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the template process and waits until it is warm. Raises `SandboxFault`."""
        if not sys.platform.startswith("linux"):
            raise SandboxFault(
                "Submissions are graded on Linux only, where student code can be confined. Use a Linux "
                "machine, a virtual machine, or WSL 2 on Windows."
            )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._root = tempfile.mkdtemp(prefix="autograder-")
        os.chmod(self._root, 0o711)  # children of root have a uid of their own, and pass through to their scratch
        with theirs, tempfile.TemporaryFile() as asked:
            asked.write(json.dumps({"isolation": self._isolation, "secrets": self._secrets, **self._warm_up}).encode())
            asked.seek(0)
            self._process = subprocess.Popen(
                self._command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                env=_environment(self._root),
                cwd=self._root,
                stdin=asked,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._control = ours
        try:
            self.facts = self._listen(START_SECONDS)
        except SandboxFault as error:
            why = self._last_words()
            self.close()
            raise SandboxFault(f"{error} {why}".strip()) from error
        if self.facts.get("op") != "ready":
            why = str(self.facts.get("why"))
            self.close()
            raise SandboxFault(f"The sandbox could not start: {why}")
        if self._wrapped:
            self.facts["isolation"].insert(0, "bubblewrap")

    def fork(self, limits: Limits) -> Child:
        """A fresh child with nothing of any submission in it. Raises `SandboxFault`."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._say({"op": "fork", "memory": limits.memory}, [theirs.fileno()])
            child = Child(self, ours, self._listen(CONTROL_SECONDS)["pid"])
        except SandboxFault:
            ours.close()
            raise
        child.wait_until_ready()
        return child

    def waited(self, pid: int) -> float:
        """How long a child has waited for a free core, in seconds. Raises `SandboxFault`."""
        self._say({"op": "waited", "pid": pid})
        return float(self._listen(CONTROL_SECONDS)["seconds"])

    def end(self, pid: int) -> tuple[int, float]:
        """Kills a child for sure and wipes its scratch.

        Gives its exit code (negative: the signal), and how long it has waited for a free core, in seconds.
        """
        self._say({"op": "end", "pid": pid})
        ended = self._listen(CONTROL_SECONDS)
        self.cpu_seconds = float(ended["cpu"])
        return int(ended["status"]), float(ended["waited"])

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
            wipe(self._root)
        self._control = self._process = None
        self._root = ""

    @property
    def _wrapped(self) -> bool:
        return self._isolation != "none" and self._outer and outer.works()

    def _command(self, fd: int) -> list[str]:
        wrap = outer.command(self._secrets, _environment(self._root), self._root) if self._wrapped else []
        kit = outer.KIT if self._wrapped else str(PACKAGE.parent)
        return [*wrap, sys.executable, "-I", "-c", START, kit, str(fd)]

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
        self._given_back = 0.0  # s of waiting for a core that have lengthened an earlier question

    def ask(self, message: wire.Message, arrays: wire.Arrays, seconds: float) -> tuple[wire.Message, wire.Arrays]:
        """One question, one answer within `seconds`, without those that the child waits for a free core.

        These count up to `GIVEN_BACK * seconds`: threads of its own make a child wait too. Raises `wire.Late`,
        `wire.Closed` or `wire.Malformed`.
        """
        token = secrets.token_hex(8)
        more = 0.0

        def waited() -> float:
            nonlocal more
            more = min(self.waited() - self._given_back, GIVEN_BACK * seconds)
            return more

        wire.send(self._sock, {**message, "id": token}, arrays, seconds)
        try:
            answer, found = wire.receive(self._sock, seconds, waited)
        finally:
            self._given_back += more
        if answer.get("id") != token:
            raise wire.Malformed("an answer that nobody asked for")
        if wire.pending(self._sock):
            raise wire.Malformed("more than an answer")
        return answer, found

    def wait_until_ready(self) -> None:
        """Returns when the walls are up. Raises `SandboxFault`: no student code has run then."""
        try:
            hello, _ = wire.receive(self._sock, CONTROL_SECONDS)
        except (wire.Late, wire.Closed, wire.Malformed) as error:
            self.end()
            raise SandboxFault("A child of the template process did not come up.") from error
        if hello.get("op") != "ready":
            self.end()
            raise SandboxFault(f"The walls could not be raised: {hello.get('why')}")

    def waited(self) -> float:
        """How long it has waited for a free core so far, in seconds. Raises `SandboxFault`."""
        return self._sandbox.waited(self._pid)

    def end(self) -> tuple[int, float]:
        """As `Sandbox.end`."""
        self._sock.close()
        return self._sandbox.end(self._pid)


def _environment(root: str) -> dict[str, str]:
    """Nothing of the grader's own environment but what programs need to start."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "USER": "student",
        "LOGNAME": "student",
        "HOME": root,
        "TMPDIR": root,
        "MPLCONFIGDIR": os.path.join(root, "matplotlib"),
        "IPYTHONDIR": root,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NBGRADER_EXECUTION": "autograde",
    }
