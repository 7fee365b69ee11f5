"""The code of a submission, cell by cell, as the sandbox runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SubmittedCell:
    """A code cell to run. `name` is its grade_id, or a description; `own` where its text is the student's.

    `checks` is the exercise that it is the check cell of, if any. `version_of` is the grade_id of the locked cell that
    the student has changed into this one: it can add names and changes none, and has time of its own. Where it
    `undoes_settings`, what it does to the settings of the process does not last.
    """

    index: int
    source: str
    name: str
    own: bool = True
    checks: str = ""
    version_of: str = ""
    undoes_settings: bool = False

    @property
    def message(self) -> dict[str, Any]:
        """What the child is told of it."""
        return {
            "op": "cell",
            "number": self.index,
            "source": self.source,
            "checks": self.checks,
            "only_adds": bool(self.version_of),
            "undoes_settings": self.undoes_settings,
        }
