"""The exporter of `nbgrader export`: nbgrader's own columns, as a CSV that other programs read back, then the points
that answers which nobody has marked can still give.

nbgrader's own puts names between commas as they are: a comma in a name moves the scores into other columns.
"""

from __future__ import annotations

import csv
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.platforms.export.grades import harmless, number

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "waiting_points",
)


class CsvExport(ExportPlugin):  # type: ignore[misc]
    """Quotes what needs quotes, and leaves nothing that a spreadsheet would take for a formula."""

    def export(self, gradebook: Gradebook) -> None:
        """Writes to `--to`, grades.csv by default, for `--assignment` and `--student` where they are given."""
        target = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", target)
        waiting = 0
        wanted, students = set(map(str, self.assignment)), set(map(str, self.student))
        with open(target, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for assignment in gradebook.assignments:
                if wanted and assignment.name not in wanted:
                    continue
                for student in gradebook.students:
                    if not students or student.id in students:
                        values = self._values(gradebook, assignment, student)
                        waiting += values[-1] > 0
                        writer.writerow(map(_cell, values))
        if waiting:
            self.log.warning(
                "%d of these grades are without answers that wait for a mark; the column waiting_points "
                "says how many points those can still give.",
                waiting,
            )

    def _values(self, gradebook: Gradebook, assignment: Any, student: Any) -> tuple[Any, ...]:
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
            time, raw, penalty = submission.timestamp, submission.score, submission.late_submission_penalty or 0.0
            waits = sum(
                grade.max_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.needs_manual_grade and grade.manual_score is None and grade.auto_score is None
            )
        except MissingEntry:  # nbgrader's own says so too
            time, raw, penalty, waits = None, 0.0, 0.0, 0.0
        return (
            assignment.name,
            assignment.duedate,
            time,
            student.id,
            student.last_name,
            student.first_name,
            student.email,
            raw,
            penalty,
            max(0.0, raw - penalty),
            assignment.max_score,
            waits,
        )


def _cell(value: Any) -> str:
    if isinstance(value, int | float):
        return number(value)
    return "" if value is None else harmless(str(value))
