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

from autograder.errors import GraderFault, StudentFault
from autograder.verdict import Status

SIZE_CAP = 50 * 2**20  # bytes of a notebook file, checked before it is read
ENTRIES_CAP = 10_000  # names of a folder that are looked at
FOLDERS_CAP = 200  # folders beside it in which the notebook is looked for
ADDED = frozenset({"__MACOSX", "@eaDir"})  # folders that a Mac's zip and a Synology drive add
# What platforms, the exchange and `autograder collect` put beside a notebook.
TIMESTAMP, SECRET = BESIDE = ("timestamp.txt", "submission_secret.txt")
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
class PickedUp:
    """What was found where a submission is expected. Another machine can grade it as this one would."""

    student: str
    content: bytes | Nothing
    flags: tuple[str, ...] = ()

    @property
    def sha256(self) -> str | None:
        return hashlib.sha256(self.content).hexdigest() if isinstance(self.content, bytes) else None


@dataclass(frozen=True)
class Picked:
    """The bytes of a notebook; `flags` say where it was not quite where it is expected, or not alone."""

    content: bytes
    flags: tuple[str, ...] = ()


def shown(name: str) -> str:
    """A name that somebody else has chosen, in quotes, short, and plain text wherever it is shown.

    Characters that could mean something to a terminal, to HTML, Markdown or TeX, or turn the reading direction, become
    `?`; a `?` is itself no markup anywhere.
    """
    plain = PLAIN.sub("?", name[:SHOWN_CAP])
    return f"“{plain}…”" if len(name) > SHOWN_CAP else f"“{plain}”"


def pick_up(folder: Path, student: str, name: str) -> PickedUp:
    """Reads the notebook `name` that `student` has in `folder`. Raises nothing, whatever is there."""
    try:
        picked = pick(folder, name)
        return PickedUp(student, picked.content, picked.flags)
    except NotGradable as fault:
        return PickedUp(student, Nothing(fault.status, str(fault)))
    except OSError as fault:
        return PickedUp(student, Nothing(Status.grader_error, f"The file cannot be read: {fault}"))
    except GraderFault as fault:
        return PickedUp(student, Nothing(Status.grader_error, str(fault)))


def read_bytes(folder: Path, name: str) -> bytes:
    """The content of the notebook `name` in `folder`. Raises what `pick` raises."""
    return pick(folder, name).content


def pick(folder: Path, name: str) -> Picked:
    """The notebook `name` in `folder`, or in the one folder there that has it. Raises `Missing`, `Unreadable` or
    `Refused`, and `GraderFault` where this account may not read it: that is no fault of the student.

    Neither the notebook nor its folder, nor the student's folder around it, may be a link. Every check is made on the
    descriptor that is then read, so nothing can be swapped in between, and no open waits for a pipe's other end.
    """
    wanted = f"{name}.ipynb"
    with _folder(folder) as directory:
        inside, flags = _only(directory, wanted)
        with (
            _opened(inside, os.O_RDONLY | os.O_DIRECTORY, directory) as where,
            _opened(wanted, os.O_RDONLY | os.O_NONBLOCK, where) as file,
        ):
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{shown(wanted)} is not a regular file.")
            if status.st_size <= SIZE_CAP:
                with open(file, "rb", closefd=False) as stream:
                    content = stream.read(SIZE_CAP + 1)
                if len(content) <= SIZE_CAP:
                    return Picked(content, flags)
            size = max(status.st_size, SIZE_CAP + 1)
            raise Refused(
                f"{shown(wanted)} is too large: {size / 2**20:.1f} MB, where {SIZE_CAP / 2**20:.0f} are "
                "the most that is read. Clear its outputs and hand it in again."
            )


def read_beside(folder: Path, name: str) -> str | None:
    """The text of a short file beside the notebook; None where there is none, or it is no regular file or no text."""
    try:
        with _folder(folder) as directory, _opened(name, os.O_RDONLY | os.O_NONBLOCK, directory) as file:
            if stat.S_ISREG(os.fstat(file).st_mode):
                return _text(os.read(file, BESIDE_CAP))
    except (NotGradable, GraderFault, OSError):
        pass
    return None


def _text(content: bytes) -> str | None:
    """Text in UTF-8 or UTF-16, with a byte order mark or without, or in Latin-1; None for what holds null bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return None if "\0" in text else text


@contextmanager
def _folder(folder: Path) -> Iterator[int]:
    """A descriptor of the folder. Its parent, the student's own folder, is no link either."""
    with (
        _opened(str(folder.parent), os.O_RDONLY | os.O_DIRECTORY, None) as parent,
        _opened(folder.name, os.O_RDONLY | os.O_DIRECTORY, parent) as directory,
    ):
        yield directory


@contextmanager
def _opened(name: str, flags: int, directory: int | None) -> Iterator[int]:
    try:
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=directory)
    except FileNotFoundError:
        raise Missing("There is no folder for this assignment.") from None
    except PermissionError:
        raise GraderFault(
            f"{shown(Path(name).name)} may not be opened by the account that grades: permission denied. "
            "Let it read this student's folder and what is in it, then grade again."
        ) from None
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


def _only(directory: int, wanted: str) -> tuple[str, tuple[str, ...]]:
    """In which folder of `directory` the notebook is, "." for itself, and what to say of that.

    Raises `Missing` where it is not there, `Refused` where there are several of which none has the name.
    """
    found = _names(directory)
    notebooks = sorted(
        name for name, folder in found.items() if name == wanted or (name.lower().endswith(".ipynb") and not folder)
    )
    others = [name for name in notebooks if name != wanted]
    beside = (f"notebooks beside it that do not count: {_listed(others, 5)}",) if others else ()
    if wanted in found:
        return ".", beside
    deeper = [name for name in _folders(found) if _has(directory, name, wanted)]
    if len(deeper) == 1:
        return deeper[0], (f"notebook taken from a folder of its own: {shown(deeper[0])}", *beside)
    if deeper:
        raise Refused(
            f"{shown(wanted)} is in {len(deeper)} folders, and it is not said which one counts: "
            f"{_listed(deeper, 5)}. Hand in one."
        )
    if len(notebooks) > 1:
        raise Refused(
            f"There are {len(notebooks)} notebooks, and none of them is called {shown(wanted)}: "
            f"{_listed(notebooks, 5)}. Hand in one, with this name."
        )
    listed = notebooks or sorted(found.keys() - {*BESIDE}, key=lambda name: (".ipynb" not in name.lower(), name))
    raise Missing(
        f"There is no notebook called {shown(wanted)}."
        + (f" Found instead: {_listed(listed, 3)}." if listed else " The folder is empty.")
    )


def _names(directory: int) -> dict[str, bool]:
    """What is in a folder, by name, and whether it is a folder itself; without checkpoints, and what systems add."""
    with os.scandir(directory) as entries:
        return {
            entry.name: entry.is_dir(follow_symlinks=False)
            for entry in islice(entries, ENTRIES_CAP)
            if not entry.name.startswith(".") and entry.name not in ADDED
        }


def _folders(found: dict[str, bool]) -> list[str]:
    return sorted(name for name, folder in found.items() if folder)[:FOLDERS_CAP]


def _has(directory: int, folder: str, wanted: str) -> bool:
    try:
        with _opened(folder, os.O_RDONLY | os.O_DIRECTORY, directory) as inside:
            return stat.S_ISREG(os.stat(wanted, dir_fd=inside, follow_symlinks=False).st_mode)
    except (NotGradable, OSError):
        return False


def _listed(names: list[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more
