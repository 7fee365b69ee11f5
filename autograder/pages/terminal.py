"""What a run looks like on a terminal and in a log."""

from __future__ import annotations

import statistics
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from autograder.assignment import Assignment
from autograder.feedback import points
from autograder.run import Summary
from autograder.verdict import Grade, Status

FULL, LOW = 0.999, 0.5
ODD = "\N{REPLACEMENT CHARACTER}"
LEVELS = "▁▂▃▄▅▆▇█"
WIDTH = 12  # characters of a score's bar


def plain(text: str) -> str:
    """`text` on one line, with a sign in place of what could move the cursor or turn the writing."""
    return "".join(char if char.isprintable() else ODD for char in " ".join(text.split()))


class Progress:
    """A bar with rate and time left on a terminal, a line for each submission elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(TextColumn("grading"), BarColumn(bar_width=40), MofNCompleteColumn(),
                        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
                        TextColumn("{task.fields[last]}", markup=False),
                        console=console, transient=True, disable=not console.is_terminal)
        self._task: Any = None

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, total: int) -> None:
        self._task = self._bar.add_task("", total=total, rate="", last="warming up")

    def tell(self, grade: Grade) -> None:
        speed = self._bar.tasks[0].speed
        rate = f"{speed:.1f}/s" if speed else ""
        self._bar.update(self._task, advance=1, last=plain(grade.student), rate=rate)
        if not self._console.is_terminal:
            score = str(grade.status)
            if grade.score is not None:
                score = f"{points(grade.score)}/{points(grade.max_score)}"
            self._console.print(f"{plain(grade.student)}: {score} ({grade.seconds:.2f} s)", markup=False,
                                highlight=False, soft_wrap=True)


def table(assignment: Assignment, summary: Summary) -> RenderableType:
    """The grade table of a class, and what needs a person's eye."""
    count = len(summary.grades)
    if not count:
        return Text("Nothing to grade: there is no folder in submitted/.")
    grid = Table(title=f"{assignment.name}: {_many(count, 'submission')}\n", title_justify="left",
                 title_style="bold", header_style="bold", box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    grid.add_column("student", overflow="fold")  # the only one that gives way on a narrow terminal
    for name, most in assignment.exercises.items():
        words = name.removeprefix("test_").split("_")
        grid.add_column("\n".join([*words, f"/{points(most)}"]), justify="right", no_wrap=True)
    grid.add_column(f"score\n/{points(assignment.max_score)}", justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True, min_width=WIDTH)
    for grade in summary.grades.values():
        grid.add_row(*_row(assignment, grade))
    return Group(Text(), grid, Text(), *_summary(assignment, summary))


def _row(assignment: Assignment, grade: Grade) -> list[Text]:
    cells = [Text(plain(grade.student))]
    for name in assignment.exercises:
        exercise = grade.exercises.get(name)
        cells.append(_scored(exercise.score, exercise.max_score) if exercise else Text("·", style="dim"))
    if grade.score is None:
        ours = grade.status is Status.grader_error
        status = Text(grade.status.replace("_", " "), style="red")
        return [*cells, Text("?" if ours else "0", style="bold red"), status]
    part = grade.score / grade.max_score if grade.max_score else 1.0
    # A bar is full for full marks only, and empty for none.
    filled = min(round(WIDTH * part), WIDTH - (part < FULL)) or int(part > 0)
    bar = Text("━" * filled, style=_colour(part)) + Text("╌" * (WIDTH - filled), style="grey50")
    return [*cells, Text(points(grade.score), style="bold " + _colour(part)), bar]


def _scored(score: float, most: float) -> Text:
    return Text(points(score), style=_colour(score / most if most else 1.0))


def _colour(part: float) -> str:
    return "green" if part >= FULL else "yellow" if part >= LOW else "red"


def _summary(assignment: Assignment, summary: Summary) -> list[RenderableType]:
    """Sentences, most of them one line; what needs a person comes last, nearest to the prompt."""
    grades = summary.grades.values()
    scores = [grade.score for grade in grades if grade.score is not None]
    lines: list[RenderableType] = []
    if scores:
        most = points(assignment.max_score)
        median = points(round(statistics.median(scores), 2))
        lines.append(Text.assemble(
            f"{len(scores)} graded, median {median} of {most}, spread 0 ",
            (_spread(scores, assignment.max_score), "cyan"), f" {most}"))
    fresh = len(summary.fresh)
    lines.append(Text(f"{fresh} graded now, {len(summary.grades) - fresh} unchanged since the last run."))
    if assignment.by_hand:
        count = len(assignment.by_hand)
        wait = "waits" if count == 1 else "wait"
        answers = _many(count, "written answer")
        lines.append(Text(f"{answers} of each submission {wait} for you in the Formgrader."))
    for grade in grades:
        if grade.flags:
            lines.append(_told(grade, "was repaired", "; ".join(grade.flags), "yellow"))
    for grade in grades:
        if grade.reason and grade.status is not Status.grader_error:
            lines.append(_told(grade, "gets 0", grade.reason, "yellow"))
    for grade in summary.troubled:
        lines.append(_told(grade, "has no grade, by the grader's own fault", grade.reason or "", "bold red"))
    return lines


def _spread(scores: list[float], most: float) -> str:
    """A histogram one character high."""
    counts = [0] * len(LEVELS)
    for score in scores:
        counts[min(len(counts) - 1, int(len(counts) * score / most)) if most else 0] += 1
    top = len(LEVELS) - 1
    return "".join(LEVELS[round(top * count / max(counts))] if count else "·" for count in counts)


def _told(grade: Grade, what: str, why: str, style: str) -> RenderableType:
    return Text.assemble((plain(grade.student), style), f" {what}: {plain(why)}")


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def changes(summary: Summary) -> RenderableType:
    """Whose score would change, check by check."""
    grid = Table("student", box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    grid.add_column("before", justify="right")
    grid.add_column("after", justify="right")
    grid.add_column("check")
    grid.add_column("verdict", no_wrap=True)
    count = 0
    for student in summary.fresh:
        before, after = summary.before.get(student), summary.grades[student]
        changed = _changed(before, after)
        if before is None or changed or before.status != after.status:
            count += 1
            (check, verdict), *more = changed or [("", "")]
            grid.add_row(Text(plain(student)), _shown(before), _shown(after), Text(check), Text(verdict))
            for check, verdict in more:
                grid.add_row("", "", "", Text(check), Text(verdict))
    if not count:
        return Text(f"No score would change ({len(summary.fresh)} graded again, nothing written).")
    return Group(Text(), grid, Text(),
                 Text(f"{count} of {len(summary.fresh)} would change. Nothing was written."))


def _changed(before: Grade | None, after: Grade) -> list[tuple[str, str]]:
    """Each check with another verdict than before, and both verdicts."""
    if before is None or not before.exercises:
        return []
    old = {(name, check.name): str(check.verdict) for name, exercise in before.exercises.items()
           for check in exercise.checks}
    return [(f"{name.removeprefix('test_')}: {check.title}",
             f"{old.get((name, check.name), 'new')} → {check.verdict}")
            for name, exercise in after.exercises.items() for check in exercise.checks
            if old.get((name, check.name)) != check.verdict]


def _shown(grade: Grade | None) -> Text:
    if grade is None:
        return Text("–")
    return Text(points(grade.score) if grade.score is not None else grade.status.replace("_", " "))
