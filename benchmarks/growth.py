"""How grading grows: time for each submission, memory of the workers and start-up, for classes of several sizes."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import click
import psutil
from sample import NAME, forget, make_class

MIB = 2**20


class Watch(threading.Thread):
    """Looks at a run: when the first result is there, and what its workers hold in memory, over time."""

    def __init__(self, pid: int, results: Path) -> None:
        super().__init__(daemon=True)
        self._run, self._results = psutil.Process(pid), results
        self.started = time.perf_counter()
        self.first = 0.0
        self.workers: list[float] = []  # MiB of the largest worker (its judge, template process, child) at each look
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            if not self.first and any(self._results.glob("[!.]*.json")):
                self.first = time.perf_counter() - self.started
            if self.first and (len(self.workers) < (time.perf_counter() - self.started - self.first) * 2):
                self.workers += sorted(self._memory())[-1:]

    def _memory(self) -> list[float]:
        """Proportional set size: what two processes share counts half for each."""
        found = []
        try:
            for worker in self._run.children():
                standing = [worker, *worker.children(recursive=True)]
                words = " ".join(worker.cmdline())
                if "spawn_main" in words:
                    found.append(sum(process.memory_full_info().pss for process in standing) / MIB)
        except psutil.Error:
            pass  # one has just ended
        return found


@click.command()
@click.option("--size", "sizes", multiple=True, type=int, default=(100, 500, 2000), show_default=True)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def main(sizes: tuple[int, ...], workers: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="growth-"))
    click.echo("submissions  start-up  steady, each   memory of a worker: first and last tenth, at most")
    try:
        for size in sizes:
            make_class(folder / "course", size)
            forget(folder / "course")
            command = [Path(sys.executable).parent / "autograder", "grade", NAME, "--workers", str(workers)]
            process = subprocess.Popen(command, cwd=folder / "course", stdout=subprocess.DEVNULL)
            watch = Watch(process.pid, folder / "course" / "results" / NAME)
            watch.start()
            code = process.wait()
            whole = time.perf_counter() - watch.started
            watch.over.set()
            watch.join()
            assert code == 0
            tenth = max(1, len(watch.workers) // 10)
            looks = watch.workers or [0.0]
            early, late = (statistics.median(part) for part in (looks[:tenth], looks[-tenth:]))
            click.echo(
                f"{size:11}  {watch.first:6.1f} s  {1000 * (whole - watch.first) / size:9.1f} ms   "
                f"{early:6.0f} MiB  {late:6.0f} MiB  {max(looks):6.0f} MiB"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
