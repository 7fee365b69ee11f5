"""A class of any size, made of right and wrong answers in turn."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import nbformat

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment

ROOT = Path(__file__).resolve().parents[1]
NAME = "differentiable_gain"
# These change torch or Python for whatever runs after them in the same process, which the floor is.
LEAVE_TRACES = ("float64-by-default", "gain-patched-comparisons", "gain-always-equal-object", "files-in-the-folder")


def make_class(folder: Path, count: int) -> Assignment:
    """A course folder with `count` submissions, every other one right; anew, whatever was there."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("source", "hidden"):
        shutil.copytree(ROOT / part / NAME, folder / part / NAME)
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    assignment = Assignment(NAME, folder)
    known = Assignment(NAME, ROOT)
    right, wrong = (
        [answer for answer in corpus.answers(known, kind) if answer.name not in LEAVE_TRACES]
        for kind in ("alternatives", "misconceptions")
    )
    pool = [answer for pair in zip(itertools.cycle(right), wrong, strict=False) for answer in pair]
    texts = [nbformat.writes(corpus.notebook(assignment, answer)) for answer in pool[:count]]
    for number in range(count):
        path = folder / "submitted" / f"student-{number + 1:04}" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(texts[number % len(texts)], encoding="utf-8")
    return assignment


def forget(folder: Path) -> None:
    """Takes back all that grading has written."""
    for name in ("results", "autograded", "feedback"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in folder.glob("gradebook.db*"):
        path.unlink()
