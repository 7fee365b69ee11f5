"""What stands in nbgrader's gradebook about each student: read only, whoever has entered it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbgrader import api
from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.assignment import Assignment
from autograder.course.folder import configured
from autograder.errors import UsageError
from autograder.records.schema import require_schema

BUSY_SECONDS = 60  # that SQLite waits for somebody else's transaction: the Formgrader may be open
NEAR = 1e-9  # points; two sums of the same parts may differ by less


@dataclass(frozen=True)
class Mark:
    """One graded cell of one student.

    Arguments:
        automatic: points that grading has given; None where a person has to mark it.
        manual: points that a person has entered; they stand in place of the automatic ones.
        extra: points that a person has added.
        waits: nbgrader asks for a person's look.
        most: points that the cell can give.
        written: True for an answer that people grade, False for what hidden tests grade.
    """

    automatic: float | None
    manual: float | None
    extra: float
    waits: bool
    most: float
    written: bool

    @property
    def score(self) -> float:
        """Points that count now, extra credit included."""
        own = self.manual if self.manual is not None else self.automatic
        return (own or 0.0) + self.extra

    @property
    def unmarked(self) -> bool:
        """Nobody knows yet how many points it is worth. That is not 0."""
        return self.waits and self.manual is None and self.automatic is None

    @property
    def overruled(self) -> bool:
        """A person has put another score in place of the automatic one."""
        return self.manual is not None and self.automatic is not None and abs(self.manual - self.automatic) > NEAR


@dataclass(frozen=True)
class Marks:
    """All that the gradebook has about one student in one assignment. `cells` is empty for one who has no entry."""

    student: str
    first_name: str = ""
    last_name: str = ""
    cells: Mapping[str, Mark] = field(default_factory=dict)
    penalty: float = 0.0
    timestamp: datetime | None = None
    extension: timedelta | None = None

    @property
    def name(self) -> str:
        """First and last name; "" where the gradebook has neither."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def entered(self) -> bool:
        return bool(self.cells)

    @property
    def unmarked(self) -> tuple[str, ...]:
        """The cells that wait for a mark."""
        return tuple(name for name, mark in self.cells.items() if mark.unmarked)

    @property
    def overruled(self) -> tuple[str, ...]:
        """The cells in which a person has put another score in place of the automatic one."""
        return tuple(name for name, mark in self.cells.items() if mark.overruled)

    @property
    def extra(self) -> float:
        """Points of extra credit."""
        return round(sum(mark.extra for mark in self.cells.values()), 9)

    @property
    def total(self) -> float:
        """Points without what is unmarked, and after the penalty for lateness."""
        return round(max(0.0, self.score - self.penalty), 9)

    @property
    def digest(self) -> str:
        """Names what a student would read of these marks: it changes when they do."""
        cells = [(name, mark.score, mark.unmarked) for name, mark in self.cells.items()]
        return hashlib.sha256(json.dumps([cells, self.penalty]).encode()).hexdigest()[:16]

    @property
    def score(self) -> float:
        """Points without what is unmarked, before the penalty for lateness."""
        return round(sum(mark.score for mark in self.cells.values()), 9)

    @property
    def full(self) -> float:
        """The points of the assignment."""
        return round(sum(mark.most for mark in self.cells.values()), 9)

    @property
    def waiting_points(self) -> float:
        """The most that the unmarked answers can still give."""
        return round(sum(mark.most for mark in self.cells.values() if mark.unmarked), 9)

    @property
    def most(self) -> float:
        """The most that the marked cells could give: `total` is out of so many."""
        return round(sum(mark.most for mark in self.cells.values() if not mark.unmarked), 9)


def so_far(marks: Marks) -> str:
    """`22 of 24 so far; 4 points wait`, or `26 of 28` once everything is marked."""
    total = f"{marks.total:g} of {marks.most:g}"
    if not marks.unmarked:
        return total
    waits = "1 point waits" if marks.waiting_points == 1 else f"{marks.waiting_points:g} points wait"
    return f"{total} so far; {waits}"


def read_marks(assignment: Assignment) -> dict[str, Marks]:
    """Everybody whom the gradebook knows, by id, sorted; those who have no entry in this assignment have no cells.

    Nothing is written, and a gradebook that does not exist is not made: then it is empty. Raises `UsageError` for one
    that cannot be read.
    """
    with open_gradebook(configured(assignment.course).coursedir.db_url) as connection:
        if connection is None:
            return {}
        students = connection.execute(
            select(api.Student.id, api.Student.first_name, api.Student.last_name).order_by(api.Student.id)
        ).all()
        cells = _cells(connection, assignment.name)
        entries = _entries(connection, assignment.name)
    everybody = {}
    for student in students:
        rows = entries.get(student.id, {})
        own = {
            name: Mark(
                row.auto_score,
                row.manual_score,
                float(row.extra_credit or 0),
                bool(row.needs_manual_grade),
                *cells[name],
            )
            for name, row in rows.items()
            if name in cells
        }
        row = next(iter(rows.values()), None)
        about = (float(row.late_submission_penalty or 0), row.timestamp, row.extension) if row else ()
        everybody[student.id] = Marks(
            student.id,
            student.first_name or "",
            student.last_name or "",
            {name: own[name] for name in cells if name in own},
            *about,
        )
    return everybody


