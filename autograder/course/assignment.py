"""An assignment: the source notebook, what was released of it, and its hidden tests."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.folder import Folders
from autograder.errors import GraderFault, UsageError
from autograder.files import closed, read_bytes, read_text

# A locked cell with one of these tags only shows something, and grading does not run it. nbclient knows the first one
# too, so an animation is also left out of the solved notebook; a plot is not.
SHOW_TAGS = frozenset({"skip-execution", "show-only"})


@dataclass(frozen=True)
class Assignment:
    """An assignment of a course folder, as it lies there.

    Arguments:
        name: that of the folder in source/ and of the notebook in it.
        course: the course folder.
        folders: those of the course; its configuration is asked where they are not given.

    Raises `UsageError` where there is no source notebook or no folder of hidden tests of that name, `GraderFault` where
    this account may not look.
    """

    name: str
    course: Path
    folders: Folders = field(default=None, compare=False, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _name(self.name))
        if self.folders is None:
            object.__setattr__(self, "folders", Folders.of(self.course))
        if not _is(self.source_path, Path.is_file):
            raise UsageError(f"There is no assignment {self.name!r} here: {self.source_path} does not exist.")
        if not _is(self.hidden, Path.is_dir):
            raise UsageError(f"The assignment {self.name!r} has no hidden tests in {self.hidden}.")

    @property
    def source_path(self) -> Path:
        return self.folders.source / self.name / f"{self.name}.ipynb"

    @property
    def hidden(self) -> Path:
        return self.folders.hidden / self.name

    @property
    def answers(self) -> Path:
        """What tests the hidden tests: alternatives/, misconceptions/, mutants.toml, patterns.json."""
        return self.folders.answers / self.name

    @property
    def results(self) -> Path:
        return self.folders.results / self.name

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook. Raises `GraderFault` where the file cannot be read as one."""
        try:
            return nbformat.reads(read_text(self.source_path), as_version=4)
        except GraderFault:
            raise
        except Exception as error:  # nbformat's own, and what it stumbles over
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise GraderFault(f"{self.source_path} cannot be read as a notebook: {why:.200}") from error

    @cached_property
    def released(self) -> NotebookNode:
        """What students were given: no solutions, no hidden regions, no outputs.

        Raises `UsageError` for a graded cell without points, and for two cells of one name.
        """
        from nbgrader.preprocessors import (  # takes half a second, and a worker gets what comes of it
            ClearHiddenTests,
            ClearMarkScheme,
            ClearOutput,
            ClearSolutions,
            ComputeChecksums,
            LockCells,
        )

        notebook = copy.deepcopy(self.source)
        named = Counter(filter(None, map(grade_id, notebook.cells)))
        for name, count in named.items():
            if count > 1:
                raise UsageError(
                    f"{count} cells of the source notebook are called {name}: give each a name of its own under "
                    "“Create Assignment” in JupyterLab."
                )
        for cell in notebook.cells:
            if _grade(cell) or task(cell):
                _points(grade_id(cell), cell)
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
        return {
            name: _points(name, cell)
            for name, cell in self.cells.items()
            if _grade(cell) and not solution(cell) and not task(cell)
        }

    @cached_property
    def by_hand(self) -> dict[str, float]:
        """Points of each cell that people grade, in order."""
        return {
            name: _points(name, cell)
            for name, cell in self.cells.items()
            if (_grade(cell) and solution(cell)) or task(cell)
        }

    @property
    def max_score(self) -> float:
        """Points that the hidden tests give."""
        return sum(self.exercises.values())

    @cached_property
    def hidden_files(self) -> tuple[tuple[str, bytes], ...]:
        """What decides a verdict: hidden tests, their probes and oracles, each by its path below `hidden`, sorted."""
        return tuple(
            (path.relative_to(self.hidden).as_posix(), read_bytes(path)) for path in sorted(_python_files(self.hidden))
        )

    @cached_property
    def source_sha256(self) -> str:
        """Names what of the source notebook decides a grade: the released text, points and kind of each cell that
        nbgrader knows. Its solutions and its prose may change."""
        parts = [
            [
                name,
                cell.cell_type,
                cell.source,
                sorted(cell.metadata.get("tags", [])),
                *(cell.metadata.nbgrader.get(key) for key in ("grade", "solution", "locked", "task", "points")),
            ]
            for name, cell in self.cells.items()
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def hidden_tests_sha256(self) -> str:
        """Names every byte of `hidden_files`."""
        digest = hashlib.sha256()
        for name, content in self.hidden_files:
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def _name(given: str) -> str:
    """`./hw1` and `hw1/`, as a shell completes them, are `hw1`. Raises `UsageError` for what is a path."""
    name = given.removeprefix("./").rstrip("/")
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise UsageError(f"There is no assignment {given!r} here: give the name of its folder in source/.")
    return name


def _is(path: Path, what: Callable[[Path], bool]) -> bool:
    """Raises `GraderFault` where this account may not look."""
    try:
        return what(path)
    except PermissionError as error:
        raise closed(path.parent) from error


def _python_files(folder: Path) -> Iterator[Path]:
    """Those in `folder` and below, links followed as Python follows them when it imports."""
    seen = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        here = os.path.realpath(root)
        if here in seen:
            folders.clear()
            continue
        seen.add(here)
        yield from (Path(root) / name for name in files if name.endswith(".py"))


def grade_id(cell: NotebookNode) -> str:
    """What nbgrader calls a cell; "" for one that it does not know."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def task(cell: NotebookNode) -> bool:
    """True for nbgrader's manually graded task: its text is the instructor's, and what is done lies in other cells."""
    return bool(cell.metadata.get("nbgrader", {}).get("task"))


def check(cell: NotebookNode) -> bool:
    """True for the check cell of an exercise, which is graded automatically."""
    return cell.cell_type == "code" and _grade(cell) and not solution(cell)


def solution(cell: NotebookNode) -> bool:
    """True for a cell that the student fills in."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def locked(cell: NotebookNode) -> bool:
    """True for a cell whose text belongs to the instructor."""
    named = cell.metadata.get("nbgrader", {})
    return not solution(cell) and bool(_grade(cell) or task(cell) or named.get("locked"))


def defines(cell: NotebookNode) -> bool:
    """True for a locked cell that is run for what it defines, like the set-up: not a check, not a picture."""
    return (
        cell.cell_type == "code"
        and locked(cell)
        and not _grade(cell)
        and SHOW_TAGS.isdisjoint(cell.metadata.get("tags", []))
    )


def _points(name: str, cell: NotebookNode) -> float:
    """Raises `UsageError` for a graded cell without a number of points."""
    value = cell.metadata.nbgrader.get("points")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        said = "no points" if value is None else f"{value!r} in the place of points"
        raise UsageError(
            f"The graded cell {name} of the source notebook has {said}: enter a number under “Create Assignment” in "
            "JupyterLab."
        )
    return float(value)


def _grade(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))
