"""Who is late, and what it costs by the course's rule, whatever was written when it was graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course.assignment import Assignment
from autograder.course.class_list import ClassList, class_list
from autograder.course.folder import submitted
from autograder.course.late import course_policy, due
from autograder.records.handed_in import handed_in_at
from autograder.records.marks import NEAR, Marks, duedate, submission_times
from autograder.records.uploads import read_uploads

NONE = timedelta(0)


@dataclass(frozen=True)
class Lateness:
    """What belongs into the gradebook for one student.

    Arguments:
        timestamp: when it came (UTC, without a zone); None leaves what is there.
        extension: how much later they may hand in.
        penalty: what is taken; None where that is not for the kit to say.
    """

    timestamp: datetime | None
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
    folders = submitted(assignment.course, assignment.name)
    for student, one in marks.items():
        if not one.entered:
            continue
        timestamp = (handed_in_at(folders[student]) if student in folders else None) or one.timestamp
        extension = deadlines.extension(student, one.extension)
        until = deadlines.due + (extension or NONE)
        late = max(NONE, timestamp - until) if timestamp else NONE
        penalty = None
        if policy is not None:
            before = [
                lateness
                for due, name, lateness in times.get(student, ())
                if (due, name) < (deadlines.due, assignment.name)
            ]
            penalty = policy.penalty(late, one.full, one.score, policy.tokens_left(before))
        other = penalty is not None and abs(penalty - one.penalty) > NEAR
        if other or timestamp != one.timestamp or (extension or NONE) != (one.extension or NONE):
            found[student] = Lateness(timestamp, extension, penalty)
    return found


def late_by_unknown(assignment: Assignment) -> list[str]:
    """Who is marked late by the platform, without a time: where lateness costs something, nobody knows how much.

    Raises `UsageError` for a rule that cannot be read, `GraderFault` for a damaged record of what was collected.
    """
    if course_policy(assignment.course) is None:
        return []
    folders = submitted(assignment.course, assignment.name)
    uploads = read_uploads(assignment.course, assignment.name).students
    return [
        student
        for student, upload in sorted(uploads.items())
        if upload.late and student in folders and handed_in_at(folders[student]) is None
    ]
