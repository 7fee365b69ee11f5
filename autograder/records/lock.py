"""One run at a time writes to the results of an assignment."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.errors import GraderFault, UsageError

LOCK = ".lock"


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Holds the results in `folder` for this process. The system gives them free when it ends, however it ends.

    Raises `UsageError` when another run has them, `GraderFault` when the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / LOCK, "ab+", buffering=0)  # noqa: SIM115 - closed below
    except OSError as error:
        raise GraderFault(f"{folder} cannot be written: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read(200).decode(errors="replace").strip() or "another process"
            raise UsageError(
                f"A run is under way in this folder ({who}). Wait until it ends, then run this again: "
                "what is graded by then is skipped."
            ) from None
        with suppress(OSError):  # a full disk: the lock holds without a name in it
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
