"""What a student and a marker see: the submission with its outputs, and the score and checks in each graded cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader
from nbformat import NotebookNode

from autograder.assignment import Assignment
from autograder.sandbox.attempt import Ran
from autograder.verdict import Exercise, Grade, Verdict

TEMPLATES = Environment(loader=PackageLoader("autograder"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
SIGNS = {Verdict.passed: "✓", Verdict.failed: "✗", Verdict.errored: "✗", Verdict.timed_out: "⏱", Verdict.skipped: "–"}
WORDS = {Verdict.passed: "passed", Verdict.failed: "not yet", Verdict.errored: "error", Verdict.timed_out: "too slow",
         Verdict.skipped: "not reached"}


def points(value: float) -> str:
    """5.0 is shown as 5, 2.5 as 2.5."""
    return f"{value:g}"


TEMPLATES.globals.update(SIGNS=SIGNS, WORDS=WORDS)
TEMPLATES.filters["points"] = points


def annotated(notebook: NotebookNode, ran: Mapping[int, Ran], grade: Grade) -> NotebookNode:
    """The submission with what its cells gave; a graded cell starts with its score, then the table of its checks."""
    notebook = nbformat.from_dict(notebook)
    count = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if index in ran:
            count += 1
            cell.execution_count = count
        outputs = _valid(ran[index].outputs) if index in ran else []
        exercise = grade.exercises.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        cell.outputs = score_outputs(exercise) + _without_results(outputs) if exercise else outputs
    return notebook


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
    html = TEMPLATES.get_template("checks.html.j2").render(exercise=exercise)
    text = TEMPLATES.get_template("checks.txt.j2").render(exercise=exercise)
    return [_score(exercise.score),
            nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": text})]


def _score(value: float) -> NotebookNode:
    return nbformat.v4.new_output("execute_result", data={"text/plain": repr(float(value))}, execution_count=1)


def _escaped(text: str) -> str:
    return "".join("\\" + char if char in "\\`*_{}[]()#+-!<>|&$~" else char for char in text)


def _without_results(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """What the visible checks said, without anything that could be taken for a score."""
    return [output for output in outputs if output.output_type in ("stream", "error")]


def _valid(outputs: list[dict[str, Any]]) -> list[NotebookNode]:
    """The outputs that are well formed: they come from a child, so they are not trusted to be."""
    valid = []
    for output in outputs:
        try:
            node = nbformat.from_dict(output)
            nbformat.v4.nbbase.validate(node, node.output_type)
            valid.append(node)
        except (nbformat.ValidationError, AttributeError, KeyError, TypeError, ValueError):
            continue
    return valid
