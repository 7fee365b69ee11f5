"""Grades a class: what is new or changed, into `results/`, `autograded/` and the gradebook."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autograder.assignment import Assignment
from autograder.course import limits, submitted, unusable
from autograder.errors import GraderFault, UsageError
from autograder.grade import Graded, fingerprint, standing
from autograder.gradebook import Gradebook
from autograder.verdict import Grade, Status, write_whole
from autograder.workers import Job, Setting, graded


class Watcher(Protocol):
    """Hears how many submissions are due, then of each one that is graded."""

    def begin(self, total: int) -> None: ...

    def tell(self, grade: Grade) -> None: ...


@dataclass
class Summary:
    """What a run did. `grades` holds every student's, in order; `fresh` names those graded now."""

    grades: dict[str, Grade] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    before: dict[str, Grade] = field(default_factory=dict)

    @property
    def troubled(self) -> list[Grade]:
        return [grade for grade in self.grades.values() if grade.status is Status.grader_error]


def results_folder(course: Path, assignment: str) -> Path:
    return course / "results" / assignment


def result_path(course: Path, assignment: str, student: str) -> Path:
    return results_folder(course, assignment) / f"{student}.json"


def read_results(course: Path, assignment: str) -> Iterator[Grade]:
    """Every grade in `results/`, by student. Raises `GraderFault` for a damaged file."""
    for path in sorted(results_folder(course, assignment).glob("[!.]*.json")):
        yield Grade.from_json(path.read_text(encoding="utf-8"))


def class_seed(course: Path, assignment: str, *, keep: bool = True) -> int:
    """The seed of this class, drawn once: all are asked the same, none can predict it, a regrade repeats it."""
    path = results_folder(course, assignment) / ".seed"
    if path.is_file():
        return int(path.read_text())
    seed = secrets.randbits(63)
    if keep:
        write_whole(path, f"{seed}\n")
        path.chmod(0o600)
    return seed


def grade_class(assignment: Assignment, students: Sequence[str] = (), *, regrade: bool = False, dry_run: bool = False,
                isolation: str = "auto", workers: int = 1, scheduler: str | None = None,
                watcher: Watcher | None = None) -> Summary:
    """Grades what is new or changed in `submitted/`, or all of it with `regrade`; `dry_run` writes nothing.

    It is done by `workers` processes here, or on the Dask cluster of `scheduler`. Raises `UsageError` for a student who
    has handed nothing in, `GraderFault` when grading cannot begin or go on.
    """
    course, name = assignment.course, assignment.name
    folders = submitted(course, name)
    unknown = [student for student in students if student not in folders]
    if unknown:
        raise UsageError(f"There is no folder submitted/{unknown[0]}.")
    chosen = {student: folder for student, folder in folders.items() if not students or student in students}
    summary = Summary()
    for student, why in [(student, why) for student in chosen if (why := unusable(student))]:
        del chosen[student]
        summary.grades[student] = Grade(name, student, Status.grader_error, why, assignment.max_score, {}, (), 0.0, {})
    for student in chosen:
        known = _known(assignment, student)
        if known is not None:
            summary.before[student] = known
    due = [student for student, folder in chosen.items()
           if regrade or not _unchanged(summary.before.get(student), assignment, folder)]
    for student in chosen:
        if student not in due:
            summary.grades[student] = summary.before[student]
    if watcher:
        watcher.begin(len(due))
    if due:
        setting = Setting(assignment, class_seed(course, name, keep=not dry_run), limits(course), isolation)
        with contextlib.nullcontext() if dry_run else Gradebook(assignment) as gradebook:
            for done in _graded(setting, [(student, chosen[student]) for student in due], workers, scheduler):
                if gradebook:
                    gradebook.record(done.grade, done.notebook, chosen[done.grade.student])
                    keep_result(assignment, done)  # last: it says that all the rest is done
                _note(summary, done, watcher)
    summary.grades = dict(sorted(summary.grades.items()))
    return summary


def _graded(setting: Setting, jobs: Sequence[Job], workers: int, scheduler: str | None) -> Iterator[Graded]:
    if scheduler is None:
        return graded(setting, jobs, workers)
    try:
        from autograder import cluster
    except ModuleNotFoundError as error:
        raise UsageError(f"--scheduler needs Dask ({error.name} is missing): pip install '.[cluster]'") from error
    return cluster.graded(setting, jobs, scheduler)


def keep_result(assignment: Assignment, done: Graded) -> None:
    """Writes the result file, and what staff may want to know beside it."""
    grade = done.grade
    folder = results_folder(assignment.course, assignment.name)
    write_whole(folder / "staff" / f"{grade.student}.txt", grade.details())
    write_whole(result_path(assignment.course, assignment.name, grade.student), grade.to_json())


def _note(summary: Summary, done: Graded, watcher: Watcher | None) -> None:
    summary.grades[done.grade.student] = done.grade
    summary.fresh.append(done.grade.student)
    if watcher:
        watcher.tell(done.grade)


def _known(assignment: Assignment, student: str) -> Grade | None:
    try:
        return Grade.from_json(result_path(assignment.course, assignment.name, student).read_text(encoding="utf-8"))
    except (FileNotFoundError, GraderFault):
        return None


def _unchanged(known: Grade | None, assignment: Assignment, folder: Path) -> bool:
    """True when grading again could only give the same."""
    if known is None or known.status is Status.grader_error:
        return False
    here = {"submission_sha256": fingerprint(folder, assignment.name), **standing(assignment)}
    return all(known.provenance.get(key) == value for key, value in here.items())
