"""How far right and wrong answers are from each tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.audit.cases import Kind
from autograder.audit.examine import Examined

MEASURED = frozenset({Kind.reference, Kind.alternative})
LEAST = 3.0  # a smaller margin does not hold


@dataclass(frozen=True)
class Margin:
    """One named tolerance. `worst_right`: the largest ratio (difference to what is allowed) of a right answer;
    `best_wrong`: the smallest ratio by which it failed a check of a wrong one. Whose they were stands beside them.
    """

    tolerance: str
    worst_right: float
    right: str
    best_wrong: float
    wrong: str

    @property
    def factor(self) -> float:
        """What lies between them: 3 means that the best wrong answer is three times as far off as the worst right."""
        return self.best_wrong / self.worst_right if self.worst_right else math.inf

    @property
    def holds(self) -> bool:
        return self.factor >= LEAST


def margins(examined: Iterable[Examined]) -> list[Margin]:
    """One for each tolerance that compared anything, by name, over all cases, seeds and thread counts.

    Where it depends on what is asked whether a wrong answer fails a check, it can be off by anything: that is no
    margin.
    Equivalent mutants stay out: some are right because the contract allows as much as the tolerance does.
    """
    right: dict[str, tuple[float, str]] = {}
    wrong: dict[str, tuple[float, str]] = {}
    for found in examined:
        for seed, seen in found.seen.items():
            for one in seen:
                where = f"{found.case.name} in {one.check}, seed {seed}"
                for tolerance, ratio in one.admitted if found.case.kind in MEASURED else ():
                    right[tolerance] = max(right.get(tolerance, (-1.0, "")), (ratio, where))
                if one.refused and not found.case.right and one.check not in found.case.varies:
                    tolerance, ratio = one.refused
                    wrong[tolerance] = min(wrong.get(tolerance, (math.inf, "")), (ratio, where))
    return [
        Margin(name, *right.get(name, (0.0, "none")), *wrong.get(name, (math.inf, "none")))
        for name in sorted(right.keys() | wrong.keys())
    ]
