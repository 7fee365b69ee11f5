"""What a student handed in: read once, repaired where that needs no guess, never changed afterwards."""

from __future__ import annotations

import hashlib
import json
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment import SHOW_TAGS, Assignment, locked
from autograder.errors import StudentFault
from autograder.sandbox.attempt import Cell
from autograder.verdict import Status

SIZE_CAP = 50 * 2**20  # bytes of a notebook file, checked before it is read
CELLS_CAP = 5000
MISSING = "# This cell was missing from the submission."


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
class Submission:
    """`notebook` has the locked cells restored and no outputs; `flags` say what was repaired."""

    student: str
    sha256: str
    notebook: NotebookNode
    flags: tuple[str, ...]

    @property
    def cells(self) -> list[Cell]:
        """The code cells to run, in the student's order."""
        return [Cell(index, cell.source, _name(index, cell)) for index, cell in enumerate(self.notebook.cells)
                if cell.cell_type == "code" and not _skipped(cell)]


def read(folder: Path, student: str, assignment: Assignment) -> Submission:
    """The submission in `folder`. Raises `Missing`, `Unreadable` or `Refused`."""
    content = read_bytes(folder, assignment.name)
    cells = _cells(content)
    notebook, flags = restore(cells, assignment)
    return Submission(student, hashlib.sha256(content).hexdigest(), notebook, flags)


def read_bytes(folder: Path, name: str) -> bytes:
    """The notebook file's content. Raises `Missing` or `Refused`."""
    path = folder / f"{name}.ipynb"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".ipynb")) if folder.is_dir() else []
    if path.name not in found:
        other = f" Found instead: {found[0]!r}." if found else ""
        raise Missing(f"There is no notebook called {path.name!r}.{other}")
    if len(found) > 1:
        raise Refused(f"There are {len(found)} notebooks, and only one can be graded: {', '.join(map(repr, found))}.")
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{path.name!r} is not a regular file.")
    if status.st_size > SIZE_CAP:
        raise Refused(f"{path.name!r} has {status.st_size / 2**20:.0f} MB, more than {SIZE_CAP / 2**20:.0f} MB.")
    return path.read_bytes()


def _cells(content: bytes) -> list[NotebookNode]:
    """Clean cells of any notebook that can be read. Raises `Unreadable`."""
    if not content.strip():
        raise Unreadable("The notebook file is empty.")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("The notebook file is not text in UTF-8.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The notebook file is not JSON; it may be truncated.") from None
    if not isinstance(data, dict):
        raise Unreadable("The file is JSON, but not a notebook.")
    try:
        if data.get("nbformat") != 4:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data = nbformat.convert(nbformat.from_dict(data), 4)
        found = data["cells"]
    except Exception:
        raise Unreadable("The file is JSON, but not a notebook.") from None
    if not isinstance(found, list):
        raise Unreadable("The file is JSON, but not a notebook.")
    if len(found) > CELLS_CAP:
        raise Unreadable(f"The notebook has {len(found)} cells, more than {CELLS_CAP}.")
    return [_clean(cell) for cell in found if isinstance(cell, dict)]


def _clean(cell: dict[str, Any]) -> NotebookNode:
    """A cell with its text, its nbgrader name and its tags, and nothing else of what was in the file."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        source = ""
    make = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
    clean = make.get(str(cell.get("cell_type")), nbformat.v4.new_markdown_cell)(source)
    metadata = cell.get("metadata")
    named = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = named.get("grade_id") if isinstance(named, dict) else None
    if isinstance(grade_id, str):
        clean.metadata["nbgrader"] = {"grade_id": grade_id}
    return clean


def restore(cells: list[NotebookNode], assignment: Assignment) -> tuple[NotebookNode, tuple[str, ...]]:
    """The instructor's cells in the student's notebook, and a flag for each repair.

    Where a grade_id stands twice, the last copy counts (as in nbgrader) and the earlier ones run as cells of the
    student's own. A locked cell that is missing comes back behind the cell that it follows in the release; a
    missing solution cell comes back without code, so that it undoes nothing the student has defined elsewhere.
    """
    flags: list[str] = []
    place: dict[str, int] = {}
    for index, cell in enumerate(cells):
        grade_id = cell.metadata.pop("nbgrader", {}).get("grade_id")
        if grade_id not in assignment.cells:
            continue
        if grade_id in place:
            flags.append(f"cell stands twice, the last copy counts: {grade_id}")
        place[grade_id] = index
    named = {index: grade_id for grade_id, index in place.items()}
    restored = [_restored(cell, named.get(index), assignment, flags) for index, cell in enumerate(cells)]
    present = [(named.get(index), cell) for index, cell in enumerate(restored)]
    previous = None
    for grade_id in assignment.cells:
        if grade_id not in place:
            flags.append(f"missing cell added: {grade_id}")
            at = 1 + next((i for i, (name, _) in enumerate(present) if name == previous), -1)
            present.insert(at, (grade_id, _missing(assignment.cells[grade_id])))
        previous = grade_id
    notebook = nbformat.v4.new_notebook(cells=[cell for _, cell in present])
    notebook.metadata = nbformat.from_dict({
        key: value for key, value in assignment.released.metadata.items() if key in ("kernelspec", "language_info")})
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"  # names the same cell in every run
    return notebook, tuple(flags)


def _restored(cell: NotebookNode, grade_id: str | None, assignment: Assignment, flags: list[str]) -> NotebookNode:
    if grade_id is None:
        return cell
    released = assignment.cells[grade_id]
    if locked(released):
        if cell.source.rstrip() != released.source.rstrip() or cell.cell_type != released.cell_type:
            flags.append(f"locked cell restored: {grade_id}")
        return nbformat.from_dict(released)
    if cell.cell_type != released.cell_type:
        flags.append(f"cell type restored: {grade_id}")
    back = nbformat.from_dict(released)
    back.source = cell.source
    return back


def _missing(released: NotebookNode) -> NotebookNode:
    back = nbformat.from_dict(released)
    if not locked(released):
        back.source = MISSING if back.cell_type == "code" else ""
    return back


def _skipped(cell: NotebookNode) -> bool:
    """Cells that only show something are not run; a tag counts on the instructor's cells only."""
    return locked(cell) and not SHOW_TAGS.isdisjoint(cell.metadata.get("tags", []))


def _name(index: int, cell: NotebookNode) -> str:
    named = cell.metadata.get("nbgrader", {}).get("grade_id")
    if named:
        return str(named)
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"number {index + 1} (“{first.strip()[:40]}”)"
