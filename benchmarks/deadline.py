"""Deadline day: from Canvas's zip to a grade and a page for each student and a file that Canvas imports, in one go.

The class is made of the answers, right and wrong in turn. Some hand in late, some twice, some a file that was cut off,
and one submission never ends. Beside it, in the same run, nbgrader's own commands do the same for a few of them:
zip_collect, autograde with its own steps (the same hidden tests in the notebook's cells), generate_feedback and export.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import nbformat
from peers import BIN, STOCK, in_cells, timed
from sample import LEAVE_TRACES, NAME, ROOT

from autograder.cli import cli
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment

LATE, TWICE, BROKEN, HANGS = 20, 25, 30, 7  # every 20th is late, ...; number 7 never ends
NEVER = corpus.Answer("never-ends", "", frozenset(), (("after", "linear_gain", "while True:\n    pass"),))
PATTERN = r".*/(?P<student_id>\w+?)(_LATE)?_\d+_\d+_(?P<file_id>differentiable_gain)"


def submissions(assignment: Assignment, count: int) -> list[str]:
    """The text of each submission, by number."""
    known = Assignment(NAME, ROOT)
    right, wrong = (
        [one for one in corpus.answers(known, kind) if one.name not in LEAVE_TRACES]
        for kind in ("alternatives", "misconceptions")
    )
    pool = [answer for pair in zip(right, wrong, strict=False) for answer in pair][:count]
    made = [nbformat.writes(corpus.notebook(assignment, answer)) for answer in pool]
    texts = [made[number % len(made)] for number in range(count)]
    texts[BROKEN - 1 :: BROKEN] = [text[: len(text) // 2] for text in texts[BROKEN - 1 :: BROKEN]]
    if count >= HANGS:
        texts[HANGS - 1] = nbformat.writes(corpus.notebook(assignment, NEVER))
    return texts


def name(number: int, upload: int, again: bool = False) -> str:
    """What Canvas calls the file of student `number`."""
    late = "_LATE" if number % LATE == 0 else ""
    return f"student{number}{late}_{40000 + number}_{upload}_{NAME}{'-1' if again else ''}.ipynb"


def make_course(folder: Path, count: int) -> tuple[Assignment, list[str]]:
    """A course with a class list, `first.zip`, `second.zip` in which some have handed in again, Canvas's gradebook."""
    for part in ("source", "hidden"):
        shutil.copytree(ROOT / part / NAME, folder / part / NAME)
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    assignment = Assignment(NAME, folder)
    texts = submissions(assignment, count)
    students = range(1, count + 1)
    again = students[TWICE - 1 :: TWICE] or students[:1]
    (folder / "students.csv").write_text(
        "id,canvas_id\n" + "".join(f"student-{number:05},{40000 + number}\n" for number in students)
    )
    (folder / "canvas.csv").write_text(
        f"Student,ID,SIS User ID,SIS Login ID,Section,{NAME} (1)\n    Points Possible,,,,,28\n"
        + "".join(f"Student{number},{40000 + number},,,,\n" for number in students)
    )
    with zipfile.ZipFile(folder / "first.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in students:
            early = nbformat.writes(assignment.released) if number in again else texts[number - 1]
            archive.writestr(name(number, 90000 + number), early)
    with zipfile.ZipFile(folder / "second.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in again:
            archive.writestr(name(number, 99000 + number, again=True), texts[number - 1])
    return assignment, texts


def ours(folder: Path, workers: int) -> dict[str, float]:
    """Seconds of each command."""
    autograder, nbgrader = BIN / "autograder", BIN / "nbgrader"
    pages = (
        [autograder, "feedback", NAME, "--workers", str(workers)]
        if "feedback" in cli.commands
        else [nbgrader, "generate_feedback", NAME]
    )
    commands: dict[str, list[str | Path]] = {
        "collect": [autograder, "collect", NAME, "first.zip", "second.zip"],
        "grade": [autograder, "grade", NAME, "--workers", str(workers)],
        "feedback": pages,
        "export": [autograder, "export", "canvas", NAME, "--into", "canvas.csv", "--incomplete"],
    }
    return {word: timed(command, folder) for word, command in commands.items()}


def theirs(folder: Path, course: Path, texts: list[str]) -> dict[str, float]:
    """Seconds of nbgrader's own commands for these submissions."""
    archive = folder / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"{STOCK}\nc.FileNameCollectorPlugin.named_regexp = r'''{PATTERN}'''\n")
    original = nbformat.read(course / "source" / NAME / f"{NAME}.ipynb", as_version=4)
    nbformat.write(in_cells(original), source / f"{NAME}.ipynb")
    with zipfile.ZipFile(archive / "class.zip", "w") as packed:
        for number, text in enumerate(texts, start=1):
            packed.writestr(name(number, 90000 + number), text)
    timed([BIN / "nbgrader", "generate_assignment", NAME], folder)
    steps: dict[str, Callable[[], float]] = {
        "collect": lambda: timed([BIN / "nbgrader", "zip_collect", NAME], folder),
        "grade": lambda: timed([BIN / "nbgrader", "autograde", NAME], folder),
        "feedback": lambda: timed([BIN / "nbgrader", "generate_feedback", NAME], folder),
        "export": lambda: timed([BIN / "nbgrader", "export"], folder),
    }
    seconds = {word: step() for word, step in steps.items()}
    graded = len(list((folder / "autograded").iterdir()))
    assert graded == len(texts), f"nbgrader graded {graded} of {len(texts)}"
    return seconds


@click.command()
@click.option("--submissions", "count", default=600, show_default=True, help="In the class.")
@click.option("--peers", default=12, show_default=True, help="Of them, those that nbgrader's own commands grade.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def main(count: int, peers: int, workers: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="deadline-"))
    try:
        course = folder / "course"
        course.mkdir()
        _, texts = make_course(course, count)
        began = time.perf_counter()
        mine = ours(course, workers)
        whole = time.perf_counter() - began
        pages = len(list(course.glob(f"feedback/*/{NAME}/*.html")))
        rows = (course / f"grades-canvas-{NAME}.csv").read_text().splitlines()[2:]
        filled = sum(row.rpartition(",")[2] != "" for row in rows)
        assert pages == filled == count, f"{pages} pages and {filled} grades for {count} students"
        (folder / "nbgrader").mkdir()
        well = [text for number, text in enumerate(texts, start=1) if number != HANGS and number % BROKEN][
            :peers
        ]  # what stops nbgrader is left to us alone
        stock = theirs(folder / "nbgrader", course, well)
        click.echo(f"{count} submissions, {workers} workers; nbgrader's own commands on {len(well)} of them")
        click.echo(f"{'':10}{'ours, s':>10}{'a submission':>14}{'nbgrader, s':>13}{'a submission':>14}{'ratio':>8}")
        for word in (*mine, "together"):
            own = mine.get(word, whole)
            peer = stock.get(word, sum(stock.values()))
            each, other = own / count, peer / len(well)
            click.echo(f"{word:10}{own:10.1f}{each:14.3f}{peer:13.1f}{other:14.3f}{other / each:8.1f}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
