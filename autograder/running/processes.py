"""Grades submissions in worker processes, each with a judge and a template process of its own."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeVar

from autograder.course.assignment import Assignment
from autograder.course.limits import Limits
from autograder.errors import GraderFault
from autograder.judging.grader import Grader, ungraded
from autograder.pages.shown import shown
from autograder.sandbox import memory
from autograder.sandbox.inside.landlock import die_with_parent
from autograder.verdict import Graded

AHEAD = 2  # submissions in the hands of each worker: one at work, one waiting
DEATHS = 3  # of worker processes in a row, without a grade between them, until the run gives up
TICK = 0.5  # s without a grade, after which the run hears that there is none


class Works(Protocol):
    """A context manager that a worker process keeps from one job to the next: a grader, or what has one."""

    def __enter__(self) -> Any: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Setting:
    """What is the same for every submission of a run."""

    assignment: Assignment
    seed: int
    limits: Limits
    isolation: str = "auto"

    def grader(self) -> Works:
        return Grader(self.assignment, self.seed, self.limits, self.isolation)


Job = tuple[str, Path]  # student, folder
Todo = TypeVar("Todo")
Done = TypeVar("Done")


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def graded(setting: Setting, jobs: Sequence[Job], workers: int) -> Generator[Graded | None]:
    """Every submission graded, as they come ready; None where nothing came for a while.

    A submission in whose hands two worker processes die is its own `grader_error`. Raises `GraderFault` when grading
    cannot go on.
    """

    def lost(job: Job) -> Graded:
        return Graded(ungraded(setting.assignment, job[0], "The process that graded it died twice."))

    yield from spread(setting, _graded, jobs, workers, lost)


def spread(
    setting: Setting, do: Callable[[Any, Todo], Done], jobs: Iterable[Todo], workers: int, lost: Callable[[Todo], Done]
) -> Iterator[Done | None]:
    """`do(grader, job)` for every job, as they come ready; like `graded`, with any work that needs a grader.

    A worker that dies is replaced. What was in its hands is then done alone; where a worker dies again, what comes of
    that job is `lost(job)`.
    """
    waiting = list(jobs)
    if not waiting:
        return
    if min(workers, len(waiting)) > 1 and (why := _no_semaphores()):
        print(
            f"autograder: One worker at a time: others cannot be started here ({why}). They need /dev/shm.",
            file=sys.stderr,
        )
        workers = 1
    if told := memory.warning(setting.limits.memory, min(workers, len(waiting))):
        print(f"autograder: {told}", file=sys.stderr)
    if min(workers, len(waiting)) == 1:
        with setting.grader() as grader:
            for job in waiting:
                yield do(grader, job)
        return
    deaths = 0
    while waiting:
        before = len(waiting)
        suspects: list[Todo] = []
        try:
            yield from _pool(setting, do, waiting, suspects, workers)
        except BrokenProcessPool:
            deaths = deaths + 1 if len(waiting) == before else 1
        for suspect in suspects:
            try:
                yield from _pool(setting, do, [suspect], [], 1)
                deaths = 0
            except BrokenProcessPool:
                deaths += 1
                if deaths >= DEATHS:
                    break
                yield lost(suspect)
            waiting.remove(suspect)
        if deaths >= DEATHS:
            raise GraderFault(f"The worker processes died {DEATHS} times in a row.")


def _no_semaphores() -> str:
    """Why processes cannot share a lock here; "" where they can. A container may have no /dev/shm, or a full one."""
    try:
        multiprocessing.get_context("spawn").Lock()
    except (OSError, ImportError, NotImplementedError) as error:
        return str(getattr(error, "strerror", None) or error)
    return ""


def _pool(
    setting: Setting, do: Callable[[Any, Todo], Done], waiting: list[Todo], running: list[Todo], workers: int
) -> Iterator[Done | None]:
    """Takes each job off `waiting` when it is done; `running` are those that workers have now.

    Raises `BrokenProcessPool` when a worker dies.
    """
    _ = setting.assignment.released  # travels along: to make it takes each worker half a second
    pool = ProcessPoolExecutor(min(workers, len(waiting)), multiprocessing.get_context("spawn"), _begin, (setting,))
    queue = list(reversed(waiting))
    futures: dict[Future[Done], Todo] = {}
    try:
        while queue or futures:
            while queue and len(futures) < AHEAD * workers:
                job = queue.pop()
                running.append(job)
                futures[pool.submit(_work, do, job)] = job
            ready = wait(futures, timeout=TICK, return_when=FIRST_COMPLETED).done
            for future in ready:
                done = future.result()
                job = futures.pop(future)
                running.remove(job)
                waiting.remove(job)
                yield done
            if not ready:
                yield None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Here:
    """What a worker process holds from one submission to the next."""

    setting: Setting
    grader: Works | None = None


def _begin(setting: Setting) -> None:
    _Here.setting = setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then ends its workers
    die_with_parent()
    atexit.register(gc.freeze)  # as in `autograder.cli`


def _graded(grader: Grader, job: Job) -> Graded:
    student, folder = job
    return shown(grader.grade(folder, student), grader.assignment)


def _work(do: Callable[[Any, Todo], Done], job: Todo) -> Done:
    """In a worker. The grader is started by the first submission, so that its faults reach the run."""
    if _Here.grader is None:
        grader = _Here.setting.grader()
        grader.__enter__()
        _Here.grader = grader
        atexit.register(grader.close)
    return do(_Here.grader, job)
