"""Grades a class: what is new or changed, into `results/`, `autograded/` and the gradebook."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.configuration import require_own_steps
from autograder.course.folder import limits, settings, shared, stray, submitted, unusable
from autograder.errors import UsageError
from autograder.judging.grader import fingerprint, ungraded, versions_that_must_match
from autograder.records.agreement import Agreement
from autograder.records.gradebook import Gradebook
from autograder.records.handed_in import time_trouble
from autograder.records.history import Recorder, as_it_stands
from autograder.records.lateness import late_by_unknown, lateness
from autograder.records.lock import only_run
from autograder.records.marks import NEAR, read_marks
from autograder.records.results import Summary, Watcher, class_seed, keep_result, read_result, results_folder, sweep
from autograder.records.roster import roster
from autograder.records.undo import complete
from autograder.running.processes import Job, Setting, graded
from autograder.verdict import Grade, Graded, Status

BATCH = 24  # grades that are written together
BATCH_SECONDS = 1.0  # between two writings, where fewer come


def grade_class(
    assignment: Assignment,
    students: Sequence[str] = (),
    *,
    regrade: bool = False,
    dry_run: bool = False,
    isolation: str = "auto",
    workers: int = 1,
    scheduler: str | None = None,
    watcher: Watcher | None = None,
    reason: str | None = None,
) -> Summary:
    """Grades what is new or changed in `submitted/`, or all of it with `regrade`; `dry_run` writes nothing.

    It is done by `workers` processes here, or on the Dask cluster of `scheduler`. Raises `UsageError` for a student who
    has handed nothing in and while another run is under way, `GraderFault` when grading cannot begin or go on. What was
    graded until then is kept. `reason` is why, for the history.
    """

    def setting(*, keep_seed: bool) -> Setting:
        seed = class_seed(assignment.course, assignment.name, keep=keep_seed)
        return Setting(assignment, seed, limits(assignment.course), isolation)

    require_own_steps(settings(assignment.course))
    if shared(assignment.course):
        os.umask(os.umask(0o022) & ~0o070)  # the other members of staff can write what this run has written
    summary, due = _survey(assignment, students, regrade)
    if dry_run or not due:
        _announce(watcher, due)
        for done in _fresh(setting(keep_seed=False), due, workers, scheduler) if due else ():
            if done:
                summary.note(done.grade, watcher)
    else:
        with only_run(results_folder(assignment.course, assignment.name)):
            sweep(assignment)
            complete(assignment)
            summary, due = _survey(assignment, students, regrade)  # a run that has just ended may have graded some
            _announce(watcher, due)
            with contextlib.closing(_fresh(setting(keep_seed=True), due, workers, scheduler)) as fresh:
                _keep_all(assignment, fresh, due, lambda grade: summary.note(grade, watcher), reason)
    summary.late_by_unknown = late_by_unknown(assignment)
    if not dry_run:
        _renew_lateness(assignment, summary)
    summary.grades = dict(sorted(summary.grades.items()))
    return summary


def _renew_lateness(assignment: Assignment, summary: Summary) -> None:
    """Extensions and penalties follow the class list, the rule and the marks, also of work that is not graded anew."""
    marks = read_marks(assignment)
    if not lateness(assignment, marks):
        return
    with only_run(results_folder(assignment.course, assignment.name)), Gradebook(assignment) as gradebook:
        marks = read_marks(assignment)
        entitled = lateness(assignment, marks)
        gradebook.grant(entitled)
    summary.penalties = {
        student: (marks[student].penalty, one.penalty)
        for student, one in entitled.items()
        if one.penalty is not None and abs(one.penalty - marks[student].penalty) > NEAR and student not in summary.fresh
    }


def _announce(watcher: Watcher | None, due: Mapping[str, Path]) -> None:
    if watcher:
        watcher.begin(len(due))


def _survey(assignment: Assignment, students: Sequence[str], regrade: bool) -> tuple[Summary, dict[str, Path]]:
    """What is known already, and the folders of those who are to be graded."""
    folders = submitted(assignment.course, assignment.name)
    marks = read_marks(assignment)
    agreement = Agreement(assignment, marks)
    unknown = [student for student in students if student not in folders]
    if unknown:
        raise UsageError(f"There is no folder submitted/{unknown[0]}.")
    summary, due = Summary(), {}
    everybody = roster(assignment, marks)
    for student, folder in folders.items():
        if students and student not in students:
            continue
        if student not in {*everybody, *students} and stray(assignment.course, folder):
            summary.strays.append(student)
            continue
        why = unusable(student)
        if why:
            summary.grades[student] = ungraded(assignment, student, why)
            continue
        if trouble := time_trouble(folder):
            summary.times[student] = trouble
        known = read_result(assignment, student)
        if known is not None:
            summary.before[student] = known
        if known is None or regrade or not _unchanged(known, assignment, folder):
            due[student] = folder
        elif differing := agreement.differences(known):
            summary.mended[student] = differing
            due[student] = folder
        else:
            summary.grades[student] = known
    if not students:
        graded_before = {path.stem for path in results_folder(assignment.course, assignment.name).glob("[!.]*.json")}
        for student in sorted({*everybody, *graded_before} - folders.keys()):
            summary.absent[student] = read_result(assignment, student)
    return summary, due


def _keep_all(
    assignment: Assignment,
    fresh: Iterator[Graded | None],
    folders: Mapping[str, Path],
    note: Callable[[Grade], None],
    reason: str | None,
) -> None:
    """Writes what comes, a batch at a time: a transaction for each grade would cost more than to fork a child."""
    batch: list[Graded] = []
    written = -math.inf
    recorder = Recorder(assignment, "grade", reason)

    def flush() -> None:
        nonlocal written
        if batch:  # first: what it replaces
            students = [done.grade.student for done in batch]
            paths = {student: gradebook.notebook(student) for student in students}
            recorder.keep(
                as_it_stands(assignment, students, gradebook.rows(students), paths),
                {done.grade.student: done.grade for done in batch},
            )
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
        from autograder.running import dask_client as cluster
    except ModuleNotFoundError as error:
        raise UsageError(f"--scheduler needs Dask ({error.name} is missing): pip install '.[cluster]'") from error
    return cluster.graded(setting, jobs, scheduler)


def _unchanged(known: Grade, assignment: Assignment, folder: Path) -> bool:
    """True when grading again could only give the same."""
    if known.status is Status.grader_error:
        return False
    here = {"submission_sha256": fingerprint(folder, assignment.name), **versions_that_must_match(assignment)}
    return all(known.provenance.get(key) == value for key, value in here.items())
