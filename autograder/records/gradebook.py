"""Writes grades into nbgrader's gradebook and the annotated notebooks into `autograded/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties, ComputeChecksums, LockCells, SaveCells
from sqlalchemy import create_engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.assignment import Assignment
from autograder.course.folder import settings
from autograder.course.late import due
from autograder.errors import GraderFault, UsageError
from autograder.records.handed_in import copy_what_counts, handed_in_at
from autograder.records.lateness import Deadlines, Lateness
from autograder.records.marks import BUSY_SECONDS
from autograder.records.rows import Rows, put_back, rows_of
from autograder.records.schema import (
    as_known,
    expected_cells,
    known_cells,
    migrate,
    require_schema,
    schema_version,
)
from autograder.verdict import Grade, Graded, Status, write_whole

ZERO = (Status.missing, Status.unreadable, Status.refused)
NO_RESPONSE = "No response."


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
            _require_schema(self._course.db_url)
            self._database = api.Gradebook(_patient(self._course.db_url), self._course.course_id)
        except (SQLAlchemyError, ImportError) as error:  # no server, no such database, no driver for it
            why = str(error).strip().splitlines()[0]
            raise UsageError(f"The gradebook of c.CourseDirectory.db_url cannot be opened: {why}") from error
        self._known = ("", "")  # ids of the assignment and of its notebook
        self._graded: dict[str, str] = {}  # ids of the cells that have a score, and of those that have a comment
        self._commented: dict[str, str] = {}

    def __enter__(self) -> Gradebook:
        with sql_errors_as_faults():
            self._register()
            notebook = self._database.find_notebook(self._assignment.name, self._assignment.name)
            self._known = (notebook.assignment_id, notebook.id)
            self._graded = {cell.name: cell.id for cell in [*notebook.grade_cells, *notebook.task_cells]}
            self._deadlines = Deadlines(self._assignment, self._own_due())
            self._commented = {cell.name: cell.id for cell in [*notebook.solution_cells, *notebook.task_cells]}
            self._database.db.commit()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def record(self, graded: Sequence[tuple[Graded, Path]]) -> None:
        """Enters grades, all in one transaction, and writes their notebooks to `autograded/`.

        Each comes with the folder that was handed in. A grader_error is not entered: it is unknown. Raises
        `GraderFault` when the gradebook or a folder cannot be written to; then nothing of this call counts.
        """
        entries = [
            Entry(one, folder, handed_in_at(folder))
            for one, folder in graded
            if one.grade.status is not Status.grader_error and one.text is not None
        ]
        if not entries:
            return
        with sql_errors_as_faults():
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

    def rows(self, students: Iterable[str]) -> dict[str, Rows]:
        """What stands about these students, to be put back one day. Raises `GraderFault` where it cannot be read."""
        with sql_errors_as_faults():
            found = rows_of(self._database.db, self._known[0], students)
            self._database.db.rollback()  # ends the reading, so that others may write
            return found

    def put_back(self, rows: Mapping[str, Rows]) -> None:
        """Makes automatic scores and comments what they were, in one transaction. What people have entered stays.

        Raises `GraderFault` when the gradebook cannot be written to.
        """
        with sql_errors_as_faults():
            try:
                put_back(self._database.db, self._known[0], rows)
                self._database.db.commit()
            except BaseException:
                self._database.db.rollback()
                raise

    def notebook(self, student: str) -> Path:
        """Where a student's notebook is in `autograded/`."""
        name = self._assignment.name
        return self._assignment.folders.autograded / student / name / f"{name}.ipynb"

    def grant(self, entitled: Mapping[str, Lateness]) -> None:
        """Enters times, extensions, and penalties where they are known, in one transaction.

        Raises `GraderFault` when the gradebook cannot be written to.
        """
        table, sheet = api.SubmittedAssignment, api.SubmittedNotebook
        with sql_errors_as_faults():
            for student, one in entitled.items():
                own = select(table.id).where(table.assignment_id == self._known[0], table.student_id == student)
                self._database.db.execute(
                    update(table)
                    .where(table.assignment_id == self._known[0], table.student_id == student)
                    .values(extension=one.extension, **({"timestamp": one.timestamp} if one.timestamp else {}))
                )
                if one.penalty is not None:
                    self._database.db.execute(
                        update(sheet)
                        .where(sheet.assignment_id.in_(own))
                        .values(late_submission_penalty=one.penalty or None)
                    )
            self._database.db.commit()

    def mark(
        self,
        student: str,
        cell: str,
        score: float | None,
        comment: str | None,
        *,
        seen: tuple[float | None, str | None],
    ) -> bool:
        """Enters a person's mark and comment, as the Formgrader does; without a score, the cell waits again.

        False, and nothing is entered, where something else than `seen` stands there. Raises `GraderFault` when the
        gradebook cannot be written to.
        """
        with sql_errors_as_faults():
            session, name = self._database.db, self._assignment.name
            try:
                grade = self._database.find_grade(cell, name, name, student)
                remark = self._database.find_comment(cell, name, name, student) if cell in self._commented else None
                if (grade.manual_score, remark.manual_comment or None if remark else seen[1]) != seen:
                    return False
                grade.manual_score, grade.needs_manual_grade = score, score is None
                if remark:
                    remark.manual_comment = comment
                session.commit()
            except api.MissingEntry:
                return False
            except BaseException:
                session.rollback()
                raise
        return True

    def comments(self, cell: str) -> dict[str, str]:
        """What people have written about one cell, by student."""
        comment, sheet, submission = (
            table.__table__ for table in (api.Comment, api.SubmittedNotebook, api.SubmittedAssignment)
        )
        with sql_errors_as_faults():
            rows = self._database.db.execute(
                select(submission.c.student_id, comment.c.manual_comment)
                .join_from(comment, sheet, sheet.c.id == comment.c.notebook_id)
                .join(submission, submission.c.id == sheet.c.assignment_id)
                .where(comment.c.cell_id == self._commented.get(cell, ""), comment.c.manual_comment.is_not(None))
            ).all()
            self._database.db.rollback()
        return {row.student_id: row.manual_comment for row in rows}

    def extension(self, student: str) -> timedelta | None:
        """How much later this student may hand in, by the class list or else the gradebook."""
        table = api.SubmittedAssignment
        known = self._database.db.scalar(
            select(table.extension).where(table.assignment_id == self._known[0], table.student_id == student)
        )
        self._database.db.rollback()
        return self._deadlines.extension(student, known)

    def _own_due(self) -> datetime | None:
        """The due date, which that of the configuration replaces."""
        table, wanted = api.Assignment, due(self._assignment.course, self._assignment.name)
        known: datetime | None = self._database.db.scalar(select(table.duedate).where(table.id == self._known[0]))
        if wanted is not None and wanted != known:
            self._database.db.execute(update(table).where(table.id == self._known[0]).values(duedate=wanted))
        return wanted or known

    def _enter(self, entries: Mapping[str, Entry]) -> set[str]:
        """Writes the rows of these students, few statements for all of them. Gives who handed in late.

        nbgrader's own calls commit for each student and each cell, and take ten times as long.
        """
        session = self._database.db
        known = set(session.scalars(select(api.Student.id).where(api.Student.id.in_(entries))))
        self._insert(api.Student, [{"id": student} for student in entries if student not in known])
        submissions, late = self._submissions(entries)
        notebooks = self._notebooks(submissions)
        self._upsert(
            api.Grade,
            self._graded,
            {notebook: self._scores(entries[student].graded) for student, notebook in notebooks.items()},
        )
        self._upsert(
            api.Comment,
            self._commented,
            {notebook: self._comments(entries[student].graded) for student, notebook in notebooks.items()},
        )
        return late

    def _submissions(self, entries: Mapping[str, Entry]) -> tuple[dict[str, str], set[str]]:
        """The id of each student's submission, and who handed in late."""
        table = api.SubmittedAssignment
        found = {
            row.student_id: row
            for row in self._database.db.execute(
                select(table.id, table.student_id, table.timestamp, table.extension).where(
                    table.assignment_id == self._known[0], table.student_id.in_(entries)
                )
            )
        }
        due = self._deadlines.due
        ids, late, new, changed = {}, set(), [], []
        for student, entry in entries.items():
            row = found.get(student)
            ids[student] = row.id if row else api.new_uuid()
            timestamp = entry.timestamp or (row.timestamp if row else None)
            extension = self._deadlines.extension(student, row.extension if row else None)
            if row is None:
                new.append(
                    {
                        "id": ids[student],
                        "assignment_id": self._known[0],
                        "student_id": student,
                        "timestamp": timestamp,
                        "extension": extension,
                    }
                )
            elif (timestamp, extension) != (row.timestamp, row.extension):
                changed.append({"id": ids[student], "timestamp": timestamp, "extension": extension})
            if timestamp and due and timestamp > (due + extension if extension else due):
                late.add(student)
        self._insert(table, new)
        self._update(table, changed)
        return ids, late

    def _notebooks(self, submissions: Mapping[str, str]) -> dict[str, str]:
        """The id of each student's notebook. A late penalty is taken back: it is for nbgrader to give it anew."""
        table = api.SubmittedNotebook
        found = {
            row.assignment_id: row
            for row in self._database.db.execute(
                select(table.id, table.assignment_id, table.late_submission_penalty).where(
                    table.notebook_id == self._known[1], table.assignment_id.in_(submissions.values())
                )
            )
        }
        ids = {
            student: found[submission].id if submission in found else api.new_uuid()
            for student, submission in submissions.items()
        }
        self._insert(
            table,
            [
                {"id": ids[student], "assignment_id": submission, "notebook_id": self._known[1]}
                for student, submission in submissions.items()
                if submission not in found
            ],
        )
        self._update(
            table,
            [
                {"id": row.id, "late_submission_penalty": None}
                for row in found.values()
                if row.late_submission_penalty is not None
            ],
        )
        return ids

    def _upsert(self, table: Any, cells: Mapping[str, str], values: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
        """Rows of grades or comments: `values` has what belongs into them, by notebook id and cell name."""
        found = {
            (row.notebook_id, row.cell_id): row
            for row in self._database.db.execute(select(table.__table__).where(table.notebook_id.in_(values)))
        }
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
        path = self.notebook(entry.grade.student)
        write_whole(path, entry.graded.text or "")
        copy_what_counts(entry.folder, path.parent)

    def _assign_late_penalty(self, entry: Entry) -> None:
        AssignLatePenalties(parent=self._app).preprocess(
            entry.graded.notebook,
            {
                "nbgrader": {
                    "notebook": entry.grade.assignment,
                    "assignment": entry.grade.assignment,
                    "student": entry.grade.student,
                    "db_url": _patient(self._course.db_url),
                }
            },
        )

    def _register(self) -> None:
        """Makes the assignment known to the gradebook, as `nbgrader generate_assignment` does, when it is not, and
        when its cells have changed since."""
        name = self._assignment.name
        try:
            known = self._database.find_notebook(name, name)
            if known_cells(known) == as_known(expected_cells(self._assignment)):
                return
            if known.submissions:
                migrate(self._database, self._assignment)
                return
        except api.MissingEntry:
            pass
        self._database.update_or_create_assignment(name)
        notebook = nbformat.from_dict(self._assignment.source)
        resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": self._course.db_url}}
        for step in (LockCells, ComputeChecksums, SaveCells):
            notebook, resources = step(parent=self._app).preprocess(notebook, resources)
        self._database.db.expire_all()


@contextmanager
def sql_errors_as_faults() -> Iterator[None]:
    """A database that does not take what is written is the grader's own fault, in one sentence."""
    try:
        yield
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0]
        raise GraderFault(f"The gradebook cannot be written to: {why}") from error


def _require_schema(url: str) -> None:
    """Raises `UsageError` for a gradebook of an older nbgrader, which would half be changed by opening it."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():
        return
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            require_schema(connection)
    finally:
        engine.dispose()


def _patient(url: str) -> str:
    return f"{url}?timeout={BUSY_SECONDS}" if url.startswith("sqlite:///") and "?" not in url else str(url)
