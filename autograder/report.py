"""The class report: one HTML page for staff, with nothing to load from elsewhere."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.feedback import TEMPLATES
from autograder.run import read_results
from autograder.verdict import Grade, Status, Verdict, write_whole

BINS = 8


@dataclass(frozen=True)
class CheckRow:
    """How a class did on one check."""

    exercise: str
    title: str
    max_points: float
    verdicts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())

    @property
    def passed(self) -> float:
        return self.verdicts.get(Verdict.passed, 0) / self.total if self.total else 0.0


def write_report(assignment: Assignment, path: Path) -> None:
    """Writes the page. Raises `UsageError` when nothing has been graded yet."""
    grades = list(read_results(assignment.course, assignment.name))
    if not grades:
        raise UsageError(f"Nothing is graded yet: run “autograder grade {assignment.name}” first.")
    scores = [grade.score for grade in grades if grade.score is not None]
    page = TEMPLATES.get_template("report.html.j2").render(
        assignment=assignment, grades=grades, checks=check_rows(grades), bins=histogram(scores, assignment.max_score),
        median=statistics.median(scores) if scores else None,
        mean=statistics.fmean(scores) if scores else None,
        full=sum(score == assignment.max_score for score in scores),
        troubled=[grade for grade in grades if grade.status is Status.grader_error],
        ungraded=[grade for grade in grades if grade.status not in (Status.graded, Status.grader_error)],
        graded=[grade for grade in grades if grade.score is not None])
    write_whole(path, page)


def check_rows(grades: list[Grade]) -> list[CheckRow]:
    """Every check in the order of the exercises, with the count of each verdict."""
    rows: dict[tuple[str, str], CheckRow] = {}
    for grade in grades:
        for name, exercise in grade.exercises.items():
            for check in exercise.checks:
                row = rows.setdefault((name, check.name), CheckRow(name, check.title, check.max_points, {}))
                row.verdicts[check.verdict] = row.verdicts.get(check.verdict, 0) + 1
    return list(rows.values())


def histogram(scores: list[float], most: float) -> list[tuple[str, int, float]]:
    """(label, count, height from 0 to 1) of `BINS` equal parts of the points; the last holds the full score."""
    counts = [0] * BINS
    for score in scores:
        counts[min(BINS - 1, int(BINS * score / most))] += 1
    tallest = max(counts) or 1
    width = most / BINS
    return [(f"{index * width:g}–{(index + 1) * width:g}", count, count / tallest)
            for index, count in enumerate(counts)]
