"""Which checks each known mistake fails: kept by the audit beside the mistakes, so that a report can say which one a
grade looks like.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.verdict import Grade, Verdict

FILE = "patterns.json"
MOST = 3  # mistakes that one pattern may point at; where more look the same, it says nothing

VARIES = "varies"
Pattern = Mapping[str, str]  # verdict of each check that did not pass, or "varies", by "exercise::check"


@dataclass(frozen=True)
class Likeness:
    """A known mistake with the same failed checks. A guess for staff, no fact about the student."""

    name: str
    sentence: str


def path(assignment: Assignment) -> Path:
    return assignment.answers / FILE


def written(found: Mapping[str, Pattern]) -> str:
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def known_patterns(assignment: Assignment) -> dict[str, dict[str, str]]:
    """What the last audit kept; nothing where there was none. Raises `GraderFault` for a damaged file."""
    try:
        found = json.loads(path(assignment).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise GraderFault(f"{path(assignment)} is not what an audit writes: {error}") from error
    return dict(found)


class Likenesses:
    """Compares grades with the patterns that are kept for an assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self._patterns = known_patterns(assignment)
        answers = corpus.answers(assignment, "misconceptions") if self._patterns else []
        self._sentences = {answer.name: answer.sentence for answer in answers}

    def of(self, grade: Grade) -> list[Likeness]:
        """The mistakes that fail the same checks: all that this grade failed, else all that it failed in the exercises
        that they cost. At most `MOST` for one pattern, none where more look alike.
        """
        failed = {
            f"{name}::{check.name}": str(check.verdict)
            for name, exercise in grade.exercises.items()
            for check in exercise.checks
            if check.verdict is not Verdict.passed
        }
        if not failed:
            return []
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        whole = False
        for name, pattern in self._patterns.items():
            if agrees(pattern, failed):
                complete = all(check in pattern for check in failed)
                if complete and not whole:  # those that explain all there is count, and no others
                    groups, whole = {}, True
                if complete or not whole:
                    groups.setdefault(tuple(sorted(pattern.items())), []).append(name)
        if whole:
            groups = {(): [name for names in groups.values() for name in names]}
        return [
            Likeness(name, self._sentences[name])
            for names in groups.values()
            if len(names) <= MOST
            for name in names
            if name in self._sentences
        ]


def agrees(pattern: Pattern, failed: Pattern) -> bool:
    """True when a grade failed just these checks in the exercises that the pattern has to do with."""
    exercises = {check.partition("::")[0] for check in pattern}
    sure = {check: verdict for check, verdict in pattern.items() if verdict != VARIES}
    return bool(sure) and sure == {
        check: verdict
        for check, verdict in failed.items()
        if check.partition("::")[0] in exercises and pattern.get(check) != VARIES
    }
