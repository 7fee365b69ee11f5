"""Puts the instructor's cells back into a student's notebook. Nothing that the student wrote is guessed at or lost.

What is repaired, in this order:

1. A cell is known by its grade_id. Where one stands several times, the last copy that is filled in counts, or the last
   one where none is; the others run as cells of the student's own.
2. A cell whose nbgrader metadata are gone (Colab and other editors drop them) is known by its text when that is the
   released text. Else it is known by its place, between recognised neighbours: by the released lines that stand before
   the student's; or as the only cell there; and the first text there is the written answer.
3. Cells that belong to the instructor get their released text, type, points and flags back. What the student had made
   of one becomes a cell of the student's own just above it.
4. A cell that is missing comes back behind the cell that it follows in the release; a solution cell comes back without
   code, so that it undoes nothing that is defined elsewhere.
5. The instructor's definitions come back above the cells that they stood above in the release.

All other cells stay as they are, where they are: all code runs in the student's own order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.assignment import Assignment, defines, grade_id, locked
from autograder.submission.decode import CLAIMS, FORMAT, CellAsHandedIn

MISSING = "# This cell was missing from the submission."
STUB = ("YOUR CODE HERE", "raise NotImplementedError")
NONE_FOUND = "no cell of the assignment was found: all were added"


@dataclass
class Place:
    """A cell of the repaired notebook; `released` is its index in the release, None for one of the student's own.

    `version_of` is the index of the locked cell that the student has made this one of.
    """

    cell: NotebookNode
    released: int | None
    version_of: int | None = None


def restore(
    handed: list[CellAsHandedIn], assignment: Assignment
) -> tuple[NotebookNode, tuple[str, ...], dict[int, str]]:
    """The submission with the instructor's cells in it, a flag for each repair, and where the student's versions of
    locked cells stand: their index, and the grade_id of the locked one."""
    flags: list[str] = []
    places = _Places(handed, assignment.released.cells, flags)
    places.by_grade_id()
    places.by_text()
    places.by_place()
    if not any("nbgrader" in places.released[index].metadata for index in places.found):
        flags.append(NONE_FOUND)
    named = {at: index for index, at in places.found.items()}
    built = [place for at, cell in enumerate(handed) for place in _built(cell, named.get(at), places.released, flags)]
    _add_missing(built, places.released, flags)
    _move_back(built, places.released, flags)
    for index, place in enumerate(built):
        place.cell["id"] = f"cell-{index}"  # names the same cell in every run
    metadata = {
        key: value for key, value in assignment.released.metadata.items() if key in ("kernelspec", "language_info")
    }
    # As new_notebook makes it, which would hold each cell against the schema: what is built here is valid.
    notebook = NotebookNode(
        cells=[place.cell for place in built],
        metadata=nbformat.from_dict(metadata),
        nbformat=FORMAT,
        nbformat_minor=nbformat.v4.nbformat_minor,
    )
    versions = {
        at: _name(places.released[place.version_of]) for at, place in enumerate(built) if place.version_of is not None
    }
    return notebook, tuple(flags), versions


class _Places:
    """Where each released cell stands in the submission: `found` maps its index to the index of what was handed in."""

    def __init__(self, handed: list[CellAsHandedIn], released: list[NotebookNode], flags: list[str]) -> None:
        self.handed = handed
        self.released = released
        self.flags = flags
        self.found: dict[int, int] = {}
        self._copies: set[int] = set()  # cells with a grade_id that another copy has won

    @property
    def _free(self) -> list[int]:
        taken = set(self.found.values()) | self._copies
        return [at for at in range(len(self.handed)) if at not in taken]

    def by_grade_id(self) -> None:
        named = {_name(cell): index for index, cell in enumerate(self.released) if _name(cell)}
        copies: defaultdict[int, list[int]] = defaultdict(list)
        for at, cell in enumerate(self.handed):
            if cell.grade_id in named:
                copies[named[cell.grade_id]].append(at)
        for index, stands in copies.items():
            filled = [at for at in stands if not _same(self.handed[at].source, self.released[index].source)]
            self.found[index] = filled[-1] if filled and not locked(self.released[index]) else stands[-1]
            self._copies |= set(stands) - {self.found[index]}
            if len(stands) > 1:
                which = "last" if self.found[index] == stands[-1] else "last filled-in"
                self.flags.append(
                    f"cell stands {len(stands)} times, the {which} copy counts: {_name(self.released[index])}"
                )

    def by_text(self) -> None:
        if not self._free:
            return
        texts: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for index, cell in enumerate(self.released):
            texts[cell.cell_type, _text(cell.source)].append(index)
        recognised = []
        for at in self._free:
            known = texts.get((self.handed[at].cell_type, _text(self.handed[at].source)), [])
            if len(known) == 1 and known[0] not in self.found:
                self.found[known[0]] = at
                recognised.append(_name(self.released[known[0]]))
        self._say("nbgrader metadata missing, recognised by text", recognised)

    def by_place(self) -> None:
        gaps: defaultdict[tuple[int, int, str], list[int]] = defaultdict(list)
        for index, cell in enumerate(self.released):
            if index not in self.found and _name(cell) and not locked(cell):
                before = max((known for known in self.found if known < index), default=None)
                after = min((known for known in self.found if known > index), default=None)
                if before is not None or after is not None:
                    gaps[
                        -1 if before is None else self.found[before],
                        len(self.handed) if after is None else self.found[after],
                        cell.cell_type,
                    ].append(index)
        recognised = []
        for (start, end, cell_type), indices in gaps.items():
            here = [
                at
                for at in self._free
                if start < at < end
                and self.handed[at].source.strip()
                and (self.handed[at].cell_type == "code") == (cell_type == "code")
            ]
            chosen = self._chosen(indices, here, cell_type)
            self.found.update(chosen)
            recognised += [_name(self.released[index]) for index in chosen]
        self._say("nbgrader metadata missing, recognised by place", recognised)

    def _chosen(self, indices: list[int], here: list[int], cell_type: str) -> dict[int, int]:
        """Which of the cells `here` are the released ones `indices` that are looked for between the same neighbours."""
        chosen: dict[int, int] = {}
        for index in indices:
            fitting = [
                at
                for at in here
                if at not in chosen.values()
                and _text(self.handed[at].source).startswith(_stem(self.released[index].source))
            ]
            if len(fitting) == 1:
                chosen[index] = fitting[0]
        indices = [index for index in indices if index not in chosen]
        here = [at for at in here if at not in chosen.values()]
        if len(indices) == len(here) or (len(indices) == 1 and here and cell_type != "code"):
            chosen.update(zip(indices, here, strict=False))
        return chosen

    def _say(self, what: str, names: list[str]) -> None:
        names = [name for name in names if name]
        if names:
            self.flags.append(f"{what}: {', '.join(names)}")


def _built(cell: CellAsHandedIn, index: int | None, released: list[NotebookNode], flags: list[str]) -> list[Place]:
    """What stands in the place of a cell that was handed in: one cell, or the student's version and the locked one."""
    if index is None or not _name(released[index]):
        return [Place(_own(cell), index)]
    own, name = nbformat.from_dict(released[index]), _name(released[index])
    version = []
    if locked(own):
        if not _same(cell.source, own.source):
            flags.append(f"locked cell restored: {name}")
            if cell.source.strip():
                flags.append(f"student's version of a locked cell kept above it: {name}")
                version = [Place(_own(cell), None, index)]
    elif not _same(cell.source, own.source):
        own.source = cell.source
    if cell.cell_type != own.cell_type:
        flags.append(f"cell type restored: {name}")
    if any(key in cell.claims and cell.claims[key] != own.metadata.nbgrader.get(key) for key in CLAIMS):
        flags.append(f"points or flags restored: {name}")
    if cell.attachments and own.cell_type == "markdown" and not locked(own):
        own.attachments = nbformat.from_dict(cell.attachments)
    return [*version, Place(own, index)]


