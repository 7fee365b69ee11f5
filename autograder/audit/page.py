"""The audit as one HTML page, with nothing to load from elsewhere."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from datetime import datetime

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from autograder.audit.cases import Case, Kind
from autograder.audit.findings import Audit
from autograder.audit.summary import rows
from autograder.pages.feedback import TEMPLATES
from autograder.verdict import Verdict

COLOURS = {
    "passed": "#eef1f5",
    Verdict.failed: "#b42318",
    Verdict.errored: "#d98324",
    Verdict.timed_out: "#6b3fa0",
    Verdict.skipped: "#9aa5b5",
}
ROW, COLUMN = 0.055, 0.27  # inches of the picture for a mistake and for a check


def page(audit: Audit) -> str:
    """The whole audit for staff. It holds hidden constants and lines of solutions: not for students."""
    checks = [check for check in audit.checks if audit.exercise in (None, check.partition("::")[0])]
    mistakes = sorted(audit.of(Kind.misconception), key=lambda case: _order(audit, case, checks))
    mutants = sorted(audit.of(Kind.mutant), key=lambda case: _order(audit, case, checks))
    return TEMPLATES.get_template("audit.html.j2").render(
        audit=audit,
        rows=rows(audit),
        mistakes=mistakes,
        mutants=mutants,
        equivalents=audit.of(Kind.equivalent),
        right=audit.of(Kind.reference, Kind.alternative),
        catches=_catches(audit, checks),
        matrix=picture(audit, mistakes, checks),
        mutant_matrix=picture(audit, mutants, checks),
        colours=COLOURS,
        short=short,
        infinity=math.inf,
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
    )


def short(check: str) -> str:
    """test_fit_gain::test_any_loss is shown as fit gain: any loss."""
    exercise, _, name = check.partition("::")
    return f"{_words(exercise)}: {_words(name)}" if name else _words(exercise)


def picture(audit: Audit, mistakes: Sequence[Case], checks: Sequence[str]) -> str:
    """The kill matrix, mistakes by checks, as the data of a PNG; empty without mistakes."""
    if not mistakes or not checks:
        return ""
    order = list(COLOURS)
    cells = np.array([[order.index(audit.failed(case).get(check, "passed")) for check in checks] for case in mistakes])
    # A figure of its own, not pyplot's: nothing is left behind, and no window system is needed.
    figure = Figure(figsize=(1.2 + COLUMN * len(checks), 2.6 + ROW * len(mistakes)), dpi=110, layout="constrained")
    axes = figure.subplots()
    colours = matplotlib.colors.ListedColormap(list(COLOURS.values()))
    axes.pcolormesh(cells, cmap=colours, vmin=-0.5, vmax=len(order) - 0.5, edgecolors="white", linewidth=0.25)
    axes.invert_yaxis()
    axes.set_xticks(
        np.arange(len(checks)) + 0.5, [_words(check.partition("::")[2]) for check in checks], rotation=90, fontsize=8
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    axes.set_ylabel(f"{len(mistakes)} rows, one for each")
    exercises = [check.partition("::")[0] for check in checks]
    for column, exercise in enumerate(exercises):
        if exercises.index(exercise) == column:
            axes.axvline(column, color="#1c2330", linewidth=1.2)
            axes.text(column + 0.1, len(mistakes) + 1, _words(exercise), fontsize=9, va="top", weight="bold")
    for side in axes.spines.values():
        side.set_visible(False)
    data = io.BytesIO()
    figure.savefig(data, format="png")
    return base64.b64encode(data.getvalue()).decode()


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _order(audit: Audit, case: Case, checks: Sequence[str]) -> tuple[list[bool], str]:
    """Mistakes that fail the same checks stand together."""
    failed = audit.failed(case)
    return [check not in failed for check in checks], case.name


def _catches(audit: Audit, checks: Sequence[str]) -> list[tuple[str, int, int, int]]:
    """(check, how many mistakes it fails, how many of them no other check fails, how many mutants it fails)."""
    mistakes = [_failed(audit, case) for case in audit.of(Kind.misconception)]
    mutants = [_failed(audit, case) for case in audit.of(Kind.mutant)]
    return [
        (
            check,
            sum(check in failed for failed in mistakes),
            sum(failed == {check} for failed in mistakes),
            sum(check in failed for failed in mutants),
        )
        for check in checks
    ]


def _failed(audit: Audit, case: Case) -> set[str]:
    """What the case did not pass by itself: a check that is skipped catches nothing."""
    return {check for check, verdict in audit.failed(case).items() if verdict is not Verdict.skipped}