def waiting(assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """The answers that wait for a mark, by student; a student for whom nothing waits is left out."""
    return {student: marks.unmarked for student, marks in read_marks(assignment).items() if marks.unmarked}


def duedate(assignment: Assignment) -> datetime | None:
    """When the assignment is due by the gradebook (UTC, without a zone); None where it does not say."""
    with open_gradebook(configured(assignment.course).coursedir.db_url) as connection:
        if connection is None:
            return None
        found: datetime | None = connection.scalar(
            select(api.Assignment.duedate).where(api.Assignment.name == assignment.name)
        )
    return found


def submission_times(assignment: Assignment) -> dict[str, list[tuple[datetime, str, timedelta]]]:
    """(due date, assignment, how late) of everything in the course that has a due date, by student, in that order."""
    found: dict[str, list[tuple[datetime, str, timedelta]]] = {}
    with open_gradebook(configured(assignment.course).coursedir.db_url) as connection:
        if connection is None:
            return found
        submission, owner = api.SubmittedAssignment.__table__, api.Assignment.__table__
        rows = connection.execute(
            select(
                submission.c.student_id, submission.c.timestamp, submission.c.extension, owner.c.name, owner.c.duedate
            )
            .join_from(submission, owner, owner.c.id == submission.c.assignment_id)
            .where(owner.c.duedate.is_not(None))
            .order_by(owner.c.duedate, owner.c.name)
        )
        for row in rows:
            until = row.duedate + (row.extension or timedelta(0))
            late = max(timedelta(0), row.timestamp - until) if row.timestamp else timedelta(0)
            found.setdefault(row.student_id, []).append((row.duedate, row.name, late))
    return found


@contextmanager
def open_gradebook(url: str) -> Iterator[Connection | None]:
    """The gradebook, to read from; None where there is none yet."""
    address = make_url(url)
    try:
        if address.get_backend_name() == "sqlite":
            path = Path(address.database or "")
            if not path.is_file() or not path.stat().st_size:
                yield None
                return
            place = f"file:{quote(str(path.absolute()))}?mode=ro"
            engine = create_engine(
                "sqlite://",
                creator=lambda: sqlite3.connect(place, uri=True, timeout=BUSY_SECONDS, check_same_thread=False),
            )
        else:
            engine = create_engine(url)
        try:
            with engine.connect() as connection:
                require_schema(connection)
                yield connection if inspect(connection).has_table("submitted_assignment") else None
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        why = str(error).strip().splitlines()[0]
        raise UsageError(f"The gradebook of c.CourseDirectory.db_url cannot be opened: {why}") from error


def _cells(connection: Connection, assignment: str) -> dict[str, tuple[float, bool]]:
    """(points, is it graded by people) of each cell that has a score, by name."""
    found: dict[str, tuple[float, bool]] = {}
    base, notebook, owner = (table.__table__ for table in (api.BaseCell, api.Notebook, api.Assignment))
    solved = set(connection.scalars(select(api.SolutionCell.__table__.c.id)))
    for cells in (api.GradeCell.__table__, api.TaskCell.__table__):
        rows = connection.execute(
            select(base.c.id, base.c.name, cells.c.max_score)
            .join_from(base, cells, cells.c.id == base.c.id)
            .join(notebook, notebook.c.id == base.c.notebook_id)
            .join(owner, owner.c.id == notebook.c.assignment_id)
            .where(owner.c.name == assignment, notebook.c.name == assignment)
        )
        found |= {row.name: (float(row.max_score), row.id in solved or cells is api.TaskCell.__table__) for row in rows}
    return found


def _entries(connection: Connection, assignment: str) -> dict[str, dict[str, Any]]:
    """The rows of each student, by cell."""
    base, grade, notebook, submission, owner = (
        table.__table__
        for table in (api.BaseCell, api.Grade, api.SubmittedNotebook, api.SubmittedAssignment, api.Assignment)
    )
    rows = connection.execute(
        select(
            submission.c.student_id,
            submission.c.timestamp,
            submission.c.extension,
            notebook.c.late_submission_penalty,
            base.c.name,
            grade.c.auto_score,
            grade.c.manual_score,
            grade.c.extra_credit,
            grade.c.needs_manual_grade,
        )
        .join_from(submission, owner, owner.c.id == submission.c.assignment_id)
        .join(notebook, notebook.c.assignment_id == submission.c.id)
        .join(grade, grade.c.notebook_id == notebook.c.id)
        .join(base, base.c.id == grade.c.cell_id)
        .where(owner.c.name == assignment)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.student_id, {})[row.name] = row
    return found
