"""The rows of the gradebook that grading owns: as they stand before a run, and put back after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from nbgrader import api
from sqlalchemy import delete, func, select, update

Rows = dict[str, Any]  # of one student, fit for JSON


def rows_of(session: Any, assignment: str, students: Iterable[str]) -> dict[str, Rows]:
    """What the gradebook has about each of these students in the assignment of this id, by student.

    `submission` is None for who has no entry; `known` is False for who is not even a student of the course.
    """
    wanted = list(students)
    known = set(session.scalars(select(api.Student.id).where(api.Student.id.in_(wanted))))
    found: dict[str, Rows] = {
        student: {"known": student in known, "submission": None, "penalty": None, "grades": {}, "comments": {}}
        for student in wanted
    }
    owner: dict[str, str] = {}
    for student, timestamp, notebook, penalty in session.execute(_notebooks(assignment, wanted)):
        found[student]["submission"] = {"timestamp": timestamp.isoformat() if timestamp else None}
        found[student]["penalty"] = penalty
        if notebook:
            owner[notebook] = student
    grade, comment, cell = api.Grade.__table__, api.Comment.__table__, api.BaseCell.__table__
    for row in session.execute(
        select(grade, cell.c.name)
        .join_from(grade, cell, cell.c.id == grade.c.cell_id)
        .where(grade.c.notebook_id.in_(owner))
    ):
        found[owner[row.notebook_id]]["grades"][row.name] = {
            "automatic": row.auto_score,
            "manual": row.manual_score,
            "waits": row.needs_manual_grade,
        }
    for row in session.execute(
        select(comment, cell.c.name)
        .join_from(comment, cell, cell.c.id == comment.c.cell_id)
        .where(comment.c.notebook_id.in_(owner))
    ):
        found[owner[row.notebook_id]]["comments"][row.name] = row.auto_comment
    return found


def put_back(session: Any, assignment: str, rows: Mapping[str, Rows]) -> None:
    """Makes what grading owns what it was: automatic scores and comments, lateness, and who has an entry at all.

    What people have entered since stays, with the row that it is in. Nothing is committed.
    """
    now: dict[str, tuple[str, str | None]] = {}
    submission = api.SubmittedAssignment.__table__
    notebook = api.SubmittedNotebook.__table__
    for row in session.execute(
        select(submission.c.student_id, submission.c.id, notebook.c.id.label("notebook"))
        .join_from(submission, notebook, notebook.c.assignment_id == submission.c.id, isouter=True)
        .where(submission.c.assignment_id == assignment, submission.c.student_id.in_(list(rows)))
    ):
        now[row.student_id] = (row.id, row.notebook)
    for student, before in rows.items():
        if student not in now:
            continue
        own, sheet = now[student]
        by_hand = _of_cells(session, api.Grade, sheet, before["grades"], _grade)
        by_hand |= _of_cells(session, api.Comment, sheet, before["comments"], _comment)
        session.execute(
            update(notebook).where(notebook.c.id == sheet).values(late_submission_penalty=before["penalty"])
        )
        if before["submission"] is not None:
            time = before["submission"]["timestamp"]
            session.execute(
                update(submission)
                .where(submission.c.id == own)
                .values(timestamp=datetime.fromisoformat(time) if time else None)
            )
        elif not by_hand:
            session.execute(delete(notebook).where(notebook.c.id == sheet))
            session.execute(delete(submission).where(submission.c.id == own))
            others = session.scalar(
                select(func.count()).select_from(submission).where(submission.c.student_id == student)
            )
            if not before["known"] and not others:
                session.execute(delete(api.Student.__table__).where(api.Student.__table__.c.id == student))


def _notebooks(assignment: str, students: list[str]) -> Any:
    submission, notebook = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
    return (
        select(submission.c.student_id, submission.c.timestamp, notebook.c.id, notebook.c.late_submission_penalty)
        .join_from(submission, notebook, notebook.c.assignment_id == submission.c.id, isouter=True)
        .where(submission.c.assignment_id == assignment, submission.c.student_id.in_(students))
    )


def _of_cells(session: Any, kind: Any, sheet: str | None, before: Mapping[str, Any], values: Any) -> bool:
    """Puts the rows of one notebook back; those that were not there go. True where a person's entry stays."""
    table, cell = kind.__table__, api.BaseCell.__table__
    by_hand = False
    for row in session.execute(
        select(table, cell.c.name)
        .join_from(table, cell, cell.c.id == table.c.cell_id)
        .where(table.c.notebook_id == sheet)
    ).all():
        entered = (
            row.manual_score is not None or row.extra_credit if kind is api.Grade else row.manual_comment is not None
        )
        by_hand |= bool(entered)
        if row.name in before or entered:
            session.execute(update(table).where(table.c.id == row.id).values(**values(row, before.get(row.name))))
        else:
            session.execute(delete(table).where(table.c.id == row.id))
    return by_hand


def _grade(row: Any, before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before is None:
        return {"auto_score": None}
    # A mark that came after the run has answered what waited before it.
    waits = row.needs_manual_grade if row.manual_score != before["manual"] else before["waits"]
    return {"auto_score": before["automatic"], "needs_manual_grade": waits}


def _comment(row: Any, before: str | None) -> dict[str, Any]:
    return {"auto_comment": before}
