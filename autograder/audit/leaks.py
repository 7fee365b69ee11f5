"""What students must not see: lines of solutions and hidden tests, hidden constants, expected values, canaries."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nbformat import NotebookNode

from autograder.audit.canaries import CANARY
from autograder.course.assignment import Assignment
from autograder.judging.judge import Test
from autograder.testing import Comparison
from autograder.verdict import Check, Graded

SHORTEST = 12  # characters of a secret line of the solution; a shorter one ("x = 2 * y") is what anybody writes
SHORTEST_TEST = 20  # characters of one of the hidden tests, which share words with hints ("optimiser.step()")
PLAIN = re.compile(r"import |from |@|def |class |return$|else:|try:|pass$|\"\"\"|#")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][+-]?\d+)?(?![\w.]*\w)")
TELLING = 3  # significant digits from which a number that a student is told can be an expected value
MARKED = re.compile(r"(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)")


@dataclass(frozen=True)
class Leak:
    """`what` was seen `where`, and should not have been."""

    where: str
    what: str


class Secrets:
    """What is secret in this assignment.

    A line is secret when it belongs to the solution, the marking scheme or a file of the hidden tests, is long enough,
    is more than an import, a definition's head or a comment, and does not stand in the released notebook. A number is
    secret when it is written in the hidden tests and not in the released notebook.
    """

    def __init__(self, assignment: Assignment) -> None:
        original = Assignment(assignment.name, assignment.course)
        self.public = "\n".join(cell.source for cell in original.released.cells)
        known = set(_lines(self.public))
        self._numbers = set(_numbers(self.public))
        texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(original.hidden.glob("*.py"))}
        self.hidden = {
            line: name
            for name, text in texts.items()
            for line in _lines(text)
            if line not in known and _telling(line, SHORTEST_TEST)
        }
        solved = [*_marked(original.source), *_written(original)]
        self.solution = {line: "the solution" for line in solved if line not in known and _telling(line, SHORTEST)}
        self.constants = {number for text in texts.values() for number in _constants(text)} - self._numbers

    def find(self, where: str, text: str, own: str = "") -> Iterator[Leak]:
        """Secret lines and canaries in a `text`; a line that is the student's `own` is no secret to them."""
        text = html.unescape(COLOUR.sub("", text))
        squeezed = " ".join(text.split())
        if CANARY in text:
            at = text.index(CANARY)
            yield Leak(where, f"a canary: {text[max(0, at - 20) : at + 40]!r}")
        for line, home in {**self.hidden, **self.solution}.items():
            if " ".join(line.split()) in squeezed and line not in own:
                yield Leak(where, f"a line of {home}: {line}")

    def of_checks(self, tests: Sequence[Test]) -> Iterator[Leak]:
        """What titles and hints give away: secret lines, and numbers that only the hidden tests know."""
        for test in tests:
            where = f"{test.exercise}::{test.name}"
            for kind, text in (("title", test.title), ("hint", test.worth.hint)):
                yield from self.find(f"the {kind} of {where}", text)
                for number in set(_numbers(text)) & self.constants:
                    yield Leak(f"the {kind} of {where}", f"the hidden constant {number:g}")

    def of_values(
        self, where: str, told: str, expected: Iterable[Comparison], own: Collection[float] = ()
    ) -> Iterator[Leak]:
        """Expected values in what a student was `told` of a check, and neither in the released notebook nor `own`."""
        numbers = [
            number
            for number in _numbers(told)
            if _digits(number) >= TELLING and number not in self._numbers and number not in own
        ]
        for comparison in expected if numbers else ():
            values = np.abs(np.asarray(comparison.expected, dtype=np.float64)).ravel()
            for number in numbers:
                if np.isclose(values, number, rtol=10.0**-TELLING, atol=0).any():
                    yield Leak(where, f"the expected value {number:g}")


def of_release(assignment: Assignment, secrets: Secrets) -> Iterator[Leak]:
    """What the files in `release/` give away."""
    folder = assignment.folders.release / assignment.name
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from secrets.find(str(path.relative_to(assignment.course)), _unquoted(path, text))
            yield from (
                Leak(str(path.relative_to(assignment.course)), f"the mark {mark!r}")
                for mark in sorted(set(MARKED.findall(text)))
            )


def of_grade(
    graded: Graded,
    compared: Mapping[tuple[str, str], Sequence[Comparison]],
    hints: Mapping[str, str],
    secrets: Secrets,
    printed: str = "",
) -> Iterator[Leak]:
    """What a result file and the feedback on a submission give away, beyond the submission's own text.

    `printed` is what its cells have shown where they ran: a number that stands there is the student's own.
    """
    own_numbers = set(_numbers(printed))
    grade = graded.grade
    own = "\n".join(cell.source for cell in graded.notebook.cells) if graded.notebook else ""
    said = [grade.reason or "", *grade.flags, *(f"{check.title}\n{check.hint or ''}" for check in _checks(graded))]
    yield from secrets.find("results", "\n".join(said), own)
    if graded.notebook:
        yield from secrets.find("feedback", "\n".join(_outputs(graded.notebook)), own)
    for exercise, of in grade.exercises.items():
        for check in of.checks:
            name = f"{exercise}::{check.name}"
            told = (check.hint or "").removesuffix(hints.get(name, ""))
            yield from secrets.of_values(
                f"the hint of {name}", told, compared.get((exercise, check.name), ()), own_numbers
            )


def _checks(graded: Graded) -> Iterator[Check]:
    for exercise in graded.grade.exercises.values():
        yield from exercise.checks


def _outputs(notebook: NotebookNode) -> Iterator[str]:
    """Every text that a reader of the feedback sees below a cell, images aside."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield str(output.get("text", ""))
            yield "\n".join(map(str, output.get("traceback", [])))
            for kind, content in output.get("data", {}).items():
                if not kind.startswith("image/"):
                    yield str(content)


def _unquoted(path: Path, text: str) -> str:
    """A notebook's file holds its lines as JSON strings."""
    return text.replace("\\n", "\n").replace('\\"', '"') if path.suffix == ".ipynb" else text


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _telling(line: str, shortest: int) -> bool:
    return len(line) >= shortest and not PLAIN.match(line)


def _marked(source: NotebookNode) -> Iterator[str]:
    """The lines between an instructor's marks."""
    for cell in source.cells:
        inside = False
        for line in _lines(cell.source):
            if MARKED.search(line):
                inside = "BEGIN" in line
            elif inside:
                yield line


def _written(assignment: Assignment) -> Iterator[str]:
    """The lines of the model answers that are graded by hand, with what markers are told."""
    for cell in assignment.source.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in assignment.by_hand:
            yield from _lines(cell.source)


def _numbers(text: str) -> Iterator[float]:
    return (float(found) for found in NUMBER.findall(text))


def _digits(number: float) -> int:
    return len(f"{number:.12g}".replace(".", "").split("e")[0].strip("0"))


def _constants(text: str) -> Iterator[float]:
    """The floats that stand in a program; whole numbers are too common to give anything away."""
    return (
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and not node.value.is_integer()
    )
