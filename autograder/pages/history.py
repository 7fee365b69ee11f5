"""What `autograder history` and `autograder grade --undo` print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from autograder.pages.terminal import many, plain
from autograder.records.compare import differences, said
from autograder.records.history import Event
from autograder.records.marks import Marks, so_far
from autograder.records.status import STANDS
from autograder.records.undo import Undone

KINDS = {"grade": "graded", "nbgrader": "graded by nbgrader autograde", "undo": "a run was taken back"}
NAMED = 20  # students whom one message names


def timeline(student: str, events: Sequence[Event], marks: Marks | None) -> RenderableType:
    """A student's grade from the first run to the last, then what people have entered."""
    lines: list[Text] = [Text(plain(student), style="bold")]
    for event in events:
        lines += _event(event)
    lines += [Text(f"  {line}") for line in _marks(marks)]
    return Group(*lines)


def as_data(student: str, events: Sequence[Event], marks: Marks | None) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "student": student,
        "events": [
            {
                "run": event.run.id,
                "kind": event.run.kind,
                "when": event.run.when,
                "why": event.run.why,
                "undoes": event.run.undoes,
                "from": _grade(event.before),
                "to": _grade(event.after),
                "took": event.took,
                "changes": [vars(one) for one in differences(event.before, event.after)],
                "versions": dict(event.after.provenance) if event.after else {},
            }
            for event in events
        ],
        "now": None
        if marks is None or not marks.entered
        else {
            "total": marks.total,
            "of": marks.most,
            "waiting": list(marks.unmarked),
            "overruled": {
                name: {"automatic": marks.cells[name].automatic, "manual": marks.cells[name].manual}
                for name in marks.overruled
            },
            "extra_credit": marks.extra,
            "late_penalty": marks.penalty,
        },
    }


def undone(what: Undone) -> RenderableType:
    """What undoing has changed."""
    changed = {student: pair for student, pair in what.changes.items() if differences(*pair)}
    lines = [
        Text(
            f"Took run {what.run.id} back: {many(len(what.changes), 'student')}, "
            f"{len(changed)} with another grade than now."
        )
    ]
    for student, (now, before) in list(changed.items())[:NAMED]:
        lines.append(Text.assemble("  ", (plain(student), "yellow"), f": {said(now)} → {said(before)}"))
    if len(changed) > NAMED:
        lines.append(Text(f"  and {len(changed) - NAMED} more"))
    if what.lost:
        lines.append(
            Text(
                f"The notebooks in autograded/ of {', '.join(map(plain, what.lost[:NAMED]))} were removed by "
                "nbgrader autograde, and are those of the run that was taken back."
            )
        )
    lines.append(
        Text(
            "What has changed since then (submissions, hidden tests) is still there: the next run grades with it again."
        )
    )
    return Group(*lines)


def _event(event: Event) -> Iterator[Text]:
    run = event.run
    what = KINDS.get(run.kind, run.kind) + (f" ({run.undoes})" if run.undoes else "")
    yield Text.assemble(
        "  ",
        (run.when.replace("T", " ").replace("+00:00", " UTC"), "cyan"),
        f"  {what}: ",
        (f"{said(event.before)} → {said(event.after)}", "bold"),
        f"  [run {run.id}]",
    )
    if run.why:
        yield Text(f"      why: {plain(run.why)}")
    if not event.took:
        yield Text("      the run was ended before it had written this grade", style="yellow")
    for line in _versions(event):
        yield Text(f"      {line}")
    if event.before is not None and event.after is not None:
        for one in differences(event.before, event.after):
            yield Text(f"      {plain(str(one))}")


def _versions(event: Event) -> Iterator[str]:
    """What the two grades were made with, where that differs."""
    if event.before is None or event.after is None:
        return
    for key, word in STANDS.items():
        old, new = event.before.provenance.get(key), event.after.provenance.get(key)
        if old != new:
            shown = [str(value)[:12] if value else "none" for value in (old, new)]
            yield f"{word} changed: {shown[0]} → {shown[1]}"


def _marks(marks: Marks | None) -> Iterator[str]:
    if marks is None or not marks.entered:
        return
    yield f"now: {so_far(marks)}"
    for name in marks.overruled:
        mark = marks.cells[name]
        yield f"a person has given {mark.manual:g} for {name}, where grading gives {mark.automatic:g}"
    if marks.extra:
        yield f"extra credit: {marks.extra:g}"
    if marks.penalty:
        yield f"late penalty: {marks.penalty:g}"


def _grade(grade: Any) -> dict[str, Any] | None:
    return None if grade is None else {"status": grade.status, "score": grade.score, "max_score": grade.max_score}
