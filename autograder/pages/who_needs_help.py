"""Who needs help with what: everyone with 0 in an exercise, or under half of it, by the cause that they are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.judging.causes import ROWS, UNWRITTEN
from autograder.verdict import Check, Exercise, Grade, Verdict

LOW = 0.5  # a smaller part of an exercise's points asks for help
USES = re.compile(r"Your [\w ,]+? uses your (\w+)")
FOLLOWS = "Perhaps for the same reason as "
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
EXAMPLES = 3  # of what was found, that one group shows


@dataclass
class Group:
    """Students with one cause. `sentence` is what they are told of it, `found` what was seen, where that differs."""

    sentence: str
    exercise: str
    students: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)  # other exercises that it costs some of them


def causes(exercise: Exercise) -> list[str]:
    """The hints of an exercise that tell a cause: those that do not refer to another one."""
    return [check.hint for check in exercise.checks if check.hint and not check.hint.startswith(FOLLOWS)]


def untouched(grade: Grade) -> bool:
    """True for a notebook in which nothing has been written."""
    told = [cause for exercise in grade.exercises.values() for cause in causes(exercise)]
    return bool(told) and not grade.score and all(cause.startswith(UNWRITTEN) for cause in told)


def groups(grades: Sequence[Grade], parts: Mapping[str, str]) -> list[Group]:
    """The groups, the largest first. `parts` names the exercise of each part that students write.

    What only follows from another part counts with that part. An untouched notebook is in no group.
    """
    found: dict[tuple[str, str], Group] = {}
    for grade in grades:
        if untouched(grade):
            continue
        for name, exercise in grade.exercises.items():
            if exercise.score and exercise.score >= LOW * exercise.max_score:
                continue
            if not exercise.max_score or all(check.verdict is Verdict.passed for check in exercise.checks):
                continue
            for home, cause in _roots(grade, name, parts):
                sentence, seen = _sentence(cause)
                group = found.setdefault((home, NUMBER.sub("#", sentence)), Group(sentence, home))
                if grade.student not in group.students:
                    group.students.append(grade.student)
                if seen and seen not in group.found:
                    group.found.append(seen)
                if name != home and name not in group.also:
                    group.also.append(name)
    return sorted(found.values(), key=lambda group: (-len(group.students), group.exercise, group.sentence))


def _roots(grade: Grade, name: str, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(exercise, cause) of what is behind the lost points of an exercise: those of the part that it uses, if any."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        exercise = grade.exercises.get(here)
        for cause in causes(exercise)[:2] if exercise else ():
            used = USES.match(cause)
            if used and (home := parts.get(used[1])) and home not in seen:
                waiting.append(home)
            else:
                yield here, cause


def _sentence(cause: str) -> tuple[str, str]:
    """The sentence that a group shares, and what was found, which may differ from student to student."""
    begins = tuple(f"{row}: " for row in ROWS)
    rows = dict(line.split(": ", 1) for line in cause.splitlines() if line.startswith(begins))
    if ROWS[0] not in rows:
        return cause.splitlines()[0] if cause else "no hint", ""
    shared = f"Expected: {rows[ROWS[0]]}" + (f" Look at: {rows[ROWS[2]]}" if ROWS[2] in rows else "")
    return shared, rows.get(ROWS[1], "")


def check_causes(checks: Sequence[Check]) -> list[Check]:
    """The checks that carry a cause, for one student's list."""
    return [check for check in checks if check.hint and not check.hint.startswith(FOLLOWS)]
