"""Writes grades into nbgrader's gradebook and the annotated notebooks into `autograded/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import nbgrader
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties, ComputeChecksums, LockCells, SaveCells
from nbgrader.utils import parse_utc
from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from autograder.assignment import Assignment
from autograder.course import settings
from autograder.errors import GraderFault, UsageError
from autograder.grade import Graded
from autograder.handed_in import read_beside
from autograder.verdict import Grade, Status, write_whole

ZERO = (Status.missing, Status.unreadable, Status.refused)
NO_RESPONSE = "No response."
TIMESTAMP = "timestamp.txt"
BUSY_SECONDS = 60  # that SQLite waits for somebody else's transaction: the Formgrader may be open


def schema_version() -> str:
    """What a new gradebook is marked with, so that `nbgrader db upgrade` knows what to do with it one day."""
    config = Config()
    config.set_main_option("script_location", str(Path(nbgrader.__file__).parent / "alembic"))
    return str(ScriptDirectory.from_config(config).get_current_head())


api.get_alembic_version = schema_version  # nbgrader starts a program to find out, for two seconds


@dataclass(frozen=True)
class Entry:
    """One grade on its way into the gradebook. `timestamp` is when it was handed in, where that is known (UTC)."""

    graded: Graded
    folder: Path
    timestamp: datetime | None

    @property
    def grade(self) -> Grade:
        return self.graded.grade


class Gradebook:
    """The gradebook of a course, as its nbgrader_config.py says. Use as a context manager.

    Only what the autograder owns is written: automatic scores and comments. What people have entered stays. Raises
    `UsageError` when the database cannot be opened.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._app = settings(assignment.course)
        self._course = self._app.coursedir
        try:
            self._database = api.Gradebook(_patient(self._course.db_url), self._course.course_id)
        except (SQLAlchemyError, ImportError) as error:  # no server, no such database, no driver for it
            why = str(error).strip().splitlines()[0]
            raise UsageError(f"The gradebook of c.CourseDirectory.db_url cannot be opened: {why}") from error
        self._known = ("", "")  # ids of the assignment and of its notebook
        self._graded: dict[str, str] = {}  # ids of the cells that have a score, and of those that have a comment
        self._commented: dict[str, str] = {}

    def __enter__(self) -> Gradebook:
        with _told():
            self._register()
            notebook = self._database.find_notebook(self._assignment.name, self._assignment.name)
            self._known = (notebook.assignment_id, notebook.id)
            self._graded = {cell.name: cell.id for cell in [*notebook.grade_cells, *notebook.task_cells]}
            self._commented = {cell.name: cell.id for cell in [*notebook.solution_cells, *notebook.task_cells]}
            self._database.db.commit()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._database.close()

    def record(self, graded: Sequence[tuple[Graded, Path]]) -> None:
        """Enters grades, all in one transaction, and writes their notebooks to `autograded/`.

        Each comes with the folder that was handed in. A grader_error is not entered: it is unknown. Raises
        `GraderFault` when the gradebook or a folder cannot be written to; then nothing of this call counts.
        """
        entries = [Entry(one, folder, handed_in_at(folder)) for one, folder in graded
                   if one.grade.status is not Status.grader_error and one.text is not None]
        if not entries:
            return
        with _told():
            try:
                late = self._enter({entry.grade.student: entry for entry in entries})
                self._database.db.commit()
            except BaseException:
                self._database.db.rollback()
                raise
            for entry in entries:
                self._write(entry)
            for entry in entries:
                if entry.grade.student in late:
                    self._assign_late_penalty(entry)

    def _enter(self, entries: Mapping[str, Entry]) -> set[str]:
        """Writes the rows of these students, few statements for all of them. Gives who handed in late.

        nbgrader's own calls commit for each student and each cell, and take ten times as long.
        """
        session = self._database.db
        known = set(session.scalars(select(api.Student.id).where(api.Student.id.in_(entries))))
        self._insert(api.Student, [{"id": student} for student in entries if student not in known])
        submissions, late = self._submissions(entries)
        notebooks = self._notebooks(submissions)
        self._upsert(api.Grade, self._graded, {
            notebook: self._scores(entries[student].graded) for student, notebook in notebooks.items()})
        self._upsert(api.Comment, self._commented, {
            notebook: self._comments(entries[student].graded) for student, notebook in notebooks.items()})
        return late

    def _submissions(self, entries: Mapping[str, Entry]) -> tuple[dict[str, str], set[str]]:
        """The id of each student's submission, and who handed in late."""
        table = api.SubmittedAssignment
        found = {row.student_id: row for row in self._database.db.execute(
            select(table.id, table.student_id, table.timestamp, table.extension).where(
                table.assignment_id == self._known[0], table.student_id.in_(entries)))}
        due = self._database.db.scalar(select(api.Assignment.duedate).where(api.Assignment.id == self._known[0]))
        ids, late, new, changed = {}, set(), [], []
        for student, entry in entries.items():
            row = found.get(student)
            ids[student] = row.id if row else api.new_uuid()
            timestamp = entry.timestamp or (row.timestamp if row else None)
            if row is None:
                new.append({"id": ids[student], "assignment_id": self._known[0], "student_id": student,
                            "timestamp": timestamp})
            elif timestamp != row.timestamp:
                changed.append({"id": ids[student], "timestamp": timestamp})
            extension = row.extension if row else None
            if timestamp and due and timestamp > (due + extension if extension else due):
                late.add(student)
        self._insert(table, new)
        self._update(table, changed)
        return ids, late

    def _notebooks(self, submissions: Mapping[str, str]) -> dict[str, str]:
        """The id of each student's notebook. A late penalty is taken back: it is for nbgrader to give it anew."""
        table = api.SubmittedNotebook
        found = {row.assignment_id: row for row in self._database.db.execute(
            select(table.id, table.assignment_id, table.late_submission_penalty).where(
                table.notebook_id == self._known[1], table.assignment_id.in_(submissions.values())))}
        ids = {student: found[submission].id if submission in found else api.new_uuid()
               for student, submission in submissions.items()}
        self._insert(table, [{"id": ids[student], "assignment_id": submission, "notebook_id": self._known[1]}
                             for student, submission in submissions.items() if submission not in found])
        self._update(table, [{"id": row.id, "late_submission_penalty": None} for row in found.values()
                             if row.late_submission_penalty is not None])
        return ids

    def _upsert(self, table: Any, cells: Mapping[str, str], values: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
        """Rows of grades or comments: `values` has what belongs into them, by notebook id and cell name."""
        found = {(row.notebook_id, row.cell_id): row for row in self._database.db.execute(
            select(table.__table__).where(table.notebook_id.in_(values)))}
        new, changed = [], []
        for notebook, of_cells in values.items():
            for name, cell in cells.items():
                row, value = found.get((notebook, cell)), of_cells[name]
                if table is api.Grade and row is not None and row.manual_score is not None:
                    value = {**value, "needs_manual_grade": True}  # a person has overruled the score: let them look
                if row is None:
                    new.append({"notebook_id": notebook, "cell_id": cell, **value})
                elif any(getattr(row, key) != it for key, it in value.items()):
                    changed.append({"id": row.id, **value})
        self._insert(table, new)
        self._update(table, changed)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._database.db.execute(insert(table), rows)

    def _update(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._database.db.execute(update(table), rows)

    def _scores(self, graded: Graded) -> dict[str, dict[str, Any]]:
        scores = {name: self._score(graded, name) for name in self._graded}
        return {name: {"auto_score": score, "needs_manual_grade": score is None} for name, score in scores.items()}

    def _score(self, graded: Graded, name: str) -> float | None:
        """None where a person has to look: at an answer that is graded by hand, and is there."""
        if name in graded.grade.exercises:
            return float(graded.grade.exercises[name].score)
        answered = graded.grade.status not in ZERO and name not in graded.untouched
        return None if answered and name in self._assignment.by_hand else 0.0

    def _comments(self, graded: Graded) -> dict[str, dict[str, Any]]:
        """Why there is no grade, or that the student has left a cell as it was."""
        if graded.grade.status in ZERO:
            return {name: {"auto_comment": graded.grade.reason} for name in self._commented}
        return {name: {"auto_comment": NO_RESPONSE if name in graded.untouched else None} for name in self._commented}

    def _write(self, entry: Entry) -> None:
        grade = entry.grade
        target = Path(self._course.format_path(self._course.autograded_directory, grade.student, grade.assignment))
        write_whole(target / f"{grade.assignment}.ipynb", entry.graded.text or "")
        copy_timestamp(entry.folder, target)

    def _assign_late_penalty(self, entry: Entry) -> None:
        AssignLatePenalties(parent=self._app).preprocess(entry.graded.notebook, {"nbgrader": {
            "notebook": entry.grade.assignment, "assignment": entry.grade.assignment, "student": entry.grade.student,
            "db_url": _patient(self._course.db_url)}})

    def _register(self) -> None:
        """Makes the assignment known to the gradebook, as `nbgrader generate_assignment` does, when it is not."""
        name = self._assignment.name
        try:
            known = self._database.find_notebook(name, name)
            points = {cell.name: cell.max_score for cell in known.grade_cells}
        except api.MissingEntry:
            points = {}
        if points == {**self._assignment.exercises, **self._assignment.by_hand}:
            return
        self._database.update_or_create_assignment(name)
        notebook = nbformat.from_dict(self._assignment.source)
        resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": self._course.db_url}}
        for step in (LockCells, ComputeChecksums, SaveCells):
            notebook, resources = step(parent=self._app).preprocess(notebook, resources)
        self._database.db.expire_all()


@contextmanager
def _told() -> Iterator[None]:
    """A database that does not take what is written is the grader's own fault, in one sentence."""
    try:
        yield
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0]
        raise GraderFault(f"The gradebook cannot be written to: {why}") from error


def _patient(url: str) -> str:
    return f"{url}?timeout={BUSY_SECONDS}" if url.startswith("sqlite:///") and "?" not in url else str(url)


def handed_in_at(folder: Path) -> datetime | None:
    """When it was handed in, where a file says so in nbgrader's way; a file that says something else is no time."""
    try:
        found: datetime | None = parse_utc((read_beside(folder, TIMESTAMP) or "").strip() or None)
    except (ValueError, OverflowError, TypeError):
        return None
    return found


def copy_timestamp(folder: Path, target: Path) -> None:
    """The one file beside the notebook that counts. All others stay where they are, and nothing else is opened."""
    timestamp = read_beside(folder, TIMESTAMP)
    if timestamp is not None:
        write_whole(target / TIMESTAMP, timestamp)
