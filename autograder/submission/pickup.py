"""The file that a student handed in: found, opened and read so that nothing else can stand in for it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograder.errors import StudentFault
from autograder.verdict import Status

SIZE_CAP = 50 * 2**20  # bytes of a notebook file, checked before it is read
ENTRIES_CAP = 10_000  # names of a folder that are looked at
BESIDE_CAP = 1000  # bytes of a short file beside it
SHOWN_CAP = 80  # characters of a name that are shown
PLAIN = re.compile(r"[^\w .,'()+-]")


class NotGradable(StudentFault):
    """There is nothing to run; `status` says what kind of nothing."""

    status = Status.unreadable


class Missing(NotGradable):
    status = Status.missing


class Unreadable(NotGradable):
    status = Status.unreadable


class Refused(NotGradable):
    status = Status.refused


@dataclass(frozen=True)
class Nothing:
    """Why there are no bytes to grade."""

    status: Status
    reason: str


@dataclass(frozen=True)
class Taken:
    """What was found where a submission is expected. Another machine can grade it as this one would."""

    student: str
    content: bytes | Nothing

    @property
    def sha256(self) -> str | None:
        return hashlib.sha256(self.content).hexdigest() if isinstance(self.content, bytes) else None


def shown(name: str) -> str:
    """A name that somebody else has chosen, in quotes, short, and plain text wherever it is shown.

    Characters that could mean something to a terminal, to HTML, Markdown or TeX, or turn the reading direction, become
    `?`; a `?` is itself no markup anywhere.
    """
    plain = PLAIN.sub("?", name[:SHOWN_CAP])
    return f"“{plain}…”" if len(name) > SHOWN_CAP else f"“{plain}”"


def take(folder: Path, student: str, name: str) -> Taken:
    """Reads the notebook `name` that `student` has in `folder`. Raises nothing, whatever is there."""
    try:
        return Taken(student, read_bytes(folder, name))
    except NotGradable as fault:
        return Taken(student, Nothing(fault.status, str(fault)))
    except OSError as fault:
        return Taken(student, Nothing(Status.grader_error, f"The file cannot be read: {fault}"))


def read_bytes(folder: Path, name: str) -> bytes:
    """The content of the notebook `name` in `folder`. Raises `Missing`, `Unreadable` or `Refused`.

    Neither the notebook nor its folder, nor the student's folder around it, may be a link. Every check is made on the
    descriptor that is then read, so nothing can be swapped in between, and no open waits for a pipe's other end.
    """
    wanted = f"{name}.ipynb"
    with _folder(folder) as directory:
        _only(directory, wanted)
        with _opened(wanted, os.O_RDONLY | os.O_NONBLOCK, directory) as file:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{shown(wanted)} is not a regular file.")
            if status.st_size <= SIZE_CAP:
                with open(file, "rb", closefd=False) as stream:
                    content = stream.read(SIZE_CAP + 1)
                if len(content) <= SIZE_CAP:
                    return content
            size = max(status.st_size, SIZE_CAP + 1)
            raise Refused(f"{shown(wanted)} is too large: {size / 2**20:.1f} MB, where {SIZE_CAP / 2**20:.0f} are "
                          "the most that is read. Clear its outputs and hand it in again.")


def read_beside(folder: Path, name: str) -> str | None:
    """The text of a short file beside the notebook; None where there is none, or it is no regular file or no text."""
    try:
        with _folder(folder) as directory, _opened(name, os.O_RDONLY | os.O_NONBLOCK, directory) as file:
            if stat.S_ISREG(os.fstat(file).st_mode):
                return os.read(file, BESIDE_CAP).decode()
    except (NotGradable, OSError, UnicodeDecodeError):
        pass
    return None


@contextmanager
def _folder(folder: Path) -> Iterator[int]:
    """A descriptor of the folder. Its parent, the student's own folder, is no link either."""
    with _opened(str(folder.parent), os.O_RDONLY | os.O_DIRECTORY, None) as parent, \
            _opened(folder.name, os.O_RDONLY | os.O_DIRECTORY, parent) as directory:
        yield directory


@contextmanager
def _opened(name: str, flags: int, directory: int | None) -> Iterator[int]:
    try:
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=directory)
    except FileNotFoundError:
        raise Missing("There is no folder for this assignment.") from None
    except PermissionError:
        raise Unreadable(f"{shown(Path(name).name)} may not be opened: permission denied.") from None
    except OSError as error:
        try:
            mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        except OSError:
            raise error from None
        quoted = shown(Path(name).name)
        if stat.S_ISLNK(mode):
            raise Refused(f"{quoted} is a link to somewhere else, and links are not followed.") from None
        if flags & os.O_DIRECTORY and not stat.S_ISDIR(mode):
            raise Refused(f"{quoted} is not a folder.") from None
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise Refused(f"{quoted} is not a regular file.") from None  # a socket, say
        raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _only(directory: int, wanted: str) -> None:
    """Raises `Missing` where the notebook is not there, `Refused` where it is not the only one."""
    with os.scandir(directory) as entries:
        found = {entry.name: entry.is_dir(follow_symlinks=False) for entry in islice(entries, ENTRIES_CAP)
                 if not entry.name.startswith(".")}  # checkpoints, and the "._" shadows that macOS adds
    notebooks = sorted(name for name, folder in found.items()
                       if name == wanted or (name.lower().endswith(".ipynb") and not folder))
    if wanted not in found:
        others = notebooks or sorted(found, key=lambda name: (".ipynb" not in name.lower(), name))
        listed = ", ".join(map(shown, others[:3])) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        raise Missing(f"There is no notebook called {shown(wanted)}."
                      + (f" Found instead: {listed}." if others else " The folder is empty."))
    if len(notebooks) > 1:
        listed = ", ".join(map(shown, notebooks[:5])) + (" and more" if len(notebooks) > 5 else "")
        raise Refused(f"There are {len(notebooks)} notebooks, and it is not said which one counts: {listed}. "
                      "Hand in one.")
