"""What `autograder status` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from autograder.pages.terminal import LATE_WITHOUT_TIME, NAMED, listed, many, plain
from autograder.records.status import Standing


def standing(found: Standing) -> RenderableType:
    """A line for each thing that is so, those that do not hold in colour, with what to do."""
    return Group(Text(f"{found.assignment}", style="bold"), *_lines(found), Text())


def _lines(found: Standing) -> Iterator[Text]:
    name = found.assignment
    yield Text(f"  {len(found.collected)} collected, {len(found.graded)} graded")
    if found.missing:
        yield Text(f"  {len(found.missing)} of the class not handed in: {listed(found.missing)}")
    if found.waiting:
        count = sum(map(len, found.waiting.values()))
        wait = "waits" if count == 1 else "wait"
        yield Text(f"  {many(count, 'written answer')} of {many(len(found.waiting), 'student')} {wait} for a mark")
    again = f"autograder grade {name}"
    if found.ungraded:
        yield _fault(f"{len(found.ungraded)} not graded yet: {listed(found.ungraded)}", again)
    if found.stale:
        yield _fault(f"{len(found.stale)} graded with something else than is there now: {_why(found.stale)}", again)
    if found.damaged:
        yield _fault(f"{len(found.damaged)} with a result file that cannot be read: {listed(found.damaged)}", again)
    if found.faults:
        yield _fault(
            f"{len(found.faults)} without a grade, by the grader's own fault: "
            f"{_why({student: [why] for student, why in found.faults.items()})}",
            again,
        )
    if found.removed:
        yield _fault(
            f"{len(found.removed)} graded and no longer in submitted/: {listed(found.removed)}",
            "put the folder back, or take the grade out of the gradebook",
        )
    if found.differing:
        yield _fault(
            f"{len(found.differing)} where results/, autograded/ and the gradebook differ: {_why(found.differing)}",
            f"{again} writes them again",
        )
    if found.late_by_unknown:
        what, do = LATE_WITHOUT_TIME
        yield _fault(f"{len(found.late_by_unknown)} {what}: {listed(found.late_by_unknown)}", do.format(name))
    if found.old_feedback:
        yield _fault(
            f"{len(found.old_feedback)} with feedback that is older than the grade: {listed(found.old_feedback)}",
            f"autograder feedback {name}",
        )
    if found.holds:
        yield Text("  results/, autograded/ and the gradebook agree", style="green")


def _fault(what: str, do: str) -> Text:
    return Text.assemble(("  ✗ ", "red"), what, (f"\n    {do}", "bold"))


def _why(reasons: Mapping[str, Sequence[str]]) -> str:
    """Students with the same reasons together, the largest group first."""
    groups: dict[str, list[str]] = {}
    for student, why in reasons.items():
        groups.setdefault("; ".join(why), []).append(student)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))[:NAMED]
    return "".join(f"\n      {listed(students)}: {plain(why)}" for why, students in ordered)
