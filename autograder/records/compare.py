"""What is different between two grades of one student."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.records.marks import NEAR
from autograder.verdict import Check, Grade, Status


@dataclass(frozen=True)
class Difference:
    """`what` is a check or a part of the grade; `before` and `after` are as people read them."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.change}"

    @property
    def change(self) -> str:
        return f"{self.before} → {self.after}"


def differences(before: Grade | None, after: Grade | None) -> list[Difference]:
    """All that a student or staff would see differently: status, points, verdicts, titles, checks that come or go.

    None is a student without a grade.
    """
    if before is None or after is None:
        return [] if before is after else [Difference("grade", said(before), said(after))]
    found = []
    if before.status is not after.status:
        found.append(Difference("status", _word(before.status), _word(after.status)))
    if before.reason != after.reason and before.status is after.status:
        found.append(Difference("reason", before.reason or "none", after.reason or "none"))
    if abs(before.max_score - after.max_score) > NEAR:
        found.append(Difference("points of all checks", f"{before.max_score:g}", f"{after.max_score:g}"))
    if before.score is None or after.score is None:
        return found  # all checks of one of them would be listed
    return [*found, *_of_checks(before, after)]


def said(grade: Grade | None) -> str:
    """A grade in two or three words."""
    if grade is None:
        return "none"
    return _word(grade.status) if grade.score is None else f"{grade.score:g} of {grade.max_score:g}"


def _of_checks(before: Grade, after: Grade) -> Iterator[Difference]:
    old, new = _checks(before), _checks(after)
    for key in {**old, **new}:
        one, other = old.get(key), new.get(key)
        shown = f"{key[0].removeprefix('test_')}: {other.title if other else old[key].title}"
        if one is None or other is None:
            yield Difference(shown, _whole(one), _whole(other))
            continue
        if one.verdict is not other.verdict:
            yield Difference(shown, _word(one.verdict), _word(other.verdict))
        if abs(one.max_points - other.max_points) > NEAR:
            yield Difference(shown, _points(one), _points(other))
        elif abs(one.points - other.points) > NEAR and one.verdict is other.verdict:
            yield Difference(shown, f"{one.points:g} points", f"{other.points:g} points")
        if one.hint != other.hint and one.verdict is other.verdict:
            yield Difference(f"{shown}: hint", *(f"“{hint}”" if hint else "none" for hint in (one.hint, other.hint)))
        if one.title != other.title:
            yield Difference(f"{key[0].removeprefix('test_')}: title", f"“{one.title}”", f"“{other.title}”")


def _checks(grade: Grade) -> dict[tuple[str, str], Check]:
    return {(name, check.name): check for name, exercise in grade.exercises.items() for check in exercise.checks}


def _whole(check: Check | None) -> str:
    return "not there" if check is None else f"{_word(check.verdict)}, {_points(check)}"


def _points(check: Check) -> str:
    return f"{check.points:g} of {check.max_points:g}"


def _word(value: Status | str) -> str:
    return value.replace("_", " ")
