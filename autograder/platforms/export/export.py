"""`autograder export csv|canvas|moodle`: one door to the platforms' modules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.spreadsheet import Table, read_table
from autograder.platforms.export.canvas import fill_canvas, make_canvas
from autograder.platforms.export.fill import Filled
from autograder.platforms.export.grades import Grades, read_grades
from autograder.platforms.export.moodle import fill_moodle, make_moodle
from autograder.platforms.export.sheet import fill_csv, make_csv
from autograder.records.uploads import Uploads, read_uploads
from autograder.verdict import write_whole

Make = Callable[[Grades, Uploads, str | None], Filled]
Fill = Callable[[Table, Grades, Uploads, str | None], Filled]
PLATFORMS: dict[str, tuple[Make, Fill]] = {
    "csv": (make_csv, fill_csv),
    "canvas": (make_canvas, fill_canvas),
    "moodle": (make_moodle, fill_moodle),
}


def export_grades(
    assignment: Assignment,
    platform: str,
    *,
    into: Path | None,
    output: Path,
    incomplete: bool,
    title: str | None = None,
) -> list[str]:
    """Writes the grades in the platform's form, whole or not at all; gives what staff should read.

    Raises `UsageError` for a file or a gradebook that cannot be used, and while answers wait for a mark without
    `incomplete`; `GraderFault` where the output cannot be written.
    """
    grades = read_grades(assignment, incomplete=incomplete)
    uploads = read_uploads(assignment.course, assignment.name)
    make, fill = PLATFORMS[platform]
    done = fill(read_table(into), grades, uploads, title) if into else make(grades, uploads, title)
    write_whole(output, done.content)
    waiting = sum(bool(one.waiting) for one in grades.outcomes.values())
    told = [f"Wrote {output}: the grades of {done.rows} students.", *done.notes]
    if waiting:
        told.append(f"{waiting} of them have answers that wait for a mark: their points are those so far.")
    if grades.known:
        missing = len([one for one in grades.known if one.id not in grades.outcomes])
        if missing:
            told.append(f"{missing} students of the class list have no grade, and none was written for them.")
    return told
