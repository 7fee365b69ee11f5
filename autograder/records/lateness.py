"""Who is late, and what it costs by the course's rule, whatever was written when it was graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course.assignment import Assignment
from autograder.course.class_list import ClassList, class_list
from autograder.course.late import course_policy, due
from autograder.records.marks import NEAR, Marks, duedate, submission_times

NONE = timedelta(0)


@dataclass(frozen=True)
class Lateness:
    """What belongs into the gradebook for one student: how much later they may hand in, and what is taken (None: that
    is not for the kit to say)."""

    extension: timedelta | None
    penalty: float | None


class Deadlines:
    """The deadline of an assignment, and of each student, by the class list where that grants anything to anybody."""

    def __init__(self, assignment: Assignment, in_gradebook: datetime | None) -> None:
        self.due = due(assignment.course, assignment.name) or in_gradebook
        self._assignment = assignment.name
        known = class_list(assignment.course)
        grants = known is not None and any(one.extensions or one.extra_time for one in known)
        self._list: ClassList | None = known if grants else None

    def extension(self, student: str, in_gradebook: timedelta | None) -> timedelta | None:
        """How much later this student may hand in; what the gradebook has, where the class list does not rule."""
        found = self._list.get(student) if self._list else None
        if found is None or self.due is None:
            return in_gradebook
        later = found.deadline(self.due, self._assignment) - self.due
        return later if later or in_gradebook else None


def lateness(assignment: Assignment, marks: Mapping[str, Marks]) -> dict[str, Lateness]:
    """What each student's entry should say, where it says something else.

    Raises `UsageError` for a class list or a rule that cannot be read.
    """
    policy = course_policy(assignment.course)
    deadlines = Deadlines(assignment, duedate(assignment))
    if deadlines.due is None:
        return {}
    times = submission_times(assignment) if policy and policy.tokens else {}
    found = {}
    for student, one in marks.items():
        if not one.entered:
            continue
        extension = deadlines.extension(student, one.extension)
        until = deadlines.due + (extension or NONE)
        late = max(NONE, one.timestamp - until) if one.timestamp else NONE
        penalty = None
        if policy is not None:
            before = [
                lateness
                for due, name, lateness in times.get(student, ())
                if (due, name) < (deadlines.due, assignment.name)
            ]
            penalty = policy.penalty(late, one.full, one.score, policy.tokens_left(before))
        other = penalty is not None and abs(penalty - one.penalty) > NEAR
        if other or (extension or NONE) != (one.extension or NONE):
            found[student] = Lateness(extension, penalty)
    return found
