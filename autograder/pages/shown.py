"""The last arrow: from a grade to the notebook that shows it."""

from __future__ import annotations

from autograder.course.assignment import Assignment
from autograder.files import notebook_text
from autograder.judging.grader import STOPPED, Judged, ungraded
from autograder.pages.feedback import annotated, explained
from autograder.verdict import Graded, Status


def shown(judged: Judged, assignment: Assignment) -> Graded:
    """The grade with its notebook as text; without one for the grader's own fault. Raises nothing.

    Where a notebook cannot be shown, there is no grade: what students would be told of it is a part of it.
    """
    grade = judged.grade
    if grade.status is Status.grader_error:
        return Graded(grade)
    try:
        if judged.notebook is None:
            return Graded(grade, notebook_text(explained(assignment, grade)))
        notebook = annotated(judged.notebook, judged.ran, grade, assignment.texts)
        return Graded(grade, notebook_text(notebook), judged.untouched)
    except Exception as fault:  # whatever this submission has found in us, the others are still graded
        return Graded(ungraded(assignment, grade.student, STOPPED.format(fault)))
