"""What a student handed in: read once, repaired where that needs no guess, never changed afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.assignment import SHOW_TAGS, Assignment, locked, solution
from autograder.decode import decode
from autograder.handed_in import Missing, NotGradable, Nothing, Refused, Taken, Unreadable, read_bytes, take
from autograder.repair import restore
from autograder.sandbox.attempt import Cell

__all__ = ["Missing", "NotGradable", "Nothing", "Refused", "Submission", "Taken", "Unreadable", "given", "read",
           "read_bytes", "take", "understood"]


@dataclass(frozen=True)
class Submission:
    """`notebook` has the instructor's cells restored and no outputs; `flags` say what was repaired."""

    student: str
    sha256: str
    notebook: NotebookNode
    flags: tuple[str, ...]

    @property
    def cells(self) -> list[Cell]:
        """The code cells to run, in the student's order."""
        return [Cell(index, cell.source, _name(index, cell), not locked(cell))
                for index, cell in enumerate(self.notebook.cells) if _runs(cell)]


    def untouched(self, assignment: Assignment) -> frozenset[str]:
        """The solution cells, by grade_id, that the student has left as they were released."""
        named = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in self.notebook.cells}
        return frozenset(name for name, cell in assignment.cells.items()
                         if solution(cell) and named[name].source == cell.source)


def read(folder: Path, student: str, assignment: Assignment) -> Submission:
    """The submission in `folder`. Raises `Missing`, `Unreadable` or `Refused`."""
    return understood(read_bytes(folder, assignment.name), student, assignment)


def understood(content: bytes, student: str, assignment: Assignment) -> Submission:
    """The submission that these bytes are. Raises `Unreadable`."""
    decoded = decode(content, assignment.released.metadata.get("kernelspec", {}).get("name", "python3"))
    notebook, flags = restore(decoded.cells, assignment)
    return Submission(student, hashlib.sha256(content).hexdigest(), notebook, (*decoded.flags, *flags))


def given(assignment: Assignment) -> list[str]:
    """The code that is the instructor's own and runs in every submission."""
    return [cell.source for cell in assignment.released.cells if locked(cell) and _runs(cell)]


def _runs(cell: NotebookNode) -> bool:
    """Code is run, but not what only shows something; such a tag counts on the instructor's cells only."""
    return cell.cell_type == "code" and not (
        locked(cell) and not SHOW_TAGS.isdisjoint(cell.metadata.get("tags", [])))


def _name(index: int, cell: NotebookNode) -> str:
    named = cell.metadata.get("nbgrader", {}).get("grade_id")
    if named:
        return str(named)
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"number {index + 1} (“{first.strip()[:40]}”)"
