"""Writes grades into nbgrader's gradebook and the annotated notebooks into `autograded/`."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook as Database
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import AssignLatePenalties, ComputeChecksums, LockCells, SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, parse_utc

from autograder.assignment import Assignment
from autograder.course import settings
from autograder.handed_in import read_beside
from autograder.verdict import Grade, Status, write_whole

ZERO = (Status.missing, Status.unreadable, Status.refused)
NO_RESPONSE = "No response."
TIMESTAMP = "timestamp.txt"


class Gradebook:
    """The gradebook of a course, as its nbgrader_config.py says. Use as a context manager.

    Only what the autograder owns is written: automatic scores and comments. What people have entered stays.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._app = settings(assignment.course)
        self._course = self._app.coursedir
        self._database = Database(self._course.db_url, self._course.course_id)

    def __enter__(self) -> Gradebook:
        self._register()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._database.close()

    def record(self, grade: Grade, notebook: NotebookNode | None, folder: Path) -> None:
        """Enters one grade, and writes its notebook to `autograded/`. A grader_error is not entered: it is unknown."""
        if grade.status is Status.grader_error or notebook is None:
            return
        timestamp = handed_in_at(folder)
        self._database.update_or_create_student(grade.student)
        more = {"timestamp": timestamp} if timestamp else {}
        with self._database.db.no_autoflush:  # nbgrader builds the entry piece by piece, and SQLAlchemy would warn
            self._database.update_or_create_submission(grade.assignment, grade.student, **more)
        graded = self._database.find_submission_notebook(grade.assignment, grade.assignment, grade.student)
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        for entry in graded.grades:
            self._enter_score(entry, grade, cells.get(entry.name))
        for entry in graded.comments:
            entry.auto_comment = _comment(grade, cells.get(entry.name))
        self._database.db.commit()
        self._write(grade, notebook, folder)
        if timestamp:
            self._assign_late_penalty(grade, notebook)

    def _enter_score(self, entry: Any, grade: Grade, cell: NotebookNode | None) -> None:
        score = 0.0 if grade.status in ZERO or cell is None else determine_grade(cell)[0]
        entry.auto_score = score
        entry.needs_manual_grade = entry.manual_score is not None or score is None

    def _write(self, grade: Grade, notebook: NotebookNode, folder: Path) -> None:
        target = Path(self._course.format_path(self._course.autograded_directory, grade.student, grade.assignment))
        target.mkdir(parents=True, exist_ok=True)
        write_whole(target / f"{grade.assignment}.ipynb", nbformat.writes(notebook) + "\n")
        copy_timestamp(folder, target)

    def _assign_late_penalty(self, grade: Grade, notebook: NotebookNode) -> None:
        AssignLatePenalties(parent=self._app).preprocess(notebook, {"nbgrader": {
            "notebook": grade.assignment, "assignment": grade.assignment, "student": grade.student,
            "db_url": self._course.db_url}})

    def _register(self) -> None:
        """Makes the assignment known to the gradebook, as `nbgrader generate_assignment` does, when it is not."""
        name = self._assignment.name
        try:
            known = self._database.find_notebook(name, name)
            points = {cell.name: cell.max_score for cell in known.grade_cells}
        except MissingEntry:
            points = {}
        if points == {**self._assignment.exercises, **self._assignment.by_hand}:
            return
        self._database.update_or_create_assignment(name)
        notebook = nbformat.from_dict(self._assignment.source)
        resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": self._course.db_url}}
        for step in (LockCells, ComputeChecksums, SaveCells):
            notebook, resources = step(parent=self._app).preprocess(notebook, resources)
        self._database.db.expire_all()


def handed_in_at(folder: Path) -> Any:
    """When it was handed in, where a file says so in nbgrader's way; a file that says something else is no time."""
    try:
        return parse_utc((read_beside(folder, TIMESTAMP) or "").strip() or None)
    except (ValueError, OverflowError, TypeError):
        return None


def copy_timestamp(folder: Path, target: Path) -> None:
    """The one file beside the notebook that counts. All others stay where they are, and nothing else is opened."""
    timestamp = read_beside(folder, TIMESTAMP)
    if timestamp is not None:
        write_whole(target / TIMESTAMP, timestamp)


def _comment(grade: Grade, cell: NotebookNode | None) -> str | None:
    """Why there is no grade, or that the student has left the cell as it was."""
    if grade.status in ZERO:
        return grade.reason
    if cell is not None and (is_solution(cell) or is_grade(cell)) \
            and cell.metadata.nbgrader.get("checksum") == compute_checksum(cell):
        return NO_RESPONSE
    return None
