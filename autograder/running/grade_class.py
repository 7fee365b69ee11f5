"""Grades a class: what is new or changed, into `results/`, `autograded/` and the gradebook."""

from __future__ import annotations

import contextlib
import itertools
import math
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autograder.assignment import Assignment
from autograder.course import limits, submitted, unusable
from autograder.errors import GraderFault, UsageError
from autograder.grade import Graded, fingerprint, standing, ungraded
from autograder.gradebook import Gradebook
from autograder.lock import only_run
from autograder.verdict import UNFINISHED, Grade, Status, write_whole
from autograder.workers import Job, Setting, graded

BATCH = 24  # grades that are written together
BATCH_SECONDS = 1.0  # between two writings, where fewer come


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

    def note(self, grade: Grade, watcher: Watcher | None = None) -> None:
        """Adds one that was graded now."""
        self.grades[grade.student] = grade
        self.fresh.append(grade.student)
        if watcher:
            watcher.tell(grade)

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
    has handed nothing in and while another run is under way, `GraderFault` when grading cannot begin or go on. What was
    graded until then is kept.
    """
    def setting(*, keep_seed: bool) -> Setting:
        seed = class_seed(assignment.course, assignment.name, keep=keep_seed)
        return Setting(assignment, seed, limits(assignment.course), isolation)

    summary, due = _survey(assignment, students, regrade)
    if dry_run or not due:
        _announce(watcher, due)
        for done in _fresh(setting(keep_seed=False), due, workers, scheduler) if due else ():
            if done:
                summary.note(done.grade, watcher)
    else:
        with only_run(results_folder(assignment.course, assignment.name)):
            _sweep(assignment)
            summary, due = _survey(assignment, students, regrade)  # a run that has just ended may have graded some
            _announce(watcher, due)
            with contextlib.closing(_fresh(setting(keep_seed=True), due, workers, scheduler)) as fresh:
                _keep_all(assignment, fresh, due, lambda grade: summary.note(grade, watcher))
    summary.grades = dict(sorted(summary.grades.items()))
    return summary


def _sweep(assignment: Assignment) -> None:
    """Removes what a killed run had begun to write."""
    course = assignment.course
    for begun in (*results_folder(course, assignment.name).rglob(f".*{UNFINISHED}"),
                  *course.glob(f"autograded/*/{assignment.name}/.*{UNFINISHED}")):
        begun.unlink(missing_ok=True)


def _announce(watcher: Watcher | None, due: Mapping[str, Path]) -> None:
    if watcher:
        watcher.begin(len(due))


def _survey(assignment: Assignment, students: Sequence[str], regrade: bool) -> tuple[Summary, dict[str, Path]]:
    """What is known already, and the folders of those who are to be graded."""
    folders = submitted(assignment.course, assignment.name)
    unknown = [student for student in students if student not in folders]
    if unknown:
        raise UsageError(f"There is no folder submitted/{unknown[0]}.")
    summary, due = Summary(), {}
    for student, folder in folders.items():
        if students and student not in students:
            continue
        why = unusable(student)
        if why:
            summary.grades[student] = ungraded(assignment, student, why)
            continue
        known = _known(assignment, student)
        if known is not None:
            summary.before[student] = known
        if known is None or regrade or not _unchanged(known, assignment, folder):
            due[student] = folder
        else:
            summary.grades[student] = known
    return summary, due


def _keep_all(assignment: Assignment, fresh: Iterator[Graded | None], folders: Mapping[str, Path],
              note: Callable[[Grade], None]) -> None:
    """Writes what comes, a batch at a time: a transaction for each grade would cost more than to fork a child."""
    batch: list[Graded] = []
    written = -math.inf

    def flush() -> None:
        nonlocal written
        gradebook.record([(done, folders[done.grade.student]) for done in batch])
        for done in batch:
            keep_result(assignment, done)  # last: it says that all the rest is done
            note(done.grade)
        batch.clear()
        written = time.monotonic()

    first = next(fresh, None)  # the workers start while the gradebook is opened
    with Gradebook(assignment) as gradebook:
        try:
            for done in itertools.chain([first], fresh):
                if done:
                    batch.append(done)
                if batch and (len(batch) >= BATCH or time.monotonic() - written > BATCH_SECONDS):
                    flush()
        finally:
            flush()  # also what was graded before an interruption


def _fresh(setting: Setting, due: Mapping[str, Path], workers: int, scheduler: str | None) -> Generator[Graded | None]:
    """Those who are due, graded as they come ready; None where nothing came for a while."""
    jobs: list[Job] = list(due.items())
    if scheduler is None or not jobs:
        return graded(setting, jobs, workers)
    try:
        from autograder import cluster
    except ModuleNotFoundError as error:
        raise UsageError(f"--scheduler needs Dask ({error.name} is missing): pip install '.[cluster]'") from error
    return cluster.graded(setting, jobs, scheduler)


def keep_result(assignment: Assignment, done: Graded) -> None:
    """Writes the result file, and what staff may want to know beside it. Raises `GraderFault` where it cannot."""
    grade = done.grade
    folder = results_folder(assignment.course, assignment.name)
    write_whole(folder / "staff" / f"{grade.student}.txt", grade.details())
    write_whole(result_path(assignment.course, assignment.name, grade.student), grade.to_json())


def _known(assignment: Assignment, student: str) -> Grade | None:
    try:
        return Grade.from_json(result_path(assignment.course, assignment.name, student).read_text(encoding="utf-8"))
    except (FileNotFoundError, GraderFault):
        return None


def _unchanged(known: Grade, assignment: Assignment, folder: Path) -> bool:
    """True when grading again could only give the same."""
    if known.status is Status.grader_error:
        return False
    here = {"submission_sha256": fingerprint(folder, assignment.name), **standing(assignment)}
    return all(known.provenance.get(key) == value for key, value in here.items())
