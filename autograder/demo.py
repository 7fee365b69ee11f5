"""A sample class of any assignment, in a course folder of its own: solved well and badly, graded and reported."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.errors import UsageError

MARK = ".autograder-demo"  # stands in a folder that this module may delete
LIMITS = """
# The demo's hanging submission should not take two minutes.
c = get_config()
c.AutograderLimits.cell = 4
c.AutograderLimits.question = 2
c.AutograderLimits.submission = 12
"""
RIGHT, WRONG = 4, 6  # answers of each kind that are shown
HANGS = "The loop never ends."


def sample_class(assignment: Assignment) -> Iterator[tuple[str, NotebookNode | str]]:
    """(what it is, notebook or file content) of each sample submission."""
    yield "the reference solution", corpus.notebook(assignment)
    for answer in [
        *_spread(corpus.answers(assignment, "alternatives"), RIGHT),
        *_varied(corpus.answers(assignment, "misconceptions"), WRONG),
    ]:
        yield answer.sentence, corpus.notebook(assignment, answer)
    yield "untouched", assignment.released
    yield HANGS, corpus.notebook(assignment, _hangs(assignment))
    yield "cut off in the middle", nbformat.writes(assignment.released)[: -len("}")].rstrip()[:5000]


def _spread(answers: list[corpus.Answer], count: int) -> list[corpus.Answer]:
    """`count` of them, evenly over the list."""
    return [answers[number * len(answers) // count] for number in range(count)] if len(answers) > count else answers


def _varied(answers: list[corpus.Answer], count: int) -> list[corpus.Answer]:
    """`count` of them that cost different exercises, as far as there are such."""
    kinds: dict[frozenset[str], list[corpus.Answer]] = {}
    for answer in answers:
        kinds.setdefault(answer.costs, []).append(answer)
    in_turn = sorted(kinds, key=lambda costs: (len(costs), sorted(costs)))
    turns = itertools.zip_longest(*(kinds[costs] for costs in in_turn))
    return [answer for turn in turns for answer in turn if answer][:count]


def _hangs(assignment: Assignment) -> corpus.Answer:
    """The second solution cell with code, or the only one, never ends."""
    first, *rest = (
        name for name, code in corpus.reference(assignment).items() if assignment.cells[name].cell_type == "code"
    )
    cell = rest[0] if rest else first
    return corpus.Answer("hangs", HANGS, frozenset(), (("", cell, "while True:\n    pass\n"),))


def make_course(origin: Assignment, folder: Path) -> Assignment:
    """A fresh course folder with a sample class of this assignment in `submitted/`.

    Raises `UsageError` for a folder with other things in it, `GraderFault` where it cannot be written.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UsageError(f"{folder} holds something that this demo did not make; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    name = origin.name
    parts = {"source": origin.source_path.parent, "hidden": origin.hidden, "answers": origin.answers}
    for part, there in parts.items():
        if there.is_dir():
            shutil.copytree(there, folder / part / name, ignore=shutil.ignore_patterns("__pycache__"))
    config = 'from autograder.course import configure\n\nconfigure(get_config(), course_id="demo")\n'
    (folder / "nbgrader_config.py").write_text(config + LIMITS, encoding="utf-8")
    assignment = Assignment(name, folder)
    for number, (_, content) in enumerate(sample_class(assignment), start=1):
        path = folder / "submitted" / f"student-{number:02}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")
    return assignment


def show(course: Path, name: str, folder: Path) -> int:
    """Makes the sample class in `folder`, grades it and says what to look at; an exit code."""
    console = Console()
    assignment = make_course(Assignment(name, course), folder)
    for number, (what, _) in enumerate(sample_class(assignment), start=1):
        console.print(f"student-{number:02}  {what}", markup=False, highlight=False)
    console.print()
    bin_folder = Path(sys.executable).parent
    for command in (
        ["nbgrader", "generate_assignment", name, "--log-level=ERROR"],
        ["autograder", "grade", name],
        ["autograder", "report", name],
    ):
        console.print("$ " + " ".join(command), style="bold", highlight=False)
        module = [sys.executable, "-m", "autograder"] if command[0] == "autograder" else [bin_folder / command[0]]
        code = subprocess.run([*module, *command[1:]], cwd=folder, check=False).returncode
        if code:
            return code
    console.print(
        f"""
Three things to look at next:
1. {folder}/report-{name}.html, in a browser: who needs help with what, and what was hard.
2. {folder}/results/{name}/student-06.json: one grade, with every verdict and how it came about.
3. docs/instructors.md: from here to a class of your own.""",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return 0
