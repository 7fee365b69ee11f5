"""How platforms name the files of a class: what a layout is, and which one fits an archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from autograder.platforms.collect.archive import Entry

FITS = 0.5  # share of an archive's files that a layout must explain


@dataclass(frozen=True)
class File:
    """What a layout says about one file.

    Arguments:
        entry: the file.
        key: whose it is, as the platform knows them: files with the same key are the same student's.
        original: what the student called it, with folders.
        name: the student's name as the platform writes it, or "".
        number: True where `key` is the platform's own number, False where it is a name of an account or a folder.
        late: the platform marks it as late.
        time: when it was handed in (UTC, without a zone), where the platform says so.
        order: among one student's files, a later upload has a larger one.
        attempt: files of one attempt have the same; a later attempt has a larger one.
        text: it is what the platform itself wrote: a text that was typed in, a link.
    """

    entry: Entry
    key: str
    original: str
    name: str = ""
    number: bool = False
    late: bool = False
    time: datetime | None = None
    order: int = 0
    attempt: int = 0
    text: bool = False


@dataclass(frozen=True)
class Situation:
    """What a layout may need to know: the assignment's name, and the zone of times that name none."""

    assignment: str
    zone: tzinfo | None = None
    students: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Layout:
    """`read` gives what it understands of each path, None for a file that is none of its own. `platform` is how the
    class list calls the column with its ids; `sentence` is what it is called when it was recognised."""

    name: str
    platform: str
    sentence: str
    read: Callable[[Sequence[Entry], Situation], list[File | None]]


@dataclass(frozen=True)
class Understood:
    """An archive as a layout sees it. `strange` are the files that it cannot say anything about."""

    layout: Layout
    files: tuple[File, ...]
    strange: tuple[Entry, ...]


def understand(entries: Sequence[Entry], layouts: Sequence[Layout], situation: Situation) -> Understood | None:
    """The first layout that explains most of the files; also where they all lie in one folder that was added around
    them. None where no layout does."""
    views = [list(entries)]
    inner = _without_wrapper(entries)
    if inner:
        views.append(inner)
    for layout in layouts:
        found = [
            Understood(
                layout,
                tuple(file for file in files if file),
                tuple(entry for entry, file in zip(view, files, strict=True) if file is None),
            )
            for view in views
            for files in [layout.read(view, situation)]
        ]
        best = max(found, key=lambda one: len(one.files))
        if entries and len(best.files) >= FITS * len(entries):
            return best
    return None


def _without_wrapper(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without the one folder in which they all lie, where there is one."""
    tops = {entry.parts[0] for entry in entries}
    if len(tops) != 1 or any(len(entry.parts) == 1 for entry in entries):
        return []
    return [replace(entry, path="/".join(entry.parts[1:])) for entry in entries]
