"""How an assignment is put together: its exercises with their titles, the parts that students write for each, and which
part each hidden check asks for. Read from the source notebook and the hidden tests' text; nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.course.assignment import Assignment, check, grade_id, solution

HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
WORTH = re.compile(r"\s*\([^()]*\bpoints?\b[^()]*\)$")  # "(2 points, read by a person)" at the end of a heading
ASKS = frozenset({"ask", "ask_each"})


@dataclass(frozen=True)
class Outline:
    """What of an assignment is the same for every student.

    Arguments:
        title: of the whole assignment.
        titles: of each graded cell, by grade_id, in the order of the notebook.
        cells: the solution cells of each exercise, by the grade_id of its check cell.
        parts: the names that these cells define, by the grade_id of the check cell, in the order of the notebook.
        cell_of: the solution cell that should define each part.
        asks: the parts that each hidden check asks for, by (exercise, check); empty where that cannot be read.
        given: the released text of each solution cell.
    """

    title: str
    titles: Mapping[str, str]
    cells: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    cell_of: Mapping[str, str]
    asks: Mapping[tuple[str, str], frozenset[str]]
    given: Mapping[str, str]

    @property
    def exercise_of(self) -> dict[str, str]:
        """The exercise that each part belongs to."""
        return {part: exercise for exercise, parts in self.parts.items() for part in parts}


def outline(assignment: Assignment) -> Outline:
    """The outline of an assignment. A test or a cell that cannot be parsed tells nothing, and is no error."""
    cells: dict[str, tuple[str, ...]] = {}
    parts: dict[str, tuple[str, ...]] = {}
    cell_of: dict[str, str] = {}
    since: list[tuple[str, str]] = []  # solution cells since the last check cell
    last: list[tuple[str, str]] = []
    for cell in assignment.source.cells:
        if solution(cell) and cell.cell_type == "code":
            since.append((grade_id(cell), cell.source))
        elif check(cell):
            last = since or last
            since = []
            names = [(name, found) for name, source in last for found in defined(source)]
            cells[grade_id(cell)] = tuple(name for name, _ in last)
            parts[grade_id(cell)] = tuple(dict.fromkeys(found for _, found in names))
            cell_of.update({found: name for name, found in names})
    given = {name: cell.source for name, cell in assignment.cells.items() if solution(cell)}
    asks = {}
    files = {name: content.decode(errors="replace") for name, content in assignment.hidden_files}
    for exercise in assignment.exercises:
        found = _asked(files.get(f"{exercise}.py", ""), files.get(f"probe_{exercise.removeprefix('test_')}.py", ""))
        asks.update({(exercise, name): names & set(parts.get(exercise, ())) for name, names in found.items()})
    title, titles = _titles(assignment)
    return Outline(title, titles, cells, parts, cell_of, asks, given)


def defined(source: str) -> list[str]:
    """The names that a cell defines for the cells after it: functions, classes, what it assigns or imports."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [
            found[1]
            for found in re.finditer(r"^(?:async +def +|def +|class +)?([^\W\d]\w*)(?= *[(:=])", source, re.MULTILINE)
            if not found[0].startswith(("print", "display"))
        ]
    names: list[str] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [item.id for target in targets for item in ast.walk(target) if isinstance(item, ast.Name)]
    return names


def _titles(assignment: Assignment) -> tuple[str, dict[str, str]]:
    whole = ""
    standing: dict[int, str] = {}
    titles: dict[str, str] = {}
    for cell in assignment.released.cells:
        name = grade_id(cell)
        if cell.cell_type == "markdown" and not solution(cell):
            for found in HEADING.finditer(FENCE.sub("", cell.source)):
                level, text = len(found[1]), WORTH.sub("", _plain(found[2]))
                if level == 1 and not whole:
                    whole = text
                standing = {depth: title for depth, title in standing.items() if depth < level} | {level: text}
        if name in assignment.by_hand or (name in assignment.exercises and name not in titles):
            deeper = [title for depth, title in sorted(standing.items()) if depth > 1]
            below = [title[:1].lower() + title[1:] for title in deeper[1:]] if name in assignment.by_hand else []
            titles[name] = ", ".join([*deeper[:1], *below]) or name.replace("_", " ")
        for exercise in assignment.exercises if solution(cell) and cell.cell_type == "code" else ():
            if exercise not in titles and name in _cells_before(assignment, exercise):
                titles[exercise] = standing.get(2) or standing.get(3) or exercise.removeprefix("test_")
    order = [name for name in assignment.cells if name in titles]
    return whole or assignment.name.replace("_", " "), {name: titles[name] for name in order}


def _cells_before(assignment: Assignment, exercise: str) -> list[str]:
    """The solution cells between the check cell of an exercise and the check cell before it."""
    since: list[str] = []
    for name, cell in assignment.cells.items():
        if name == exercise:
            return since
        if check(cell):
            since = []
        elif solution(cell) and cell.cell_type == "code":
            since.append(name)
    return since


def _plain(heading: str) -> str:
    return re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", lambda found: found[1] or "", heading).strip()


def _asked(test: str, probes: str) -> dict[str, frozenset[str]]:
    """The names that each test of a file asks the notebook for, through the probes that it uses."""
    try:
        tests, asked = _functions(ast.parse(test)), _functions(ast.parse(probes))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    wanted = {name: frozenset(key for node in _reached(asked, name) for key in _keys(node)) for name in asked}
    return {
        name: frozenset(
            part for node in _reached(tests, name) for probe in _probes(node) for part in wanted.get(probe, ())
        )
        for name in tests
        if name.startswith("test")
    }


def _functions(module: ast.Module) -> dict[str, ast.AST]:
    """Functions, methods and classes of a module, by name."""
    return {
        node.name: node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def _reached(functions: Mapping[str, ast.AST], name: str) -> Iterator[ast.AST]:
    """The function `name`, and those that it uses, and so on."""
    waiting, seen = [name], {name}
    while waiting:
        node = functions[waiting.pop()]
        yield node
        own = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
        used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)} & functions.keys() - own
        waiting += used - seen
        seen |= used


def _probes(node: ast.AST) -> Iterable[str]:
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in ASKS
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, str)
        ):
            yield call.args[0].value


def _keys(node: ast.AST) -> Iterable[str]:
    for item in ast.walk(node):
        if (
            isinstance(item, ast.Subscript)
            and isinstance(item.value, ast.Name)
            and isinstance(item.slice, ast.Constant)
            and isinstance(item.slice.value, str)
        ):
            yield item.slice.value
