"""What grading costs beyond the student's own code: core time of the whole way against a floor.

The floor is what cannot be saved: the same cells and the same questions, called one after another in one warm
process, with no walls, no messages, no pytest, no gradebook. Both grade the same submissions in turn, a block at a
time, and the ratio of each block is taken.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click
from sample import NAME, make_class

from autograder.course.folder import submitted
from autograder.judging.grader import Grader
from autograder.pages.shown import shown
from autograder.records.gradebook import Gradebook
from autograder.records.results import keep_result
from autograder.sandbox.attempt import Attempt
from autograder.submission import submission

Question = tuple[dict[str, Any], dict[str, Any]]  # message, arrays


def floor(pipe: Connection, scratch: str) -> None:
    """In a process of its own: core time for the cells and questions of each submission it is sent."""
    os.environ.update(
        TMPDIR=scratch, MPLCONFIGDIR=scratch, IPYTHONDIR=scratch, MPLBACKEND="module://matplotlib_inline.backend_inline"
    )
    os.chdir(scratch)
    from autograder.sandbox.inside import child
    from autograder.sandbox.inside.shell import Stream
    from autograder.sandbox.inside.template import record_when_profiled, warm_up

    shell = warm_up()
    record_when_profiled()
    sys.stdout, sys.stderr = Stream(shell, "stdout"), Stream(shell, "stderr")  # type: ignore[assignment]
    while (asked := pipe.recv()) is not None:
        cells, questions = asked
        shell.reset(new_session=True, aggressive=False)
        probes: dict[str, dict[str, Any]] = {}
        started = time.process_time()
        for source in cells:
            shell.run(source)
        for message, arrays in questions:
            child._probe(shell, probes, message, arrays)
        pipe.send(time.process_time() - started)


class Listener:
    """Writes down the questions of each submission while it is graded."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        ask = Attempt.ask

        def listen(
            attempt: Attempt, exercise: str, source: str, probe: str, values: dict[str, Any], arrays: dict[str, Any]
        ) -> Any:
            message = {"exercise": exercise, "source": source, "probe": probe, "values": values}
            self.questions.append((message, arrays))
            return ask(attempt, exercise, source, probe, values, arrays)

        Attempt.ask = listen  # type: ignore[method-assign]


@click.command()
@click.option("--submissions", default=60, show_default=True)
@click.option("--block", default=10, show_default=True, help="Submissions between two looks at the clock.")
@click.option("--rounds", default=3, show_default=True, help="Times that the class is graded.")
def main(submissions: int, block: int, rounds: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="overhead-"))
    assignment = make_class(folder / "course", submissions)
    ours, theirs = multiprocessing.Pipe()
    (folder / "scratch").mkdir()
    process = multiprocessing.get_context("spawn").Process(target=floor, args=(theirs, str(folder / "scratch")))
    process.start()
    listener = Listener()
    whole, least = [], []
    try:
        with Grader(assignment, 1) as grader, Gradebook(assignment) as gradebook:
            students = list(submitted(assignment.course, NAME).items())
            grader.grade(students[0][1], "student-0000")  # what is done once in a run
            for _ in range(rounds):
                for first in range(0, len(students), block):
                    part = students[first : first + block]
                    asked, batch = [], []
                    before = time.process_time() + grader._sandbox.cpu_seconds
                    for student, handed_in in part:
                        listener.questions = []
                        batch.append((shown(grader.grade(handed_in, student), grader.assignment), handed_in))
                        asked.append(listener.questions)
                    gradebook.record(batch)
                    for done, _ in batch:
                        keep_result(assignment, done)
                    whole.append(time.process_time() + grader._sandbox.cpu_seconds - before)
                    seconds = 0.0
                    for (student, handed_in), questions in zip(part, asked, strict=True):
                        cells = submission.read(handed_in, student, assignment).cells
                        ours.send(([cell.source for cell in cells], questions))
                        seconds += ours.recv()
                    least.append(seconds)
    finally:
        ours.send(None)
        process.join(timeout=20)
        process.kill()
        shutil.rmtree(folder)
    count = len(least)
    ratios = sorted(one / other for one, other in zip(whole, least, strict=True))
    click.echo(f"{submissions} submissions, {rounds} rounds, {count} blocks of {block}")
    click.echo(f"floor:      {1000 * sum(least) / submissions / rounds:6.0f} ms of a core for each submission")
    click.echo(f"whole way:  {1000 * sum(whole) / submissions / rounds:6.0f} ms")
    click.echo(
        f"ratio:      {statistics.median(ratios):6.2f} (median of the blocks; {ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
