"""The audit in a few lines, for a terminal and as the head of the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.audit.cases import Kind
from autograder.audit.findings import Audit
from autograder.audit.margins import LEAST
from autograder.pages.terminal import plain

SHOWN = 12  # problems that are told on the terminal; the files have them all


@dataclass(frozen=True)
class Row:
    """A line of the table: what was asked, what came out, and whether it holds."""

    part: str
    found: str
    holds: bool


class Watch:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("auditing"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: Any = None
        self._total = self._done = 0

    def __enter__(self) -> Watch:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, total: int) -> None:
        self._total = total
        self._task = self._bar.add_task("", total=total, last="warming up")

    def tell(self, name: str) -> None:
        self._done += 1
        self._bar.update(self._task, advance=1, last=plain(name)[:40])
        tenth = 10 * self._done // self._total > 10 * (self._done - 1) // self._total
        if tenth and not self._console.is_terminal:
            self._console.print(f"{self._done} of {self._total} graded", highlight=False)


def rows(audit: Audit) -> list[Row]:
    troubles: dict[str, set[str]] = {}
    for problem in audit.problems:
        troubles.setdefault(problem.part, set()).add(problem.case)
    return [Row(part, found, part not in troubles) for part, found in _findings(audit, troubles)]


def _findings(audit: Audit, troubles: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    right = audit.of(Kind.reference, Kind.alternative)
    refused = troubles.get("right answers", set())
    yield "right answers", f"{_of(len(right), sum(case.name in refused for case in right))} get full marks"
    mistakes = audit.of(Kind.misconception)
    yield "mistakes", f"{_of(len(mistakes), len(troubles.get('mistakes', ())))} cost what they must and nothing else"
    mutants, equivalent = audit.of(Kind.mutant), audit.of(Kind.equivalent)
    yield (
        "mutants",
        (
            f"{_of(len(mutants), len(troubles.get('mutants', ())))} killed, "
            f"{len(equivalent)} more known to be equivalent"
        ),
    )
    yield "margins", _margins(audit)
    leaks = sum(problem.part == "leaks" for problem in audit.problems)
    count = sum(len(audit.found(case)) for case in audit.cases)
    yield "leaks", f"{leaks or 'none'} in the release, {len(audit.checks)} titles and hints, and {count} feedbacks"
    changed = len(list(audit.unstable()))
    known = sum(len(case.varies) for case in audit.cases)
    yield (
        "stability",
        (
            f"{changed or 'no'} verdicts changed over {len(audit.seeds)} seeds, "
            f"{' and '.join(map(str, audit.threads))} threads, another order"
            f"{f'; {known} may depend on the questions' if known else ''}"
        ),
    )
    checks = len([check for check in audit.checks if audit.exercise in (None, check.partition("::")[0])])
    yield "checks", f"{_of(checks, len(audit.idle))} are failed by a mistake or a mutant{_named(audit.idle)}"
    stale = any(problem.part == "patterns" for problem in audit.problems)
    yield "patterns", "not those of this audit" if stale else f"{len(audit.kept)} kept for the reports"


def _named(checks: Sequence[str]) -> str:
    return f"; by none: {', '.join(checks)}" if checks else ""


def _of(total: int, failing: int) -> str:
    return f"all {total}" if not failing else f"{total - failing} of {total}"


def _margins(audit: Audit) -> str:
    finite = [margin for margin in audit.margins if math.isfinite(margin.factor)]
    if not finite:
        return "nothing was compared on both sides of a tolerance"
    narrowest = min(finite, key=lambda margin: margin.factor)
    return f"the narrowest is a factor of {narrowest.factor:.2g} ({narrowest.tolerance}); {LEAST:g} is needed"


def table(audit: Audit) -> RenderableType:
    """What holds, the margins, then whatever does not hold."""
    grid = Table(
        title=f"{audit.assignment}{': ' + audit.exercise if audit.exercise else ''}\n",
        title_justify="left",
        title_style="bold",
        show_header=False,
        box=None,
        pad_edge=False,
    )
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows(audit):
        grid.add_row(
            Text("✓", "green") if row.holds else Text("✗", "bold red"),
            Text(row.part),
            Text(row.found, "" if row.holds else "red"),
        )
    problems = [Text(f"✗ {plain(problem.sentence)}", "red") for problem in audit.problems[:SHOWN]]
    if len(audit.problems) > SHOWN:
        problems.append(Text(f"and {len(audit.problems) - SHOWN} more: see the files."))
    verdict = (
        Text("Everything holds.", "bold green")
        if not problems
        else Text(f"{len(audit.problems)} things do not hold.", "bold red")
    )
    return Group(Text(), grid, Text(), _margin_table(audit), Text(), *problems, verdict)


def _margin_table(audit: Audit) -> RenderableType:
    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    grid.add_column("tolerance", overflow="fold")
    for heading in ("worst right", "best wrong", "factor"):
        grid.add_column(heading, justify="right", no_wrap=True)
    for margin in audit.margins:
        grid.add_row(
            margin.tolerance,
            f"{margin.worst_right:.3g}",
            f"{margin.best_wrong:.3g}",
            Text(f"{margin.factor:.3g}", "" if margin.holds else "bold red"),
        )
    return grid
