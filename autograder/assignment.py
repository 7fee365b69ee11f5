"""An assignment: the source notebook, what was released of it, and its hidden tests."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.errors import UsageError

HIDDEN = Path(__file__).parent / "hidden"
# A locked cell with one of these tags only shows something, and grading does not run it. nbclient knows the first one
# too, so an animation is also left out of the solved notebook; a plot is not.
SHOW_TAGS = frozenset({"skip-execution", "show-only"})


@dataclass(frozen=True)
class Assignment:
    """`name` is that of the folder in source/ and of the notebook in it."""

    name: str
    course: Path

    def __post_init__(self) -> None:
        if not self.source_path.is_file():
            raise UsageError(f"There is no assignment {self.name!r} here: {self.source_path} does not exist.")
        if not self.hidden.is_dir():
            raise UsageError(f"The assignment {self.name!r} has no hidden tests in {self.hidden}.")

    @property
    def source_path(self) -> Path:
        return self.course / "source" / self.name / f"{self.name}.ipynb"

    @property
    def hidden(self) -> Path:
        return HIDDEN / self.name

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook."""
        return nbformat.read(self.source_path, as_version=4)

    @cached_property
    def released(self) -> NotebookNode:
        """What students were given: no solutions, no hidden regions, no outputs."""
        from nbgrader.preprocessors import (  # takes half a second, and a worker gets what comes of it
            ClearHiddenTests,
            ClearMarkScheme,
            ClearOutput,
            ClearSolutions,
            ComputeChecksums,
            LockCells,
        )

        notebook = copy.deepcopy(self.source)
        for step in (LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ClearMarkScheme, ComputeChecksums):
            notebook, _ = step().preprocess(notebook, {"language": "python"})
        return notebook

    @cached_property
    def cells(self) -> dict[str, NotebookNode]:
        """The released cells that nbgrader knows, by grade_id, in order."""
        return {cell.metadata.nbgrader.grade_id: cell for cell in self.released.cells if "nbgrader" in cell.metadata}

    @cached_property
    def texts(self) -> frozenset[str]:
        """What the instructor's own Markdown cells say."""
        return frozenset(cell.source for cell in self.released.cells if cell.cell_type == "markdown")

    @cached_property
    def exercises(self) -> dict[str, float]:
        """Points of each autograded cell, in order."""
        return {name: float(cell.metadata.nbgrader.points) for name, cell in self.cells.items()
                if _grade(cell) and not solution(cell)}

    @cached_property
    def by_hand(self) -> dict[str, float]:
        """Points of each cell that people grade, in order."""
        return {name: float(cell.metadata.nbgrader.points) for name, cell in self.cells.items()
                if _grade(cell) and solution(cell)}

    @property
    def max_score(self) -> float:
        """Points that the hidden tests give."""
        return sum(self.exercises.values())

    @cached_property
    def hidden_tests_sha256(self) -> str:
        """Names every byte that decides a verdict: the hidden tests, their probes and oracles."""
        digest = hashlib.sha256()
        for path in sorted(self.hidden.rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self.hidden)}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def solution(cell: NotebookNode) -> bool:
    """True for a cell that the student fills in."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def locked(cell: NotebookNode) -> bool:
    """True for a cell whose text belongs to the instructor."""
    named = cell.metadata.get("nbgrader", {})
    return not solution(cell) and bool(_grade(cell) or named.get("locked"))


def _grade(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))
