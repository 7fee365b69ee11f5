"""Tries the sandbox as an ordinary submission would: what must be denied, and what must still work.

Every denial has its positive control: the same thing is done outside, by the judge, and works there. A test that
finds nothing to break in outside proves nothing inside.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.limits import Limits
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Sandbox, SandboxFault
from autograder.submission.cells import SubmittedCell

TRIES = Path(__file__).with_name("selftest_cell.py")
LIMITS = Limits(cell=20, question=5, submission=40)


@dataclass(frozen=True)
class Finding:
    """`held` is True when the sandbox did what it promises. `wall` is None for what must work."""

    what: str
    wall: str | None
    held: bool
    detail: str


@dataclass(frozen=True)
class Outside:
    """Things outside the sandbox that student code must not reach, made for one self-test."""

    folder: Path
    port: int
    abstract: str  # a Unix socket without a file

    @property
    def secret(self) -> Path:
        return self.folder / "secret.txt"

    @property
    def private(self) -> Path:
        """A file that only its owner may open; without a uid of their own, children are its owner, too."""
        return self.folder / "private.txt"


def run(sandbox: Sandbox) -> list[Finding]:
    """All findings, in the order of the walls. Raises `SandboxFault` when there is no child to be had."""
    token = secrets.token_hex(8)
    with _outside(token) as outside:
        given = {
            "secret": str(outside.secret),
            "private": str(outside.private),
            "port": outside.port,
            "abstract": outside.abstract,
            "judge": os.getpid(),
            "uid": os.getuid(),
            "powerless": "capabilities" in sandbox.facts["isolation"],
            "package": str(Path(__file__).resolve().parent.parent),
            "cwd": os.getcwd(),
            "wrapped": "bubblewrap" in sandbox.facts["isolation"],
        }
        source = f"GIVEN = {given!r}\n{TRIES.read_text(encoding='utf-8')}"
        with Attempt(sandbox, [SubmittedCell(0, source, "self-test")], LIMITS) as attempt:
            attempt.run()
            tried = _tried(attempt.ran[0].outputs)
        findings = [Finding(*entry) for entry in tried]
        findings += [
            _judged(what, "landlock", check)
            for what, check in (
                ("a file outside is as it was", lambda: outside.secret.read_text() == token),
                ("a file of the judge's own is as it was", lambda: outside.private.read_text() == token),
                ("a file outside has its mode", lambda: outside.secret.stat().st_mode & 0o777 == 0o644),
                (
                    "no file was made outside",
                    lambda: sorted(os.listdir(outside.folder)) == ["private.txt", "secret.txt"],
                ),
            )
        ]
        if not tried:
            findings.append(Finding("the self-test ran to its end", None, False, str(attempt.ran[0].outputs)[:500]))
        return findings


def require(sandbox: Sandbox) -> None:
    """Raises `SandboxFault` when the sandbox does not hold what it promises."""
    broken = failures(run(sandbox))
    if broken:
        raise SandboxFault(
            "The sandbox does not hold, so nothing is graded (see “autograder doctor”): " + "; ".join(broken[:5])
        )


def failures(findings: list[Finding]) -> list[str]:
    """What does not hold, in words."""
    return [
        f"{finding.what} ({finding.wall or 'must work'}): {finding.detail}" for finding in findings if not finding.held
    ]


def _tried(outputs: list[dict[str, object]]) -> list[tuple[str, str | None, bool, str]]:
    text = "".join(str(output.get("text", "")) for output in outputs)
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, list):
                return [
                    (str(what), wall and str(wall), held is True, str(detail)[:200])
                    for what, wall, held, detail in found
                ]
    return []


def _judged(what: str, wall: str, check: Callable[[], bool]) -> Finding:
    try:
        return Finding(what, wall, check(), "seen from outside")
    except OSError as error:  # it is gone: then no wall stood before it
        return Finding(what, wall, False, f"seen from outside: {type(error).__name__}")


@contextlib.contextmanager
def _outside(token: str) -> Iterator[Outside]:
    """A readable, writable file and a listening port; that the judge can use both is the positive control."""
    with (
        tempfile.TemporaryDirectory(prefix="autograder-outside-") as name,
        socket.socket() as listener,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        os.chmod(name, 0o777)
        listener.bind(("127.0.0.1", 0))
        abstract.bind("\0autograder-" + token)
        for listening in (listener, abstract):
            listening.listen(1)
        outside = Outside(Path(name), listener.getsockname()[1], "\0autograder-" + token)
        for path, mode in ((outside.secret, 0o644), (outside.private, 0o600)):
            path.write_text(token)
            os.chmod(path, mode)
        with socket.create_connection(("127.0.0.1", outside.port), timeout=5):
            pass
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(outside.abstract)
        if {outside.secret.read_text(), outside.private.read_text()} != {token}:
            raise RuntimeError("the self-test's own controls do not work")
        yield outside
