"""What a run looks like on a terminal and in a log."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from autograder.course.assignment import Assignment
from autograder.pages.feedback import points
from autograder.records.compare import differences, said
from autograder.records.marks import Marks
from autograder.records.results import Summary
from autograder.verdict import Grade, Status

FULL, LOW = 0.999, 0.5
ODD = "\N{REPLACEMENT CHARACTER}"
LEVELS = "▁▂▃▄▅▆▇█"
WIDE = 110  # characters of a terminal on which names have a column
WIDTH = 12  # characters of a score's bar
ID_WIDTH = 12  # characters of an id, and of a total, that are in one line on any terminal
GAP = 3  # characters between columns
NAMED = 8  # students that one line names
LATE_WITHOUT_TIME = (
    "marked late by the platform, which does not say when it came, so nothing was taken",
    "write the time into the class list, column handed_in:{0}, and run autograder collect {0} again",
)


def plain(text: str) -> str:
    """`text` on one line, with a sign in place of what could move the cursor or turn the writing."""
    return "".join(char if char.isprintable() else ODD for char in " ".join(text.split()))


class Progress:
    """A bar with rate and time left on a terminal, a line for each submission elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(
            TextColumn("grading"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
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
            self._console.print(
                f"{plain(grade.student)}: {score} ({grade.seconds:.2f} s)",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def table(
    assignment: Assignment,
    summary: Summary,
    marks: Mapping[str, Marks] | None = None,
    names: Mapping[str, str] | None = None,
    width: int = WIDE,
) -> RenderableType:
    """The grade table of a class, and what needs a person's eye.

    `marks` is what the gradebook has, with what people have entered; `names` are the students' names, where they are to
    be shown: in a column of their own on a terminal of some `width`, else below the id.
    """
    marks, names = marks or {}, names or {}
    count = len(summary.grades)
    if not count and not summary.absent:
        return Text("Nothing to grade: there is no folder in submitted/.")
    grid = Table(
        title=f"{assignment.name}: {many(count, 'submission')}\n",
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    everyone = (*summary.grades, *summary.absent)
    shown = {student: one for student in everyone if (one := marks.get(student))}
    totals = any(map(_by_people, shown.values()))
    column = any(names.get(student) for student in everyone) and width >= WIDE
    # On a narrow terminal bars go first, then the columns of the exercises; ids stay. The last column always stands.
    longest = max(len("student"), *(len(plain(student)) for student in everyone))
    headings = {
        name: "\n".join([*name.removeprefix("test_").split("_"), f"/{points(most)}"])
        for name, most in assignment.exercises.items()
    }
    room = width - min(longest, ID_WIDTH) - len("score") - totals * ID_WIDTH - 2 * GAP
    room -= sum(max(map(len, heading.split("\n"))) + GAP for heading in headings.values())
    bars = not totals or room >= len("not handed in") + GAP
    if room < (0 if totals else WIDTH):
        headings = {}
    grid.add_column("student", overflow="fold", min_width=min(longest, ID_WIDTH))
    if column:
        grid.add_column("name", overflow="fold")
    for heading in headings.values():
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column(f"score\n/{points(assignment.max_score)}", justify="right", no_wrap=True)
    if bars:
        grid.add_column("", no_wrap=True, min_width=WIDTH)
    if totals:
        grid.add_column("total", overflow="fold", min_width=min(ID_WIDTH, width // 4))
    rows = {
        **{student: _row(assignment, grade) for student, grade in summary.grades.items()},
        **{student: _absent(assignment, student, earlier) for student, earlier in summary.absent.items()},
    }
    for student, (first, *cells, score, last) in rows.items():
        name = plain(names.get(student, ""))
        before = [Text(name)] if column else []
        below = Text.assemble(first, "\n", (name, "dim")) if name and not column else first
        after = [last] if bars else []
        if totals:
            graded = (grade := summary.grades.get(student)) is not None and grade.score is not None
            after.append(_total(shown.get(student)) if bars or graded else last)  # the status stands somewhere
        grid.add_row(below, *before, *(cells if headings else ()), score, *after)
    return Group(Text(), grid, Text(), *_summary(assignment, summary, shown))


def _by_people(marks: Marks) -> bool:
    """True where the total is not only what hidden tests gave."""
    return bool(
        marks.overruled
        or marks.extra
        or marks.penalty
        or any(mark.written and mark.manual is not None for mark in marks.cells.values())
    )


def _total(marks: Marks | None) -> Text:
    """Points so far, with a sign for each thing that people or the calendar have changed."""
    if marks is None or not marks.entered:
        return Text("–", style="dim")
    signs = "".join(sign for sign, true in (("*", marks.overruled), ("+", marks.extra), ("−", marks.penalty)) if true)
    waits = f", {points(marks.waiting_points)} wait" if marks.unmarked else ""
    return Text(f"{points(marks.total)}/{points(marks.most)}{signs and ' ' + signs}{waits}")


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


def _absent(assignment: Assignment, student: str, earlier: Grade | None) -> list[Text]:
    """Who has no folder in submitted/: never had one, or has a grade from when there was one."""
    if earlier is None:
        dots = [Text("·", style="dim") for _ in assignment.exercises]
        return [Text(plain(student)), *dots, Text("–", style="dim"), Text("not handed in", style="yellow")]
    return [*_row(assignment, earlier)[:-1], Text("taken out", style="yellow")]


def _scored(score: float, most: float) -> Text:
    return Text(points(score), style=_colour(score / most if most else 1.0))


def _colour(part: float) -> str:
    return "green" if part >= FULL else "yellow" if part >= LOW else "red"


def _summary(assignment: Assignment, summary: Summary, marks: Mapping[str, Marks]) -> list[RenderableType]:
    """Sentences, most of them one line; what needs a person comes last, nearest to the prompt."""
    grades = summary.grades.values()
    scores = [grade.score for grade in grades if grade.score is not None]
    lines: list[RenderableType] = []
    if scores:
        most = points(assignment.max_score)
        median = points(round(statistics.median(scores), 2))
        lines.append(
            Text.assemble(
                f"{len(scores)} graded, median {median} of {most}, spread 0 ",
                (_spread(scores, assignment.max_score), "cyan"),
                f" {most}",
            )
        )
    fresh = len(summary.fresh)
    lines.append(Text(f"{fresh} graded now, {len(summary.grades) - fresh} unchanged since the last run."))
    for student, told in summary.times.items():
        lines.append(Text.assemble((plain(student), "yellow"), f": {plain(told)}"))
    if summary.late_by_unknown:
        what, do = LATE_WITHOUT_TIME
        names = listed(summary.late_by_unknown)
        lines.append(Text.assemble((names, "yellow"), f": {what}. To take something, {do.format(assignment.name)}."))
    if summary.strays:
        names = ", ".join(map(plain, summary.strays[:5])) + (" and more" if len(summary.strays) > 5 else "")
        lines.append(
            Text.assemble(
                (names, "yellow"),
                " in submitted/: no student of this name is known, and no folder "
                "of an assignment is in it. Nothing was entered.",
            )
        )
    for student, why in summary.mended.items():
        lines.append(Text.assemble((plain(student), "yellow"), f" was written again: {plain('; '.join(why))}"))
    for student, (old, new) in summary.penalties.items():
        lines.append(Text.assemble((plain(student), "yellow"), f" loses {new:g} for lateness now, {old:g} before"))
    gone = [student for student, earlier in summary.absent.items() if earlier is not None]
    if len(gone) < len(summary.absent):
        count = len(summary.absent) - len(gone)
        lines.append(Text(f"{count} of the class {'has' if count == 1 else 'have'} not handed in."))
    for student in gone:
        lines.append(
            Text.assemble(
                (plain(student), "yellow"),
                " has a grade and is no longer in submitted/: the grade "
                "stays until the folder is back, or a person removes it.",
            )
        )
    lines += _waiting(assignment.name, marks)
    for student, one in marks.items():
        lines += [Text.assemble((plain(student), "yellow"), f" {line}") for line in by_people(one)]
    for grade in grades:
        if grade.flags:
            lines.append(_note_on(grade, "was repaired", "; ".join(grade.flags), "yellow"))
    for grade in grades:
        if grade.reason and grade.status is not Status.grader_error:
            lines.append(_note_on(grade, "gets 0", grade.reason, "yellow"))
    for grade in summary.troubled:
        lines.append(_note_on(grade, "has no grade, by the grader's own fault", grade.reason or "", "bold red"))
    return lines


def listed(students: Sequence[str]) -> str:
    """The first of these students, and how many more."""
    named = ", ".join(map(plain, students[:NAMED]))
    return named + (f" and {len(students) - NAMED} more" if len(students) > NAMED else "")


def _waiting(assignment: str, marks: Mapping[str, Marks]) -> list[RenderableType]:
    waiting = [one for one in marks.values() if one.unmarked]
    if not waiting:
        return []
    count = sum(len(one.unmarked) for one in waiting)
    wait, totals = ("waits", "Its total is without it.") if count == 1 else ("wait", "Totals are without them.")
    return [
        Text(
            f"{many(count, 'written answer')} of {many(len(waiting), 'student')} {wait} for a mark: "
            f"autograder mark {assignment}. {totals}"
        )
    ]


def by_people(marks: Marks) -> list[str]:
    """What people, or the calendar, have changed in a student's total: a sentence each."""
    cells = [(name, marks.cells[name]) for name in marks.overruled]
    lines = [
        f"has {points(mark.manual or 0)} for {name} by a person (*), and {points(mark.automatic or 0)} by grading"
        for name, mark in cells
    ]
    if marks.extra:
        lines.append(f"has {points(marks.extra)} of extra credit (+)")
    if marks.penalty:
        lines.append(f"loses {points(marks.penalty)} for lateness (−)")
    return lines


def _spread(scores: list[float], most: float) -> str:
    """A histogram one character high."""
    counts = [0] * len(LEVELS)
    for score in scores:
        counts[min(len(counts) - 1, int(len(counts) * score / most)) if most else 0] += 1
    top = len(LEVELS) - 1
    return "".join(LEVELS[round(top * count / max(counts))] if count else "·" for count in counts)


def _note_on(grade: Grade, what: str, why: str, style: str) -> RenderableType:
    return Text.assemble((plain(grade.student), style), f" {what}: {plain(why)}")


def many(count: int, thing: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count} {thing}{'s' * (count != 1)}"


def changes(summary: Summary) -> RenderableType:
    """Whose grade would change, and all that would change in it."""
    grid = Table("student", box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    grid.add_column("before", justify="right")
    grid.add_column("after", justify="right")
    grid.add_column("what")
    grid.add_column("change", overflow="fold")
    count = 0
    for student in summary.fresh:
        before, after = summary.before.get(student), summary.grades[student]
        found = differences(before, after)
        if not found:
            continue
        count += 1
        shown = said if before and before.max_score != after.max_score else _short
        rows = [("", "comes new")] if before is None else [(one.what, one.change) for one in found]
        (what, change), *more = rows
        grid.add_row(Text(plain(student)), shown(before), shown(after), Text(plain(what)), Text(plain(change)))
        for what, change in more:
            grid.add_row("", "", "", Text(plain(what)), Text(plain(change)))
    lines: list[RenderableType] = [Text(), grid, Text()] if count else []
    for student, why in summary.mended.items():
        lines.append(Text.assemble((plain(student), "yellow"), f" would be written again: {plain('; '.join(why))}"))
    for student, earlier in summary.absent.items():
        if earlier is not None:
            lines.append(
                Text.assemble(
                    (plain(student), "yellow"),
                    f" has a grade ({said(earlier)}) and is no longer in submitted/: it would stay.",
                )
            )
    if not count:
        lines.append(Text(f"No score would change ({len(summary.fresh)} graded again, nothing written)."))
    else:
        lines.append(Text(f"{count} of {len(summary.fresh)} would change. Nothing was written."))
    return Group(*lines)


def _short(grade: Grade | None) -> str:
    if grade is None:
        return "–"
    return points(grade.score) if grade.score is not None else grade.status.replace("_", " ")
