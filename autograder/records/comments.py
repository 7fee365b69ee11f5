"""What people have written beside the cells of a submission, in the gradebook. Read only."""

from __future__ import annotations

from nbgrader import api
from sqlalchemy import select

from autograder.course.assignment import Assignment
from autograder.course.folder import settings
from autograder.records.marks import open_gradebook


def read_comments(assignment: Assignment) -> dict[str, dict[str, str]]:
    """The comments that staff have entered, by student and cell; empty where there is no gradebook yet.

    Raises `UsageError` for a gradebook that cannot be read.
    """
    with open_gradebook(settings(assignment.course).coursedir.db_url) as opened:
        if opened is None:
            return {}
        comment, base, notebook, submission, owner = (
            table.__table__
            for table in (api.Comment, api.BaseCell, api.SubmittedNotebook, api.SubmittedAssignment, api.Assignment)
        )
        rows = opened.execute(
            select(submission.c.student_id, base.c.name, comment.c.manual_comment)
            .join_from(submission, owner, owner.c.id == submission.c.assignment_id)
            .join(notebook, notebook.c.assignment_id == submission.c.id)
            .join(comment, comment.c.notebook_id == notebook.c.id)
            .join(base, base.c.id == comment.c.cell_id)
            .where(owner.c.name == assignment.name, comment.c.manual_comment.is_not(None))
        ).all()
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.manual_comment.strip():
            found.setdefault(row.student_id, {})[row.name] = row.manual_comment
    return found
