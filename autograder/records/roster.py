"""Everybody in the class, whether they have handed in or not, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course.assignment import Assignment
from autograder.course.class_list import class_list
from autograder.records.marks import Marks, read_marks


def roster(assignment: Assignment, marks: Mapping[str, Marks] | None = None) -> dict[str, str]:
    """The name of each student in the class list and in the gradebook, by id, sorted; "" where none is known.

    `marks` is what `read_marks` gives, where that is known already. Raises `UsageError` for a class list that cannot be
    read.
    """
    known = read_marks(assignment) if marks is None else marks
    names = {student: found.name for student, found in known.items()}
    for student in class_list(assignment.course) or ():
        own = f"{student.first_name} {student.last_name}".strip()
        names[student.id] = own or names.get(student.id, "")
    return dict(sorted(names.items()))
