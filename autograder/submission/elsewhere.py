"""Answers that stand beside the cell that was meant for them: what looks unanswered may not be."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from nbformat import NotebookNode

from autograder.course.assignment import Assignment, grade_id, solution

WORDS = re.compile(r"[^\W\d_]{2,}")
REMARK = re.compile(r"#(.*)|\"\"\"(.*?)(?:\"\"\"|$)|'''(.*?)(?:'''|$)", re.DOTALL | re.MULTILINE)
FEW, MANY = 3, 8  # words that make a text: beside the answer's cell, and anywhere


def answered_elsewhere(notebook: NotebookNode, assignment: Assignment) -> tuple[frozenset[str], frozenset[str]]:
    """Of the solution cells that are as they were released: the written answers that a text of the student's own may be
    meant for, and the code whose parts another cell defines. Both by grade_id."""
    left = {
        grade_id(cell): at
        for at, cell in enumerate(notebook.cells)
        if solution(cell) and cell.source == assignment.cells[grade_id(cell)].source
    }
    if not left:
        return frozenset(), frozenset()
    known = {_words(cell.source) for cell in assignment.released.cells}
    own = [at for at, cell in enumerate(notebook.cells) if not grade_id(cell) and _words(cell.source) not in known]
    anywhere = any(len(_text(notebook.cells[at])) >= MANY for at in own if notebook.cells[at].cell_type != "code")
    written = {
        name
        for name, at in left.items()
        if name in assignment.by_hand
        and (anywhere or any(len(_text(notebook.cells[other])) >= FEW for other in _beside(notebook, at, own)))
    }
    names = {grade_id(cell): _defined(cell.source) for cell in assignment.source.cells if grade_id(cell) in left}
    code = {
        name
        for name, at in left.items()
        if name not in assignment.by_hand
        and any(
            _defines(cell.source, names.get(name, ()))
            for other, cell in enumerate(notebook.cells)
            if other != at and cell.cell_type == "code" and (other in own or solution(cell))
        )
    }
    return frozenset(written), frozenset(code)


def _beside(notebook: NotebookNode, at: int, own: Collection[int]) -> Iterator[int]:
    """The student's own cells between the instructor's cell above and the one below."""
    for step in (-1, 1):
        other = at + step
        while 0 <= other < len(notebook.cells) and not grade_id(notebook.cells[other]):
            if other in own:
                yield other
            other += step


def _text(cell: NotebookNode) -> list[str]:
    """The words of a text cell, and those of the remarks and long strings of a code cell."""
    if cell.cell_type != "code":
        return WORDS.findall(cell.source)
    return [word for remark in REMARK.findall(cell.source) for part in remark for word in WORDS.findall(part)]


def _words(source: str) -> str:
    return " ".join(source.split())


def _defined(source: str) -> tuple[str, ...]:
    """The names that the instructor's solution defines at its top level."""
    lines = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        body = ast.parse(lines).body
    except SyntaxError:
        return ()
    found = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    found += [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return tuple(found)


def _defines(source: str, names: Collection[str]) -> bool:
    return any(
        re.search(
            rf"^[ \t]*(?:async )?(?:def|class)[ \t]+{name}\b|^{name}[ \t]*(?::[^=\n]*)?=(?!=)", source, re.MULTILINE
        )
        for name in names
    )
