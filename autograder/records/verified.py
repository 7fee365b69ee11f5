"""Whether a recorded grade comes out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.verdict import Grade


@dataclass(frozen=True)
class Verified:
    """What came of deriving one grade again.

    Arguments:
        recorded: the grade as `results/` has it; None where it cannot be read.
        again: the grade as it comes today, from the recorded seed; None where it was not derived.
        circumstances: what is not as it was recorded: another file, other hidden tests, another torch.
        outcome: what comes out differently.
        elsewhere: what `autograded/` or the gradebook has differently.
    """

    student: str
    recorded: Grade | None
    again: Grade | None
    circumstances: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return self.again is not None and not (self.circumstances or self.outcome or self.elsewhere)

    def to_data(self) -> dict[str, Any]:
        """For `--json`."""

        def score(grade: Grade | None) -> Any:
            return None if grade is None else {"status": grade.status, "score": grade.score}

        return {
            "student": self.student,
            "same": self.same,
            "recorded": score(self.recorded),
            "again": score(self.again),
            "circumstances": list(self.circumstances),
            "outcome": list(self.outcome),
            "elsewhere": list(self.elsewhere),
        }
