"""Grades submissions in worker processes, each with a judge and a template process of its own."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from autograder.assignment import Assignment
from autograder.errors import GraderFault
from autograder.grade import Graded, Grader
from autograder.sandbox.sandbox import Limits

AHEAD = 2  # submissions in the hands of each worker: one at work, one waiting
DEATHS = 3  # of worker processes in a row, without a grade between them, until the run gives up


@dataclass(frozen=True)
class Setting:
    """What is the same for every submission of a run."""

    assignment: Assignment
    seed: int
    limits: Limits
    isolation: str = "auto"

    def grader(self) -> Grader:
        return Grader(self.assignment, self.seed, self.limits, self.isolation)


Job = tuple[str, Path]  # student, folder
Todo = TypeVar("Todo")
Done = TypeVar("Done")


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def graded(setting: Setting, jobs: Iterable[Job], workers: int) -> Iterator[Graded]:
    """Every submission graded, as they come ready. A worker that dies is replaced and its submissions graded again.

    Raises `GraderFault` when grading cannot go on.
    """
    yield from spread(setting, _graded, jobs, workers)


def spread(setting: Setting, do: Callable[[Any, Todo], Done], jobs: Iterable[Todo], workers: int) -> Iterator[Done]:
    """`do(grader, job)` for every job, as they come ready; like `graded`, with any work that needs a grader."""
    waiting = list(jobs)
    workers = max(1, min(workers, len(waiting)))
    if workers == 1:
        with setting.grader() as grader:
            for job in waiting:
                yield do(grader, job)
        return
    deaths = 0
    while waiting:
        before = len(waiting)
        try:
            yield from _pool(setting, do, waiting, workers)
        except BrokenProcessPool:
            deaths = deaths + 1 if len(waiting) == before else 1
            if deaths == DEATHS:
                raise GraderFault(f"The worker processes died {DEATHS} times in a row.") from None


def _pool(setting: Setting, do: Callable[[Any, Todo], Done], waiting: list[Todo], workers: int) -> Iterator[Done]:
    """Takes each job off `waiting` when it is done."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (setting,))
    queue = list(waiting)
    running: dict[Future[Done], Todo] = {}
    try:
        while queue or running:
            while queue and len(running) < AHEAD * workers:
                job = queue.pop(0)
                running[pool.submit(_work, do, job)] = job
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done = future.result()
                waiting.remove(running.pop(future))
                yield done
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Here:
    """What a worker process holds from one submission to the next."""

    setting: Setting
    grader: Grader | None = None


def _begin(setting: Setting) -> None:
    _Here.setting = setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then ends its workers


def _graded(grader: Grader, job: Job) -> Graded:
    student, folder = job
    return grader.grade(folder, student)


def _work(do: Callable[[Any, Todo], Done], job: Todo) -> Done:
    """In a worker. The grader is started by the first submission, so that its faults reach the run."""
    if _Here.grader is None:
        grader = _Here.setting.grader()
        grader.__enter__()
        _Here.grader = grader
        atexit.register(grader.close)
    return do(_Here.grader, job)
