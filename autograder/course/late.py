"""What lateness costs: the rule of a course, and the plugin by which nbgrader applies it too.

c.Autograder.late_penalty = "10 % per day"   of the assignment's points; or "2 points per day", "5 % per hour"
c.Autograder.grace = "15 min"                 so late is not late
c.Autograder.late_cap = "50 %"                no more than that is taken
c.Autograder.late_until = "7 days"            later than that is worth nothing
c.Autograder.late_tokens = 3                  days that each student may be late in the course, free
c.Autograder.late_rounding = 0.5              penalties are multiples of this
c.Autograder.due = {"differentiable_gain": "2026-11-20 23:59"}    where the gradebook does not say
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_DOWN, Decimal
from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin

from autograder.course.class_list import UNITS, duration, moment, time_zone
from autograder.course.folder import configured
from autograder.errors import UsageError

SECTION = "Autograder"
NAMES = ("late_penalty", "grace", "late_cap", "late_until", "late_tokens", "late_rounding")
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%|percent|points?)\s*", re.IGNORECASE)
NOTHING, PERCENT = Decimal(0), Decimal(100)
PLACES = Decimal("0.000001")
PLUGIN = "autograder.course.late.LateDays"
USED = 1e-6  # s; more than that is late


@dataclass(frozen=True)
class Amount:
    """Points, or a part of the points that there are."""

    value: Decimal
    percent: bool

    def of(self, most: float) -> Decimal:
        return self.value * Decimal(str(most)) / PERCENT if self.percent else self.value


@dataclass(frozen=True)
class LatePolicy:
    """What a course takes from late work.

    Arguments:
        rate: for each `period` that has begun; None takes nothing.
        grace: so late is in time. Whoever is later is late from the deadline on.
        cap: the most that is taken.
        until: later than that, everything is taken.
        tokens: periods that each student may be late in the whole course without losing points.
        rounding: penalties are rounded to multiples of it, halves in the student's favour; 0 does not round.
    """

    rate: Amount | None = None
    period: timedelta = timedelta(days=1)
    grace: timedelta = timedelta(0)
    cap: Amount | None = None
    until: timedelta | None = None
    tokens: int = 0
    rounding: Decimal = NOTHING

    def periods(self, late: timedelta) -> int:
        """Periods that have begun, 0 within the grace."""
        if late <= self.grace or late.total_seconds() <= USED:
            return 0
        return math.ceil(round(late / self.period, 9))

    def tokens_left(self, earlier: Iterable[timedelta]) -> int:
        """The tokens that are left after work that was so late, in the order of the deadlines."""
        left = self.tokens
        for late in earlier:
            left -= min(left, self.periods(late))
        return left

    def penalty(self, late: timedelta, most: float, score: float, tokens: int = 0) -> float:
        """Points that are taken from work so late.

        `most` are the points of the assignment, `score` those that the student has: no more than these is taken.
        `tokens` are those that the student has left.
        """
        own = Decimal(str(score))
        periods = self.periods(late)
        if not periods:
            return 0.0
        if self.until is not None and late > max(self.until, self.grace):
            return float(own)
        taken = self.rate.of(most) * max(0, periods - tokens) if self.rate else NOTHING
        if self.cap is not None:
            taken = min(taken, self.cap.of(most))
        if self.rounding:
            taken = (taken / self.rounding).quantize(Decimal(1), ROUND_HALF_DOWN) * self.rounding
        return float(max(NOTHING, min(taken.quantize(PLACES), own)))


def late_policy(section: Mapping[str, Any]) -> LatePolicy | None:
    """The policy in `c.Autograder`; None where it has none. Raises `UsageError` with the line to mend."""
    if not any(section.get(name) is not None for name in NAMES):
        return None
    found: dict[str, Any] = {}
    for name in NAMES:
        value = section.get(name)
        if value is None:
            continue
        try:
            found |= _READERS[name](value)
        except (ValueError, ArithmeticError) as error:
            raise UsageError(f"c.{SECTION}.{name} = {value!r} in nbgrader_config.py: {error}.") from error
    return LatePolicy(**found)


def course_policy(course: Path) -> LatePolicy | None:
    """The policy of a course; None where it has none, or a plugin of its own for nbgrader.

    Raises `UsageError` for a policy of which nbgrader would not hear: the two commands must give the same.
    """
    config = configured(course).config
    policy = late_policy(config.get(SECTION, {}))
    plugin = config.get("AssignLatePenalties", {}).get("plugin_class")
    if policy is not None and plugin is not LateDays and str(plugin) != PLUGIN:
        raise UsageError(
            f"nbgrader_config.py has a rule for late work in c.{SECTION}, and nbgrader does not know it. "
            f'Add this line: c.AssignLatePenalties.plugin_class = "{PLUGIN}"'
        )
    return policy


def due(course: Path, assignment: str) -> datetime | None:
    """The deadline in `c.Autograder.due`, UTC without a zone; None where it has none for this assignment.

    Raises `UsageError` for what is no time.
    """
    given = configured(course).config.get(SECTION, {}).get("due")
    value = given.get(assignment) if isinstance(given, Mapping) else given
    if value is None:
        return None
    try:
        return moment(str(value), time_zone(course))
    except ValueError as error:
        raise UsageError(f"c.{SECTION}.due in nbgrader_config.py: {error}.") from error


class LateDays(LateSubmissionPlugin):  # type: ignore[misc]
    """nbgrader's way to the same rule: `c.AssignLatePenalties.plugin_class = "autograder.course.late.LateDays"`.

    Without a rule in `c.Autograder`, it does as nbgrader's own plugin.
    """

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        policy = late_policy(self.config.get(SECTION, {}))
        if policy is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)  # type: ignore[no-any-return]
        asked = self.parent  # the step of nbgrader that asks, with the gradebook that it has open
        this = asked.gradebook.find_submission(asked.assignment_id, student_id)
        others = [one for one in this.student.submissions if one.assignment.duedate is not None and one is not this]
        earlier = sorted((one.assignment.duedate, one.assignment.name, one.total_seconds_late) for one in others)
        before = [
            timedelta(seconds=late)
            for due, name, late in earlier
            if (due, name) < (this.assignment.duedate, this.assignment.name)
        ]
        return policy.penalty(timedelta(seconds=total_seconds_late), this.max_score, score, policy.tokens_left(before))


def _rate(value: Any) -> dict[str, Any]:
    text = str(value).strip()
    found = AMOUNT.match(text)
    if not found:
        raise ValueError('write it as "10 % per day" or "2 points per day"')
    rest = re.fullmatch(r"(?:per|a|an|/|each)\s*([a-z]+)", text[found.end() :].strip().casefold())
    sizes = {word: size for size, words in UNITS.items() for word in words}
    if not rest or rest[1] not in sizes:
        raise ValueError('say for how long: "10 % per day"')
    return {"rate": _parsed(found), "period": sizes[rest[1]]}


def _amount(value: Any) -> Amount:
    found = AMOUNT.fullmatch(str(value).strip())
    if not found:
        raise ValueError('write it as "50 %" or "5 points"')
    return _parsed(found)


def _parsed(found: re.Match[str]) -> Amount:
    amount = Amount(Decimal(found[1].replace(",", ".")), found[2].casefold() in ("%", "percent"))
    if amount.percent and amount.value > PERCENT:
        raise ValueError("more than 100 % cannot be taken")
    return amount


def _tokens(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("write a whole number of days")
    return value


def _rounding(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("write a positive number such as 0.5")
    return Decimal(str(value))


_READERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "late_penalty": _rate,
    "grace": lambda value: {"grace": duration(str(value))},
    "late_cap": lambda value: {"cap": _amount(value)},
    "late_until": lambda value: {"until": duration(str(value))},
    "late_tokens": lambda value: {"tokens": _tokens(value)},
    "late_rounding": lambda value: {"rounding": _rounding(value)},
}
