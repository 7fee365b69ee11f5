"""What a Dask worker does in a run: it has a judge and a template process of its own, and grades what is sent to it.

A worker shares no file system with the run. What travels to it is the instructor's notebook, the hidden tests and the
bytes that were handed in; what comes back is JSON text.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.course.bundle import Bundle
from autograder.course.limits import Limits
from autograder.errors import GraderFault
from autograder.judging.grader import Grader, versions_that_must_match
from autograder.pages.shown import shown
from autograder.running.processes import Setting
from autograder.submission.pickup import PickedUp

# How Dask watches a worker, a hundred and fifty times a second: its stack, and its event loop. That takes a tenth of
# the time.
WATCHING = ("profile", "tick")
IDLE_SECONDS = 300.0  # without a submission, until a worker gives back the memory: its run may have been killed


@dataclass(frozen=True)
class WorkerSetting:
    """What every worker is told at the start of a run. `versions_that_must_match` is what must be the same there."""

    assignment: Bundle
    seed: int
    limits: Limits
    isolation: str
    versions_that_must_match: dict[str, str]

    @classmethod
    def of(cls, setting: Setting) -> WorkerSetting:
        known = setting.assignment
        return cls(Bundle.of(known), setting.seed, setting.limits, setting.isolation, versions_that_must_match(known))


class GradingPlugin(WorkerPlugin):  # type: ignore[misc]
    """What a Dask worker holds during a run: one grader, which takes one submission at a time.

    The grader is started by the first submission, so that its faults reach the run.
    """

    def __init__(self, setting: WorkerSetting) -> None:
        self._setting = setting

    def setup(self, worker: Any) -> None:
        self._address = worker.address
        self._watching = [worker.periodic_callbacks[name] for name in WATCHING if name in worker.periodic_callbacks]
        for callback in self._watching:
            callback.stop()
        self._lock = threading.Lock()
        self._idle: threading.Timer | None = None
        self._grader: Grader | None = None
        self._course: TemporaryDirectory[str] | None = None
        self._over = False

    def grade(self, picked_up: PickedUp) -> str:
        """The packed grade. Raises `GraderFault` when nothing can be graded here."""
        with self._lock:
            if self._idle:
                self._idle.cancel()
            if self._grader is None:
                self._grader = self._start()
            done = shown(self._grader.grade_picked_up(picked_up), self._grader.assignment).packed()
            self._idle = threading.Timer(IDLE_SECONDS, self._close)
            self._idle.daemon = True
            self._idle.start()
        if self._over:
            self._close()
        return done

    async def teardown(self, worker: Any) -> None:
        """Waits for no submission: the one that is at work closes the grader when it is done."""
        self._over = True
        for callback in self._watching:
            callback.start()
        await asyncio.to_thread(self._close)

    def _start(self) -> Grader:
        setting = self._setting
        self._forget()  # that of a start that failed
        self._course = TemporaryDirectory(prefix="autograder-course-")
        assignment = setting.assignment.unpacked(Path(self._course.name))
        here = versions_that_must_match(assignment)
        for what, expected in setting.versions_that_must_match.items():
            found = here.get(what, "unknown")
            if found != expected:
                raise GraderFault(
                    f"The Dask worker {self._address} might grade otherwise: {what} is {found:.12} there "
                    f"and {expected:.12} here. Install the same kit and packages on both."
                )
        try:
            return Grader(assignment, setting.seed, setting.limits, setting.isolation).__enter__()
        except GraderFault as fault:
            raise GraderFault(f"The Dask worker {self._address} cannot grade. {fault}") from None

    def _forget(self) -> None:
        if self._course:
            self._course.cleanup()
        self._course = None

    def _close(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                if self._idle:
                    self._idle.cancel()
                if self._grader:
                    self._grader.close()
                self._grader = None
                self._forget()
            finally:
                self._lock.release()


def grade_there(run: str, picked_up: PickedUp) -> str:
    """The packed grade, from the grader of this run; a Dask task."""
    plugin: GradingPlugin = get_worker().plugins[run]
    return plugin.grade(picked_up)
