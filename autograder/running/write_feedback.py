"""Writes the feedback pages of a class, in parallel, where `nbgrader generate_feedback` puts its own."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.pages.student_page import Pages
from autograder.records.comments import read_comments
from autograder.records.handed_in import copy_what_counts
from autograder.records.marks import Marks, read_marks
from autograder.records.roster import roster
from autograder.verdict import Grade, Status, write_whole

CHUNK = 8  # pages that a worker is given at a time
FEW = 12  # pages that are written here: to start workers takes longer


@dataclass(frozen=True)
class Job:
    """What is known of one student's page before their files are read."""

    student: str
    name: str
    marks: Marks | None
    comments: Mapping[str, str]
    result: Path
    notebook: Path
    page: Path
    handed_in: Path  # the folder of the submission


@dataclass(frozen=True)
class Done:
    """Which pages were written, in `place`, and why others were not, by student."""

    place: Path
    written: Mapping[str, Path] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


def write_feedback(assignment: Assignment, students: Sequence[str] = (), *, workers: int = 1) -> Done:
    """Writes the page of every student who has a result, or of these students; each whole or not at all.

    A page that cannot be made is named in what comes back, and the others are written. Raises `UsageError` for a
    student without a result and where nothing is graded.
    """
    jobs = _jobs(assignment, students)
    done = {job.student: why for job, why in _written(Pages.of(assignment), jobs, workers)}
    written = {job.student: job.page for job in jobs if done[job.student] is None}
    failed = {student: why for student, why in done.items() if why is not None}
    return Done(assignment.folders.feedback, written, failed)


def page_of(assignment: Assignment, student: str) -> str:
    """The page of one student. Raises `UsageError` where there is no result, `GraderFault` for damaged files."""
    [job] = _jobs(assignment, [student])
    return _page(_pages(assignment, assignment.source_path.stat().st_mtime_ns, assignment.hidden_tests_sha256), job)


@lru_cache(maxsize=8)
def _pages(assignment: Assignment, *_: object) -> Pages:
    """What the pages have in common, made once: nbgrader asks for one page after another."""
    return Pages.of(assignment)


def _jobs(assignment: Assignment, students: Sequence[str]) -> list[Job]:
    graded = sorted(path.stem for path in assignment.results.glob("[!.]*.json"))
    if not graded:
        raise UsageError(f"Nothing is graded yet: run “autograder grade {assignment.name}” first.")
    unknown = [student for student in students if student not in graded]
    if unknown:
        raise UsageError(f"{unknown[0]} has no grade yet: run “autograder grade {assignment.name}” first.")
    marks = read_marks(assignment)
    names, comments = roster(assignment, marks), read_comments(assignment)
    name, folders = assignment.name, assignment.folders
    return [
        Job(
            student,
            names.get(student, ""),
            marks.get(student),
            comments.get(student, {}),
            assignment.results / f"{student}.json",
            folders.autograded / student / name / f"{name}.ipynb",
            folders.feedback / student / name / f"{name}.html",
            folders.submitted / student / name,
        )
        for student in graded
        if not students or student in students
    ]


def _page(pages: Pages, job: Job) -> str:
    try:
        grade = Grade.from_json(job.result.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise GraderFault(f"{job.result} cannot be read: {error}") from error
    notebook = _notebook(job.notebook) if grade.status is Status.graded else None
    return pages.page(grade, notebook, job.marks, job.name, job.comments)


def _notebook(path: Path) -> NotebookNode:
    """Raises `GraderFault` for what is not a notebook."""
    try:
        held: NotebookNode = nbformat.v4.reads(path.read_text(encoding="utf-8"))  # joins lines; checks nothing
        for cell in held.cells:
            if not isinstance(cell.source, str):
                raise TypeError("the text of a cell is no text")
        return held
    except FileNotFoundError:
        raise GraderFault(f"{path} is not there: grade again with “--regrade”.") from None
    except OSError as error:
        raise GraderFault(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GraderFault(f"{path} is no notebook: {error!r}. Grade again with “--regrade”.") from error


def _written(pages: Pages, jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, str | None]]:
    """Each job, and why its page could not be written, or None."""
    if workers == 1 or len(jobs) <= FEW:
        for job in jobs:
            yield job, _write(pages, job)
        return
    with ProcessPoolExecutor(min(workers, len(jobs)), multiprocessing.get_context("spawn"), _begin, (pages,)) as pool:
        try:
            yield from zip(jobs, pool.map(_work, jobs, chunksize=CHUNK), strict=True)
        except BrokenProcessPool:
            raise GraderFault(
                "A process that wrote pages died. Run it again; the pages that are there are whole."
            ) from None


def _write(pages: Pages, job: Job) -> str | None:
    try:
        write_whole(job.page, _page(pages, job))
        copy_what_counts(job.handed_in, job.page.parent)  # `nbgrader release_feedback` asks for them
    except GraderFault as fault:
        return str(fault)
    except Exception as error:  # whatever one student's notebook has found in us, the others get their pages
        return f"The page could not be made: {error!r:.300}"
    return None


class _Here:
    pages: Pages


def _begin(pages: Pages) -> None:
    _Here.pages = pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then ends its workers
    atexit.register(gc.freeze)


def _work(job: Job) -> str | None:
    return _write(_Here.pages, job)
