"""What a student handed in: read once, repaired where that needs no guess, never changed afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder.course.assignment import SHOW_TAGS, Assignment, check, defines, grade_id, locked, solution
from autograder.submission.cells import SubmittedCell
from autograder.submission.decode import decode
from autograder.submission.elsewhere import answered_elsewhere
from autograder.submission.pickup import (
    Missing,
    NotGradable,
    Nothing,
    PickedUp,
    Refused,
    Unreadable,
    pick,
    pick_up,
    read_bytes,
)
from autograder.submission.repair import restore

__all__ = [
    "Missing",
    "NotGradable",
    "Nothing",
    "PickedUp",
    "Refused",
    "Submission",
    "Unreadable",
    "given",
    "pick_up",
    "read",
    "read_bytes",
    "understood",
]


@dataclass(frozen=True)
class Submission:
    """`notebook` has the instructor's cells restored and no outputs; `flags` say what was repaired.

    `versions` are the cells in which the student's version of a locked cell stands: their index, and its grade_id.
    `elsewhere` are solution cells that are as they were, although what was asked for may stand in another cell.
    """

    student: str
    sha256: str
    notebook: NotebookNode
    flags: tuple[str, ...]
    versions: Mapping[int, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @property
    def cells(self) -> list[SubmittedCell]:
        """The code cells to run, in the student's order."""
        defining = {grade_id(cell) for cell in self.notebook.cells if defines(cell)}
        return [self._cell(index, cell, defining) for index, cell in enumerate(self.notebook.cells) if _runs(cell)]

    def _cell(self, index: int, cell: NotebookNode, defining: set[str]) -> SubmittedCell:
        if index not in self.versions:
            return SubmittedCell(
                index, cell.source, _name(index, cell), not locked(cell), grade_id(cell) if check(cell) else ""
            )
        locked_one = self.versions[index]  # a check, or a picture, is not where one sets up what comes after it
        return SubmittedCell(
            index,
            cell.source,
            f"{locked_one} (your version)",
            version_of=locked_one,
            undoes_settings=locked_one not in defining,
        )

    def untouched(self, assignment: Assignment) -> frozenset[str]:
        """The solution cells, by grade_id, that were left as released and are answered nowhere else."""
        named = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in self.notebook.cells}
        return frozenset(
            name
            for name, cell in assignment.cells.items()
            if solution(cell) and named[name].source == cell.source and name not in self.elsewhere
        )


def read(folder: Path, student: str, assignment: Assignment) -> Submission:
    """The submission in `folder`. Raises `Missing`, `Unreadable` or `Refused`, and `GraderFault` where it is ours."""
    picked = pick(folder, assignment.name)
    return understood(picked.content, student, assignment, picked.flags)


def understood(content: bytes, student: str, assignment: Assignment, picked: tuple[str, ...] = ()) -> Submission:
    """The submission that these bytes are; `picked` are flags of how they were found. Raises `Unreadable`."""
    decoded = decode(content, assignment.released.metadata.get("kernelspec", {}).get("name", "python3"))
    notebook, flags, versions = restore(decoded.cells, assignment)
    flags = (*picked, *decoded.flags, *flags)
    written, code = answered_elsewhere(notebook, assignment)
    if written:
        names = ", ".join(sorted(written))
        flags = (*flags, f"answer cell left as it was, look for the answer in another cell: {names}")
    return Submission(student, hashlib.sha256(content).hexdigest(), notebook, flags, versions, written | code)


def given(assignment: Assignment) -> list[str]:
    """The code that is the instructor's own and runs in every submission."""
    return [cell.source for cell in assignment.released.cells if locked(cell) and _runs(cell)]


def _runs(cell: NotebookNode) -> bool:
    """Code is run, but not what only shows something; such a tag counts on the instructor's cells only."""
    return cell.cell_type == "code" and not (locked(cell) and not SHOW_TAGS.isdisjoint(cell.metadata.get("tags", [])))


def _name(index: int, cell: NotebookNode) -> str:
    if grade_id(cell):
        return grade_id(cell)
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"number {index + 1} (“{first.strip()[:40]}”)"
