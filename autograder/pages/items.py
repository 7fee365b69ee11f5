"""Item analysis: which checks tell strong students from weak ones, and which tell nothing."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.verdict import Grade, Verdict

FEWEST = 20  # students; with fewer, a figure says more about chance than about the check
WEAK = 0.1


@dataclass(frozen=True)
class Item:
    """One check over a class.

    Arguments:
        exercise, name, title: which check.
        passed: the part of the class that passed, 0 to 1.
        discrimination: correlation of passing with the points of the other exercises, -1 to 1; None where it cannot be
            told.
    """

    exercise: str
    name: str
    title: str
    passed: float
    discrimination: float | None


def items(grades: Sequence[Grade]) -> list[Item]:
    """Every check, in order. Untouched notebooks are better left out of `grades`: they fail everything together."""
    found: dict[tuple[str, str], list[tuple[bool, float]]] = {}
    titles: dict[tuple[str, str], str] = {}
    for grade in grades:
        total = grade.score or 0.0
        for name, exercise in grade.exercises.items():
            for check in exercise.checks:
                found.setdefault((name, check.name), []).append(
                    (check.verdict is Verdict.passed, total - exercise.score)
                )
                titles[name, check.name] = check.title
    return [
        Item(*key, titles[key], statistics.fmean(passed for passed, _ in seen), _correlation(seen))
        for key, seen in found.items()
    ]


def notes(analysed: Sequence[Item]) -> Mapping[str, list[Item]]:
    """What staff should look at: sentences, each with the checks that it is about."""
    told = {
        "Nobody passes": [item for item in analysed if not item.passed],
        "Everybody passes": [item for item in analysed if item.passed == 1],
        "Passed by the weak rather than by the strong: is it right?": [
            item for item in analysed if item.discrimination is not None and item.discrimination < -WEAK
        ],
        "Tells little about the rest": [
            item for item in analysed if item.discrimination is not None and abs(item.discrimination) <= WEAK
        ],
    }
    return {sentence: found for sentence, found in told.items() if found}


def _correlation(seen: Sequence[tuple[bool, float]]) -> float | None:
    passed, rest = [float(one) for one, _ in seen], [other for _, other in seen]
    if len(seen) < FEWEST or len(set(passed)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(passed, rest)
