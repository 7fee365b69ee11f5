"""What a student and a marker see: the submission with its outputs, and the score and checks in each graded cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import nbformat
from jinja2 import Environment, PackageLoader
from nbformat import NotebookNode

from autograder.course.assignment import Assignment, locked
from autograder.pages.sanitise import NOT_TEXT, Sanitiser, new_output, reserved_ids
from autograder.sandbox.attempt import Ran
from autograder.verdict import Exercise, Grade, Verdict

TEMPLATES = Environment(loader=PackageLoader("autograder.pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
SIGNS = {Verdict.passed: "✓", Verdict.failed: "✗", Verdict.errored: "✗", Verdict.timed_out: "✗", Verdict.skipped: "–"}
WORDS = {
    Verdict.passed: "passed",
    Verdict.failed: "not yet",
    Verdict.errored: "error",
    Verdict.timed_out: "too slow",
    Verdict.skipped: "not reached",
}


def points(value: float) -> str:
    """5.0 is shown as 5, 2.5 as 2.5."""
    return f"{value:g}"


TEMPLATES.globals.update(SIGNS=SIGNS, WORDS=WORDS)
TEMPLATES.filters["points"] = points


def annotated(
    notebook: NotebookNode, ran: Mapping[int, Ran], grade: Grade, texts: Collection[str] = ()
) -> NotebookNode:
    """The submission with what its cells gave; a graded cell starts with its score, then the table of its checks.

    What comes from the student is cleaned: this notebook is opened by staff, in the Formgrader and in JupyterLab.
    Markdown that stands in `texts` is the instructor's, and stays as it is.
    """
    notebook = NotebookNode({**notebook, "cells": [NotebookNode(cell) for cell in notebook.cells]})
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    sanitiser = Sanitiser(reserved_ids([name for name in names if name]))
    count = 0
    notebook.cells = [
        cell if locked(cell) or _is_of(cell, texts) else sanitiser.source(cell) for cell in notebook.cells
    ]
    for index, (cell, name) in enumerate(zip(notebook.cells, names, strict=True)):
        if cell.cell_type != "code":
            continue
        if index in ran:
            count += 1
            cell.execution_count = count
        exercise = grade.exercises.get(name) if name else None
        # What the visible checks said stays, but in plain text: nothing there can be taken for a score.
        outputs = sanitiser.outputs(ran[index].outputs, text_only=exercise is not None) if index in ran else []
        cell.outputs = score_outputs(exercise) + outputs if exercise else outputs
    return notebook


def _is_of(cell: NotebookNode, texts: Collection[str]) -> bool:
    return cell.cell_type == "markdown" and "attachments" not in cell and cell.source in texts


def explained(assignment: Assignment, grade: Grade) -> NotebookNode:
    """The released notebook with the reason why there was nothing to grade, and a score of 0 in each graded cell."""
    notebook = nbformat.from_dict(assignment.released)
    text = f"**This submission could not be graded ({grade.status}).** {_escaped(grade.reason or '')}"
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="not-graded"))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in assignment.exercises:
            cell.outputs = [_score(0.0)]
    return notebook


def score_outputs(exercise: Exercise) -> list[NotebookNode]:
    """First the score as a plain float, which is all that nbgrader reads; then the checks for people."""
    html, text = _tables(exercise)
    return [_score(exercise.score), new_output("display_data", data={"text/html": html, "text/plain": text})]


@lru_cache(maxsize=64)
def _tables(exercise: Exercise) -> tuple[str, str]:
    """The checks as HTML and as text. Half a class has the same."""
    html = TEMPLATES.get_template("checks.html.j2").render(exercise=exercise)
    text = TEMPLATES.get_template("checks.txt.j2").render(exercise=exercise)
    framed = f'<div class="tex2jax_ignore mathjax_ignore">{html}</div>'  # a hint may quote the student: no formulas
    return NOT_TEXT.sub("\ufffd", framed), NOT_TEXT.sub("\ufffd", text)


def _score(value: float) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": repr(float(value))}, execution_count=1)


def _escaped(text: str) -> str:
    return "".join("\\" + char if char in "\\`*_{}[]()#+-!<>|&$~" else char for char in text)