def _own(cell: CellAsHandedIn) -> NotebookNode:
    kind = cell.cell_type if cell.cell_type in ("code", "raw") else "markdown"
    run: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    own = nbformat.from_dict({"id": "", "cell_type": kind, "metadata": {}, "source": cell.source, **run})
    if cell.attachments and kind == "markdown":
        own.attachments = nbformat.from_dict(cell.attachments)
    return own


def _add_missing(built: list[Place], released: list[NotebookNode], flags: list[str]) -> None:
    standing = {place.released for place in built}
    for index, cell in enumerate(released):
        if index in standing or not _name(cell):
            continue
        if NONE_FOUND not in flags:
            flags.append(f"missing cell added: {_name(cell)}")
        back = nbformat.from_dict(cell)
        if not locked(back):
            back.source = MISSING if back.cell_type == "code" else ""
        before = max((known for known in standing if known is not None and known < index), default=None)
        at = next((at for at, place in enumerate(built) if place.released == before), -1) if before is not None else -1
        built.insert(at + 1, Place(back, index))
        standing.add(index)


def _move_back(built: list[Place], released: list[NotebookNode], flags: list[str]) -> None:
    """A definition of the instructor's that the student has moved below a cell that it stood above comes back."""
    for index, cell in enumerate(released):
        if not defines(cell):
            continue
        at = next(at for at, place in enumerate(built) if place.released == index)
        above = next(
            (
                above
                for above, place in enumerate(built[:at])
                if place.released is not None and place.released > index and _name(released[place.released])
            ),
            at,
        )
        if above < at:
            built.insert(above, built.pop(at))
            if built[at].version_of == index:  # what stood just above it
                built.insert(above, built.pop(at))
            flags.append(f"locked cell moved back: {_name(cell)}")


def _name(cell: NotebookNode) -> str:
    return grade_id(cell)


def _text(source: str) -> str:
    """Editors differ in line ends, spaces at the end of a line and empty lines at the end: that is no edit."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip()


def _same(one: str, other: str) -> bool:
    return one == other or _text(one) == _text(other)


def _stem(source: str) -> str:
    """The released lines of a solution cell above the student's own; where none are, a sign nothing starts with."""
    lines = _text(source).split("\n")
    end = next((at for at, line in enumerate(lines) if any(mark in line for mark in STUB)), 0)
    return "\n".join(lines[:end]) or "\0"
