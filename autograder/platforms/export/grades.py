"""The grades of an assignment as they go out: read from nbgrader's gradebook, with what people have entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.assignment import Assignment
from autograder.course.class_list import ClassList, class_list
from autograder.errors import UsageError
from autograder.records.marks import read_marks

DECIMALS = 6  # of a score; what lies behind them comes from adding in binary
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SHOWN = 5  # names in one sentence


@dataclass(frozen=True)
class Outcome:
    """One student's grade. A score is None where nobody knows it: it is not exported, and is not 0.

    Arguments:
        cells: the score of each graded cell, by its name.
        total: of all cells, after the penalty for lateness.
        waiting: the cells that wait for a person; the total is without them.
    """

    student: str
    cells: Mapping[str, float | None]
    total: float
    penalty: float
    waiting: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class Grades:
    """All grades of an assignment, by student. `cells` has the points of each graded cell, in the notebook's order."""

    assignment: str
    cells: Mapping[str, float]
    outcomes: Mapping[str, Outcome]
    known: ClassList | None

    @property
    def max_score(self) -> float:
        return round(sum(self.cells.values()), DECIMALS)


def read_grades(assignment: Assignment, *, incomplete: bool = False) -> Grades:
    """What the gradebook says. Raises `UsageError` where there is no grade, and while answers wait for a mark, unless
    `incomplete` asks for what is known so far."""
    cells = {**assignment.exercises, **assignment.by_hand}
    outcomes = {}
    for student, marks in read_marks(assignment).items():
        if not marks.entered:
            continue
        outcomes[student] = Outcome(
            student,
            {name: None if mark.unmarked else mark.score for name, mark in marks.cells.items()},
            marks.total,
            marks.penalty,
            tuple(name for name, mark in marks.cells.items() if mark.waits),
            marks.name,
        )
    if not outcomes:
        raise UsageError(
            f"The gradebook has no grade for {assignment.name}. Run autograder grade {assignment.name} first."
        )
    waiting = [one for one in outcomes.values() if one.waiting]
    if waiting and not incomplete:
        names = listed([one.student for one in waiting])
        raise UsageError(
            f"{len(waiting)} of {len(outcomes)} students have answers that wait for a mark ({names}). "
            "Mark them in the Formgrader, or export the points so far with --incomplete."
        )
    return Grades(assignment.name, cells, outcomes, class_list(assignment.course))


def number(value: float, *, comma: bool = False) -> str:
    """A score as people write it: 4.8, 24, or 4,8. Never 4.800000000000001."""
    text = f"{round(value, DECIMALS):.{DECIMALS}f}".rstrip("0").rstrip(".")
    text = "0" if text in ("-0", "") else text
    return text.replace(".", ",") if comma else text


def parsed(text: str) -> float | None:
    """The number that a cell holds, with a dot or a comma; None where it is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text


def listed(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
