"""What a run looks like on a terminal and in a log."""

from __future__ import annotations

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
LEVELS = "▁▂▃▄▅▆▇█"


class Progress:
    """A bar with rate and time left on a terminal, a line for each submission elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(TextColumn("grading"), BarColumn(bar_width=40), MofNCompleteColumn(),
                        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[last]}"),
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
        self._bar.update(self._task, advance=1, last=grade.student, rate=f"{speed:.1f}/s" if speed else "")
        if not self._console.is_terminal:
            score = f"{points(grade.score)}/{points(grade.max_score)}" if grade.score is not None else grade.status
            self._console.print(f"{grade.student}: {score} ({grade.seconds:.2f} s)", markup=False, highlight=False)


def table(assignment: Assignment, summary: Summary) -> RenderableType:
    """The grade table of a class, and what needs a person's eye."""
    grid = Table(title=f"{assignment.name}: {len(summary.grades)} submissions", title_justify="left",
                 title_style="bold", header_style="bold", box=SIMPLE_HEAD, padding=(0, 1))
    grid.add_column("student", no_wrap=True)
    for name, most in assignment.exercises.items():
        grid.add_column(f"{name.removeprefix('test_')}\n/{points(most)}", justify="right")
    grid.add_column(f"score\n/{points(assignment.max_score)}", justify="right")
    grid.add_column("", no_wrap=True)
    for grade in summary.grades.values():
        grid.add_row(*_row(assignment, grade))
    return Group(Text(), grid, Text(), _summary(assignment, summary))


def _row(assignment: Assignment, grade: Grade) -> list[Text]:
    cells = [Text(grade.student)]
    for name in assignment.exercises:
        exercise = grade.exercises.get(name)
        cells.append(_scored(exercise.score, exercise.max_score) if exercise else Text("·", style="dim"))
    if grade.score is None:
        ours = grade.status is Status.grader_error
        return [*cells, Text("?" if ours else "0", style="bold red"), Text(grade.status, style="red")]
    part = grade.score / grade.max_score
    bar = Text("━" * round(12 * part), style=_colour(part)) + Text("╌" * (12 - round(12 * part)), style="grey50")
    return [*cells, Text(points(grade.score), style="bold " + _colour(part)), bar]


def _scored(score: float, most: float) -> Text:
    return Text(points(score), style=_colour(score / most if most else 1.0))


def _colour(part: float) -> str:
    return "green" if part >= FULL else "yellow" if part >= LOW else "red"


def _summary(assignment: Assignment, summary: Summary) -> Text:
    scores = [grade.score for grade in summary.grades.values() if grade.score is not None]
    lines = []
    if scores:
        counts = [0] * 8
        for score in scores:
            counts[min(7, int(8 * score / assignment.max_score))] += 1
        picture = "".join(LEVELS[round(7 * count / max(counts))] if count else "·" for count in counts)
        lines.append(f"{len(scores)} graded, median {points(sorted(scores)[len(scores) // 2])} of "
                     f"{points(assignment.max_score)}, spread 0 {picture} {points(assignment.max_score)}")
    fresh = len(summary.fresh)
    lines.append(f"{fresh} graded now, {len(summary.grades) - fresh} unchanged since the last run.")
    if assignment.by_hand:
        lines.append(f"{len(assignment.by_hand)} written answers of each submission wait for you in the Formgrader.")
    for grade in summary.grades.values():
        if grade.status is Status.grader_error:
            lines.append(f"No grade, by the grader's own fault: {grade.student}: {grade.reason}")
        elif grade.reason:
            lines.append(f"{grade.student} gets 0: {grade.reason}")
        if grade.flags:
            lines.append(f"{grade.student} was repaired: {'; '.join(grade.flags)}")
    return Text("\n".join(lines))


def changes(summary: Summary) -> RenderableType:
    """Whose score would change, check by check."""
    grid = Table("student", "before", "after", "checks", show_edge=False, pad_edge=False, header_style="bold")
    for student in summary.fresh:
        before, after = summary.before.get(student), summary.grades[student]
        changed = _changed(before, after)
        if before is None or changed or before.status != after.status:
            grid.add_row(student, _shown(before), _shown(after), "\n".join(changed))
    if not grid.row_count:
        return Text(f"No score would change ({len(summary.fresh)} graded again, nothing written).")
    return Group(grid, Text(f"{grid.row_count} of {len(summary.fresh)} would change. Nothing was written."))


def _changed(before: Grade | None, after: Grade) -> list[str]:
    if before is None:
        return []
    old = {(name, check.name): check.verdict for name, exercise in before.exercises.items()
           for check in exercise.checks}
    return [f"{name}: {check.title}: {old.get((name, check.name), 'new')} → {check.verdict}"
            for name, exercise in after.exercises.items() for check in exercise.checks
            if old.get((name, check.name)) != check.verdict]


def _shown(grade: Grade | None) -> str:
    if grade is None:
        return "–"
    return points(grade.score) if grade.score is not None else str(grade.status)
