"""Whether what is written about a student in three places is the same: `results/`, `autograded/` and the gradebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment
from autograder.records.marks import NEAR, Marks
from autograder.verdict import Grade, Status

AUTOGRADED_CAP = 200 * 2**20  # bytes of a notebook in autograded/ that are read


class Agreement:
    """Compares the three places for one student after another. `marks` is what `read_marks` gave."""

    def __init__(self, assignment: Assignment, marks: Mapping[str, Marks]) -> None:
        self._assignment = assignment
        self._marks = marks
        self._autograded = assignment.folders.autograded

    def differences(self, grade: Grade) -> tuple[str, ...]:
        """A sentence for each place that does not have the grade as `results/` has it; () where all agree.

        A grade that is no grade, for the grader's own fault, stands nowhere else.
        """
        if grade.status is Status.grader_error:
            return ()
        expected = {
            name: grade.exercises[name].score if name in grade.exercises else 0.0 for name in self._assignment.exercises
        }
        return (*self._of_gradebook(grade.student, expected), *self._of_notebook(grade.student, expected))

    def _of_gradebook(self, student: str, expected: Mapping[str, float]) -> list[str]:
        marks = self._marks.get(student)
        if marks is None or not marks.entered:
            return ["the gradebook has no entry"]
        scores = {name: mark.automatic for name, mark in marks.cells.items()}
        return [
            f"the gradebook has {_said(scores.get(name))} for {name}, results/ {score:g}"
            for name, score in expected.items()
            if not _same(scores.get(name), score)
        ]

    def _of_notebook(self, student: str, expected: Mapping[str, float]) -> list[str]:
        path = self.notebook(student)
        try:
            if path.stat().st_size > AUTOGRADED_CAP:
                return ["the notebook in autograded/ is too large to be read"]
            scores = _scores(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ["there is no notebook in autograded/"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return ["the notebook in autograded/ cannot be read"]
        return [
            f"autograded/ has {_said(scores.get(name))} for {name}, results/ {score:g}"
            for name, score in expected.items()
            if not _same(scores.get(name), score)
        ]

    def notebook(self, student: str) -> Path:
        """Where the student's notebook is in `autograded/`."""
        name = self._assignment.name
        return self._autograded / student / name / f"{name}.ipynb"


def _scores(notebook: Any) -> dict[str, float]:
    """The score that each graded cell begins with."""
    found = {}
    for cell in notebook["cells"]:
        named = cell["metadata"].get("nbgrader", {})
        if named.get("grade") and cell["cell_type"] == "code" and cell["outputs"]:
            shown = cell["outputs"][0].get("data", {}).get("text/plain", "")
            found[named["grade_id"]] = float("".join(shown))
    return found


def _same(value: float | None, expected: float) -> bool:
    return value is not None and abs(value - expected) < NEAR


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
