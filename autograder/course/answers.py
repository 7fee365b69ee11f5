"""The right and wrong answers kept in `answers/ASSIGNMENT/`, and notebooks made of them.

An answer file starts with a docstring (what is special about it). A misconception then names the exercises it must
cost, `# costs: test_a, test_b`. Where it is right now and then, so that the verdict of a check depends on what is
asked, it names those checks too, `# varies: test_a::test_one`. Sections follow: `# %% GRADE_ID` replaces that solution
cell, `# %% before GRADE_ID` and `# %% after GRADE_ID` add a cell. All other cells keep the reference solution.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.assignment import Assignment, solution
from autograder.errors import GraderFault

SECTION = re.compile(r"^# %% (?:(before|after) )?([a-z_0-9]+)\s*$")
COSTS = re.compile(r"^# costs: (.+)$", re.MULTILINE)
VARIES = re.compile(r"^# varies: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """`costs` is empty for a right answer. `cells` maps (place, grade_id) to code; place is "", before or after."""

    name: str
    sentence: str
    costs: frozenset[str]
    cells: tuple[tuple[str, str, str], ...]
    varies: frozenset[str] = frozenset()


def parse(path: Path) -> Answer:
    """Raises `GraderFault` for a file that is not an answer."""
    text = path.read_text(encoding="utf-8")
    head, *_ = re.split(r"^# %% ", text, maxsplit=1, flags=re.MULTILINE)
    try:
        sentence = ast.get_docstring(ast.parse(head))
    except SyntaxError:
        sentence = None
    if not sentence:
        raise GraderFault(f"{path} does not start with a docstring")
    cells: list[tuple[str, str, list[str]]] = []
    for line in text[len(head) :].splitlines():
        section = SECTION.match(line)
        if section:
            cells.append((section[1] or "", section[2], []))
        elif cells:
            cells[-1][2].append(line)
        else:
            raise GraderFault(f"{path} has a line before its first section: {line!r}")
    return Answer(
        path.stem,
        " ".join(sentence.split()),
        _named(COSTS, head),
        tuple((place, name, "\n".join(lines).strip()) for place, name, lines in cells),
        _named(VARIES, head),
    )


def _named(mark: re.Pattern[str], head: str) -> frozenset[str]:
    return frozenset(name.strip() for found in mark.findall(head) for name in found.split(","))


def answers(assignment: Assignment, kind: str) -> list[Answer]:
    """All answers of `kind`, alternatives or misconceptions, by name; none where there is no such folder.

    Raises `GraderFault` for a file that is not an answer.
    """
    folder = assignment.answers / kind
    if not folder.is_dir():
        return []
    return [parse(path) for path in sorted(folder.iterdir()) if path.suffix in (".py", ".ipy")]


def reference(assignment: Assignment) -> dict[str, str]:
    """The reference solution of each cell that students fill in, by grade_id, without the instructor's markers."""
    return {
        cell.metadata.nbgrader.grade_id: _without_markers(cell.source)
        for cell in assignment.source.cells
        if solution(cell)
    }


def notebook(assignment: Assignment, answer: Answer | None = None) -> NotebookNode:
    """A submission: the released notebook with the reference solution, and `answer` in its place where it has one.

    Raises `GraderFault` when the answer names a cell that the assignment does not have.
    """
    given = {(place, name): code for place, name, code in answer.cells} if answer else {}
    solved = reference(assignment)
    made = nbformat.from_dict(assignment.released)
    cells: list[NotebookNode] = []
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is None:
            cells.append(cell)
            continue
        if name in solved:
            cell.source = given.pop(("", name), None) or solved[name]
        cells += [*_extra(given, "before", name), cell, *_extra(given, "after", name)]
    if given:
        raise GraderFault(f"{answer.name if answer else ''}: there is no place for {sorted(given)}")
    made.cells = cells
    return made


def _extra(given: dict[tuple[str, str], str], place: str, name: str) -> list[NotebookNode]:
    code = given.pop((place, name), None)
    return [] if code is None else [nbformat.v4.new_code_cell(code, id=f"{place}-{name}"[:64])]


def _without_markers(source: str) -> str:
    return "\n".join(
        line
        for line in source.splitlines()
        if not re.search(r"### (BEGIN|END) SOLUTION|=== (BEGIN|END) MARK SCHEME ===", line)
    )
