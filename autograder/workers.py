"""Grades submissions in worker processes, each with a judge and a template process of its own."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import GraderFault
from autograder.grade import Graded, Grader, ungraded
from autograder.sandbox.landlock import die_with_parent
from autograder.sandbox.sandbox import Limits

AHEAD = 2  # submissions in the hands of each worker: one at work, one waiting
DEATHS = 3  # of worker processes in a row, without a grade between them, until the run gives up
TICK = 0.5  # s without a grade, after which the run hears that there is none


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


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def graded(setting: Setting, jobs: Sequence[Job], workers: int) -> Iterator[Graded | None]:
    """Every submission graded, as they come ready; None where nothing came for a while.

    A worker that dies is replaced. What was in its hands is then graded alone, so that a submission in whose hands
    a worker dies again is known, and is that one's `grader_error`. Raises `GraderFault` when grading cannot go on.
    """
    waiting = list(jobs)
    if not waiting:
        return
    if min(workers, len(waiting)) == 1:
        with setting.grader() as grader:
            for student, folder in waiting:
                yield grader.grade(folder, student)
        return
    deaths = 0
    while waiting:
        before = len(waiting)
        suspects: list[Job] = []
        try:
            yield from _pool(setting, waiting, suspects, workers)
        except BrokenProcessPool:
            deaths = deaths + 1 if len(waiting) == before else 1
        for suspect in suspects:
            try:
                yield from _pool(setting, [suspect], [], 1)
                deaths = 0
            except BrokenProcessPool:
                deaths += 1
                if deaths >= DEATHS:
                    break
                yield Graded(ungraded(setting.assignment, suspect[0], "The process that graded it died twice."), None)
            waiting.remove(suspect)
        if deaths >= DEATHS:
            raise GraderFault(f"The worker processes died {DEATHS} times in a row.")


def _pool(setting: Setting, waiting: list[Job], running: list[Job], workers: int) -> Iterator[Graded | None]:
    """Takes each job off `waiting` when it is done; `running` are those that workers have now.

    Raises `BrokenProcessPool` when a worker dies.
    """
    pool = ProcessPoolExecutor(min(workers, len(waiting)), multiprocessing.get_context("spawn"), _begin, (setting,))
    queue = list(reversed(waiting))
    futures: dict[Future[Graded], Job] = {}
    try:
        while queue or futures:
            while queue and len(futures) < AHEAD * workers:
                job = queue.pop()
                running.append(job)
                futures[pool.submit(_grade, job)] = job
            done = wait(futures, timeout=TICK, return_when=FIRST_COMPLETED).done
            for future in done:
                graded = future.result()
                job = futures.pop(future)
                running.remove(job)
                waiting.remove(job)
                yield graded
            if not done:
                yield None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Here:
    """What a worker process holds from one submission to the next."""

    setting: Setting
    grader: Grader | None = None


def _begin(setting: Setting) -> None:
    _Here.setting = setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then ends its workers
    die_with_parent()


def _grade(job: Job) -> Graded:
    """In a worker. The grader is started by the first submission, so that its faults reach the run."""
    if _Here.grader is None:
        grader = _Here.setting.grader()
        grader.__enter__()
        _Here.grader = grader
        atexit.register(grader.close)
    student, folder = job
    return _Here.grader.grade(folder, student)
