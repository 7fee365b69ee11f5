"""The sheet for the student and the one for the marker: HTML pages with nothing to load from elsewhere."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from autograder.course.assignment import Assignment
from autograder.files import read_text
from autograder.pages.feedback import TEMPLATES
from autograder.pages.terminal import ODD, plain
from autograder.verdict import write_whole
from autograder.viva.ask import QUESTIONS, Asked, Sheet
from autograder.viva.outcomes import FIRST, Numbers, number

AROUND = 40  # lines above and below the change that are shown of a long cell
WIDE, HIGH = 320, 120  # of a plot
POINTS = 30  # as many numbers or fewer are drawn as points
BEYOND = 1.5  # times the range of what was before: what lies further out leaves the picture


def write(assignment: Assignment, sheet: Sheet, folder: Path, name: str = "") -> tuple[Path, Path]:
    """Writes both sides of a student's sheet and says where: the questions, and the questions with their answers."""
    paths = (folder / f"{sheet.student}-questions.html", folder / f"{sheet.student}-answers.html")
    for path, answers in zip(paths, (False, True), strict=True):
        write_whole(path, page(assignment, sheet, answers=answers, name=name))
    return paths


def page(assignment: Assignment, sheet: Sheet, *, answers: bool, name: str = "") -> str:
    """One side: for the student, or with `answers` for the marker. Without a date: the same sheet is the same page."""
    return TEMPLATES.get_template("viva.html.j2").render(
        assignment=assignment,
        sheet=sheet,
        answers=answers,
        name=name,
        questions=[(asked, lines(asked), begins(asked.before), begins(asked.after)) for asked in sheet.asked],
        probe=lambda asked: probe(assignment, asked),
        plot=plot,
        number=number,
        plain=plain,
        first=FIRST,
        wanted=QUESTIONS,
    )


def lines(asked: Asked) -> list[tuple[int, str, bool]]:
    """(number, text, whether it is changed) of the lines around the change."""
    first, last = asked.change.lines
    every = enumerate(asked.source.rstrip().split("\n"), start=1)
    return [
        (at, "".join(char if char.isprintable() or char == "\t" else ODD for char in line), first <= at <= last)
        for at, line in every
        if first - AROUND <= at <= last + AROUND
    ]


def begins(numbers: Numbers) -> str:
    """The first numbers, as one says them."""
    return ", ".join(number(value) for value in numbers.values[:FIRST])


def probe(assignment: Assignment, asked: Asked) -> str:
    """The text of the probe that was asked, for the marker; "" where it is defined elsewhere."""
    path = assignment.hidden / f"probe_{asked.question.exercise.removeprefix('test_')}.py"
    text = read_text(path)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == asked.question.probe:
            return ast.get_source_segment(text, node) or ""
    return ""


def plot(before: Numbers, after: Numbers) -> Markup:
    """Both rows of numbers, as a small picture in the colours of the page."""
    if before.count == after.count == 1:
        return _bars(before.last, after.last)
    rows = [("before", before.values), ("after", after.values)]
    low, high, cut = _range(before.values, after.values)
    most = max(len(before.values), len(after.values))
    if not most or not math.isfinite(high - low):
        return Markup()
    parts = [
        Markup('<text x="2" y="{}">{}</text>').format(y, number(value)) for value, y in ((high, 10), (low, HIGH - 3))
    ]
    for kind, values in rows:
        for run in _runs(values, low, high, most):
            if len(run) > 1:
                drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
                parts.append(Markup('<polyline class="{}" points="{}"/>').format(kind, drawn))
            if most <= POINTS or len(run) == 1:
                radius = 3.2 if kind == "before" else 2.2
                parts += [
                    Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(kind, x, y, radius)
                    for x, y in run
                ]
    told = "The numbers before and after the change" + (", some of which leave the picture." if cut else ".")
    drawing = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDE, HIGH, told, Markup().join(parts)
    )
    return drawing + (Markup('<p class="soft">{}</p>').format("Some numbers leave the picture.") if cut else Markup())


def _bars(before: float, after: float) -> Markup:
    """Two numbers as bars from zero."""
    if not (math.isfinite(before) and math.isfinite(after)):
        return Markup()
    low, high = min(before, after, 0.0), max(before, after, 0.0)
    parts = []
    for at, (kind, value) in enumerate((("before", before), ("after", after))):
        left = WIDE * (min(value, 0.0) - low) / ((high - low) or 1.0)
        width = max(1.0, WIDE * abs(value) / ((high - low) or 1.0))
        parts.append(
            Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="14" rx="2"/>').format(
                kind, min(left, WIDE - 1.0), 4 + 20 * at, width
            )
        )
    return Markup('<svg viewBox="0 0 {} 44" role="img" aria-label="{}">{}</svg>').format(
        WIDE, "The number before and after the change, as bars from zero.", Markup().join(parts)
    )


def _range(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, bool]:
    """The lowest and the highest number of the picture, and whether some lie outside."""
    finite = [value for value in (*before, *after) if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0, True
    low, high = min(finite), max(finite)
    own = [value for value in before if math.isfinite(value)]
    cut = len(finite) < len(before) + len(after)
    if own:
        span = (max(own) - min(own)) or abs(own[0]) or 1.0
        floor, ceiling = min(own) - BEYOND * span, max(own) + BEYOND * span
        cut = cut or low < floor or high > ceiling
        low, high = max(low, floor), min(high, ceiling)
    return (low, high, cut) if high > low else (low - 1, high + 1, cut)


def _runs(values: Sequence[float], low: float, high: float, most: int) -> Iterator[list[tuple[float, float]]]:
    """The points of a row, parted where a number is outside of the picture."""
    run: list[tuple[float, float]] = []
    for at, value in enumerate(values):
        if math.isfinite(value) and low <= value <= high:
            x = 48 + (WIDE - 56) * (at / (most - 1) if most > 1 else 0.5)
            run.append((x, 6 + (HIGH - 12) * (high - value) / (high - low)))
        elif run:
            yield run
            run = []
    if run:
        yield run
