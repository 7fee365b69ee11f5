"""One run at a time writes to the results of an assignment."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import UsageError

LOCK = ".lock"


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Holds the results in `folder` for this process. The system gives them free when it ends, however it ends.

    Raises `UsageError` when another run has them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / LOCK, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read(200).strip() or "another process"
            raise UsageError(f"A run is under way in this folder ({who}). Wait until it ends, then run this again: "
                             "what is graded by then is skipped.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
