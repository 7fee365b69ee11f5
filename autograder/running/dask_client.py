"""Grades submissions on a Dask cluster: the run's side. `station` is the workers'."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import re
import secrets
import time
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from concurrent.futures import CancelledError

import dask
from distributed import Client, Future, KilledWorker, Security, wait
from distributed.comm import connect

from autograder.errors import GraderFault, UsageError
from autograder.judging.grader import ungraded
from autograder.running.dask_worker import GradingPlugin, WorkerSetting, grade_there
from autograder.running.processes import AHEAD, Job, Setting
from autograder.submission.pickup import SIZE_CAP, pick_up
from autograder.verdict import Graded

ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):\d{1,5}")
CONNECT_SECONDS = 10.0
NO_WORKER_SECONDS = 60.0  # without any worker, until the run gives up
TICK = 1.0  # s; how often the run looks whether the cluster still stands
CONFIGURATION = {
    "distributed.admin.large-graph-warning-threshold": str(2 * SIZE_CAP),  # bytes; Dask warns of tasks of 10 MB
    "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS:g}s",
}


def graded(setting: Setting, jobs: Iterable[Job], address: str) -> Generator[Graded | None]:
    """Every submission graded, as they come ready; None where nothing came for a while.

    Those of a worker that is lost are graded by the others.

    Raises `UsageError` when there is no scheduler at `address`, `GraderFault` when grading cannot go on.
    """
    if not ADDRESS.fullmatch(address):
        raise UsageError(f"{address!r} is no address of a Dask scheduler; one looks like tcp://127.0.0.1:8786.")
    with _connected(address) as client:
        run = _Run(client, address, setting)
        try:
            run.furnish()
            yield from run.graded(list(jobs))
        finally:
            run.leave()


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what matters is said in our own words
    try:
        with dask.config.set(CONFIGURATION):
            try:
                asyncio.run(_knock(address))
                client = Client(address, timeout=CONNECT_SECONDS)
            except (OSError, TypeError, ValueError, RuntimeError) as error:  # TypeError: tls:// without certificates
                raise UsageError(f"There is no Dask scheduler at {address}: {_first_line(error)}") from error
            try:
                yield client
            finally:
                client.close(timeout=CONNECT_SECONDS)
    finally:
        logger.setLevel(level)


async def _knock(address: str) -> None:
    """Raises OSError and others when nobody there speaks Dask's language. `Client` would wait for ever."""
    async with asyncio.timeout(CONNECT_SECONDS + 1):
        comm = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
        await comm.close()


class _Run:
    """One run's part of a cluster."""

    def __init__(self, client: Client, address: str, setting: Setting) -> None:
        self._client = client
        self._address = address
        self._setting = setting
        self._name = f"autograder-{secrets.token_hex(8)}"
        self._seen = time.monotonic()  # when there was a worker
        self._asked = -math.inf  # when the scheduler was asked for them
        self._count = 0

    def furnish(self) -> None:
        """Gives each worker a station, those that come later too. Raises `GraderFault`."""
        try:
            self._client.register_plugin(GradingPlugin(WorkerSetting.of(self._setting)), name=self._name)
        except Exception as error:  # whatever a worker, or the scheduler, makes of a kit that it does not have
            raise GraderFault(
                "The Dask cluster cannot load this kit; it must be installed on the scheduler and on "
                f"every worker. {_first_line(error)}"
            ) from error

    def leave(self) -> None:
        with contextlib.suppress(Exception):  # it may be the cluster that is gone
            self._client.sync(self._client._unregister_worker_plugin, name=self._name, callback_timeout=CONNECT_SECONDS)

    def graded(self, jobs: list[Job]) -> Iterator[Graded | None]:
        """A submission that was with every worker that died may be the cause: it is tried again, alone."""
        suspects: list[Job] = []
        for job, done in self._spread(jobs, AHEAD):
            if job is not None and done is None:
                suspects.append(job)
            else:
                yield done
        for suspect in suspects:
            for job, done in self._spread([suspect], 0):
                lost = job and self._ungraded(job[0], "Every Dask worker that graded this submission died.")
                yield done or lost

    def _spread(self, jobs: list[Job], ahead: int) -> Iterator[tuple[Job | None, Graded | None]]:
        """Each job with what became of it; None when too many workers died while they had it. No job where nothing came
        for a while."""
        queue = deque(jobs)
        running: dict[Future, Job] = {}
        try:
            while queue or running:
                places = max(1, ahead * self._workers())
                while queue and len(running) < places:
                    student, folder = queue.popleft()
                    picked_up = pick_up(folder, student, self._setting.assignment.name)
                    running[self._client.submit(grade_there, self._name, picked_up, pure=False)] = (student, folder)
                ready = self._ready(list(running))
                if not ready:
                    yield None, None
                for future in ready:
                    try:
                        done = self._fetched(future, running[future][0])
                    except TimeoutError:
                        continue  # lost with its worker, and graded again
                    yield running.pop(future), done
        finally:
            if running:
                with contextlib.suppress(Exception):
                    self._client.cancel(list(running))

    def _fetched(self, future: Future, student: str) -> Graded | None:
        try:
            return Graded.unpacked(future.result(timeout=TICK))
        except KilledWorker:
            return None
        except CancelledError as error:
            raise self._lost() from error
        except (GraderFault, TimeoutError):
            raise
        except Exception as error:  # of the kit or of Dask: it says nothing about the other submissions
            return self._ungraded(student, f"A Dask worker failed: {type(error).__name__}: {_first_line(error)}")

    def _ready(self, running: list[Future]) -> Collection[Future]:
        try:
            return wait(running, timeout=TICK, return_when="FIRST_COMPLETED").done  # type: ignore[no-any-return]
        except TimeoutError:
            return ()
        except CancelledError as error:
            raise self._lost() from error

    def _workers(self) -> int:
        """How many there were a moment ago. Raises `GraderFault` when there has been none for long, or no scheduler."""
        now = time.monotonic()
        if now - self._asked < TICK:
            return self._count
        try:
            self._count = len(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise self._lost() from error
        self._asked = now
        if self._count:
            self._seen = now
        elif now - self._seen > NO_WORKER_SECONDS:
            raise GraderFault(
                f"There has been no Dask worker at {self._address} for {NO_WORKER_SECONDS:g} s. Start "
                "some there, then grade again: what is graded is kept."
            )
        return self._count

    def _lost(self) -> GraderFault:
        return GraderFault(f"The Dask scheduler at {self._address} is gone. Grade again: what is graded is kept.")

    def _ungraded(self, student: str, why: str) -> Graded:
        return Graded(ungraded(self._setting.assignment, student, why))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
