"""Two Dask workers against one, over the same submissions: `python benchmarks/cluster.py`.

A round grades the class with one worker and with two, by turns, as `autograder grade --regrade --dry-run --scheduler`
does. The throughput is that of warm workers: the clock starts with the grade that follows the first few, because a
class has a start-up to wait for once. The whole run, start-up included, stands beside it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distributed import LocalCluster
from sample import make_class

from autograder.course.assignment import Assignment
from autograder.running.grade_class import grade_class
from autograder.running.processes import AHEAD, cores
from autograder.verdict import Grade, Status

COUNTS = (1, 2)  # workers
FIRST = 2 * AHEAD * max(COUNTS)  # grades until every worker is warm, and has given some


@dataclass
class Clock:
    """Hears of each grade. `times` are seconds after the begin of the run."""

    started: float
    times: list[float]

    @classmethod
    def start(cls) -> Clock:
        return cls(time.perf_counter(), [])

    def begin(self, total: int) -> None:
        pass

    def tell(self, grade: Grade) -> None:
        if grade.status is not Status.graded:
            raise SystemExit(f"{grade.student} is {grade.status}: {grade.reason}")
        self.times.append(time.perf_counter() - self.started)

    @property
    def throughput(self) -> float:
        """Submissions a second, once the workers are warm."""
        return (len(self.times) - FIRST) / (self.times[-1] - self.times[FIRST - 1])


def timed(assignment: Assignment, address: str) -> Clock:
    clock = Clock.start()
    grade_class(assignment, regrade=True, dry_run=True, scheduler=address, watcher=clock)
    return clock


def line(name: str, values: Sequence[float], unit: str) -> str:
    return (
        f"{name:<28}{statistics.median(values):8.2f} {unit:<14}"
        f"from {min(values):.2f} to {max(values):.2f} in {len(values)} rounds"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if asked.submissions <= 2 * FIRST or asked.rounds < 1:
        parser.error(f"at least {2 * FIRST + 1} submissions and one round are needed")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    clocks: dict[int, list[Clock]] = {count: [] for count in COUNTS}
    with tempfile.TemporaryDirectory() as folder:
        assignment = make_class(Path(folder) / "course", asked.submissions)
        for number in range(asked.rounds):
            for count in COUNTS if number % 2 == 0 else reversed(COUNTS):
                with LocalCluster(
                    n_workers=count, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
                ) as local:
                    clocks[count].append(timed(assignment, local.scheduler_address))
            print(
                f"round {number + 1}: "
                + ", ".join(f"workers {count}: {clocks[count][-1].throughput:.2f}/s" for count in COUNTS),
                flush=True,
            )
    print(f"\n{asked.submissions} submissions, {cores()} cores")
    for count in COUNTS:
        print(line(f"workers: {count}", [clock.throughput for clock in clocks[count]], "submissions/s"))
        print(line("  whole run", [clock.times[-1] for clock in clocks[count]], "s"))
    one, two = (clocks[count] for count in COUNTS)
    print(line("two against one", [b.throughput / a.throughput for a, b in zip(one, two, strict=True)], "times"))


if __name__ == "__main__":
    main()
