"""Derives recorded grades again from what was recorded, and says whether they are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.folder import limits, submitted
from autograder.errors import UsageError
from autograder.judging.grader import fingerprint, versions_that_must_match
from autograder.records.agreement import Agreement
from autograder.records.compare import differences
from autograder.records.marks import read_marks
from autograder.records.results import read_result, result_path, results_folder
from autograder.records.status import STANDS
from autograder.records.verified import Verified
from autograder.running.processes import Setting, graded
from autograder.verdict import Grade, Status

SHOWN = 12  # characters of a hash


def verify(
    assignment: Assignment, students: Sequence[str] = (), *, workers: int = 1, isolation: str = "auto"
) -> Iterator[Verified]:
    """Each recorded grade, or those of `students`, derived again with the seed that was recorded. Nothing is written.

    Raises `UsageError` for a student without a recorded grade, `GraderFault` when grading cannot begin or go on.
    """
    known = {path.stem for path in results_folder(assignment.course, assignment.name).glob("[!.]*.json")}
    for student in students:
        if student not in known:
            raise UsageError(
                f"There is no recorded grade of {student!r}: "
                f"{result_path(assignment.course, assignment.name, student)} does not exist."
            )
    if not known:
        raise UsageError(f"Nothing is graded yet: run “autograder grade {assignment.name}” first.")
    return _verify(assignment, sorted(set(students) or known), workers, isolation)


def _verify(assignment: Assignment, students: Sequence[str], workers: int, isolation: str) -> Iterator[Verified]:
    agreement = Agreement(assignment, read_marks(assignment))
    folders = submitted(assignment.course, assignment.name)
    by_seed: dict[int, dict[str, Path]] = {}
    recorded: dict[str, Grade] = {}
    for student in students:
        grade = read_result(assignment, student)
        why = _not_derivable(grade, folders.get(student))
        if grade is None or why:
            yield Verified(student, grade, None, (why or "the result file cannot be read",))
            continue
        recorded[student] = grade
        by_seed.setdefault(int(grade.provenance["seed"]), {})[student] = folders[student]
    for seed, folder_of in sorted(by_seed.items()):
        setting = Setting(assignment, seed, limits(assignment.course), isolation)
        for done in graded(setting, list(folder_of.items()), workers):
            if done is None:
                continue
            student = done.grade.student
            before = recorded[student]
            yield Verified(
                student,
                before,
                done.grade,
                tuple(_circumstances(before, assignment, folder_of[student])),
                tuple(map(str, differences(before, done.grade))),
                agreement.differences(before),
            )


def _not_derivable(grade: Grade | None, folder: Path | None) -> str | None:
    if grade is None:
        return "the result file cannot be read"
    if grade.status is Status.grader_error:
        return f"no grade was recorded, by the grader's own fault: {grade.reason}"
    if folder is None:
        return "the submission is not in submitted/ any more"
    if not isinstance(grade.provenance.get("seed"), int):
        return "no seed was recorded"
    return None


def _circumstances(grade: Grade, assignment: Assignment, folder: Path) -> Iterator[str]:
    here: dict[str, str | None] = {
        "submission_sha256": fingerprint(folder, assignment.name),
        **versions_that_must_match(assignment),
    }
    for key, value in here.items():
        before = grade.provenance.get(key)
        if before != value:
            yield f"{STANDS.get(key, key)}: recorded {_short(before)}, now {_short(value)}"


def _short(value: object) -> str:
    return "none" if value is None else str(value)[:SHOWN]
