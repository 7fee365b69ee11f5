"""Canvas's gradebook: `Student,ID,SIS User ID,SIS Login ID,Section,Title (ASSIGNMENTID)`.

A row whose first cell says `Points Possible` may follow the headings. Canvas finds students by ID; a title that it does
not know makes a new assignment, and a blank over a grade is a change. So it is best to fill Canvas's own export.
"""

from __future__ import annotations

import csv
import io
import re

from autograder.course.spreadsheet import Row, Table, plain
from autograder.errors import UsageError
from autograder.platforms.export.fill import Filled, People, counted_names, fill, score_columns
from autograder.platforms.export.grades import Grades, harmless, listed, number, parsed
from autograder.records.uploads import Uploads

POINTS = "points possible"
NUMBERED = re.compile(r"(.*?)\s*\((\d+)\)\s*", re.DOTALL)
STUDENT_COLUMNS = {
    "student": "name",
    "id": "id",
    "sis user id": "sis",
    "sis login id": "login",
    "section": "section",
    "integration id": "integration",
    "root account": "root",
    "notes": "notes",
    "email": "login",
    "pronouns": "pronouns",
}
EXCUSED = ("ex", "excused")


def fill_canvas(table: Table, grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """Canvas's own export with the grades in it. Raises `UsageError` for a file that is none."""
    rows = [row for row in table.rows if not row.blank]
    headings = {place: plain(value) for place, value in enumerate(rows[0].values)} if rows else {}
    known = {
        STUDENT_COLUMNS[heading.casefold()]: place
        for place, heading in reversed(headings.items())
        if heading.casefold() in STUDENT_COLUMNS
    }
    if "name" not in known or not known.keys() & {"id", "sis", "login"}:
        raise UsageError(
            f"{table.path} is not an export of Canvas's gradebook: its first line has no “Student” and “ID”."
        )
    start, first = 1, max(known.values()) + 1
    points: Row | None = None
    while start < len(rows) and not any(_value(rows[start], known.get(column)) for column in ("id", "sis", "login")):
        if _value(rows[start], 0).casefold().startswith(POINTS):
            points = rows[start]
        start += 1  # the row of points, and the one that says how grades are posted
    titles = {
        place: _title(heading)
        for place, heading in headings.items()
        if place >= first and heading and not _read_only(points, place)
    }
    columns = score_columns(table, titles, grades, title)
    people = People(grades, uploads, "canvas")
    students = rows[start:]
    names = counted_names([_value(row, known["name"]) for row in students])

    def student_of(row: Row) -> str | None:
        return (
            people.by_key(_value(row, known.get("id")), "canvas", "lms")
            or people.by_key(_value(row, known.get("sis")), "sis")
            or people.by_key(_value(row, known.get("login")), "login")
            or people.by_name(_value(row, known["name"]), names)
        )

    def frozen(row: Row, place: int) -> str | None:
        return "they are excused" if _value(row, place).casefold() in EXCUSED else None

    filled = fill(table, students, columns, grades, student_of, frozen=frozen)
    for place, name in columns.items():
        most, here = parsed(_value(points, place)) if points else None, grades.cells.get(name, grades.max_score)
        if most is not None and most != here:
            filled.notes.append(
                f"“{titles[place]}” has {number(most)} points in Canvas and {number(here)} here. "
                "The points are exported as they are; change the points in Canvas."
            )
    return filled


def make_canvas(grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """A file of our own for Canvas, of those whom it can find by a number or an account."""
    out, notes, left = io.StringIO(), [], []
    writer = csv.writer(out)
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", harmless(title or grades.assignment)])
    writer.writerow(["    Points Possible", "", "", "", "", number(grades.max_score)])
    rows = 0
    for student, outcome in sorted(grades.outcomes.items()):
        listed_as = grades.known.get(student) if grades.known else None
        upload = uploads.students.get(student)
        ids = listed_as.platform_ids if listed_as else {}
        key = (
            ids.get("canvas")
            or ids.get("lms")
            or (upload.key if upload and upload.platform == "canvas" and not upload.of else "")
        )
        sis, login = ids.get("sis", ""), ids.get("login", "")
        if not (key or sis or login):
            left.append(student)
            continue
        name = (
            f"{listed_as.last_name}, {listed_as.first_name}"
            if listed_as and listed_as.last_name
            else (listed_as.name if listed_as else outcome.name or student)
        )
        writer.writerow([harmless(name), *map(harmless, (key, sis, login)), "", number(outcome.total)])
        rows += 1
    if left:
        notes.append(
            f"{len(left)} students are left out, for Canvas would not find them: {listed(left)}. Write their "
            "numbers into the column canvas_id of the class list."
        )
    if not NUMBERED.fullmatch(title or ""):
        notes.append(
            f"Canvas makes a new assignment of the title “{title or grades.assignment}”. To fill one that is "
            "there, export Canvas's gradebook and name the file with --into."
        )
    return Filled(out.getvalue().encode(), rows, notes)


def _title(heading: str) -> str:
    found = NUMBERED.fullmatch(heading)
    return found[1] if found else heading


def _read_only(points: Row | None, place: int) -> bool:
    return points is not None and "read only" in _value(points, place).casefold()


def _value(row: Row | None, place: int | None) -> str:
    return plain(row.values[place]) if row and place is not None and place < len(row.cells) else ""
