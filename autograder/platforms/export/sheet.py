"""A plain CSV for scripts and spreadsheets, and any other table with a column of ids: Blackboard's gradebook, say.

Blackboard's headings look like `Title [Total Pts: 10 Score] |664617`, in UTF-16 with tabs.
"""

from __future__ import annotations

import csv
import io
import re

from autograder.course.class_list import HEADINGS
from autograder.course.spreadsheet import Row, Table, plain
from autograder.errors import UsageError
from autograder.platforms.export.fill import Filled, People, decimal_comma, fill, score_columns, simple
from autograder.platforms.export.grades import Grades, harmless, number
from autograder.records.uploads import Uploads

BLACKBOARD = re.compile(r"(.*?)\s*\[[^\]]*\]\s*\|\s*\d+\s*", re.DOTALL)
IDS = {
    spelling: meaning
    for meaning, spellings in HEADINGS.items()
    for spelling in spellings
    if meaning not in ("first_name", "last_name", "group", "extra_time")
}
TOTAL = ("score", "total", "points", "grade")


def make_csv(grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """A line for each student with a grade: each cell, the total, the penalty in it, and what still waits."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "id",
            "last_name",
            "first_name",
            "email",
            *map(harmless, grades.cells),
            "late_penalty",
            "score",
            "max_score",
            "waiting",
        ]
    )
    for student, outcome in sorted(grades.outcomes.items()):
        person = grades.known.get(student) if grades.known else None
        names = (person.last_name, person.first_name, person.email) if person else ("", outcome.name, "")
        cells = [outcome.cells.get(name) for name in grades.cells]
        writer.writerow(
            [
                harmless(student),
                *map(harmless, names),
                *("" if score is None else number(score) for score in cells),
                number(outcome.penalty),
                number(outcome.total),
                number(grades.max_score),
                harmless(" ".join(outcome.waiting)),
            ]
        )
    return Filled(out.getvalue().encode(), len(grades.outcomes))


def fill_csv(table: Table, grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """Any table that has a column of ids and one of the assignment. Raises `UsageError` where either is missing."""
    rows = [row for row in table.rows if not row.blank]
    headings = {place: plain(value) for place, value in enumerate(rows[0].values)} if rows else {}
    ids = {place: IDS[simple(heading)] for place, heading in headings.items() if simple(heading) in IDS}
    if not ids:
        raise UsageError(f"{table.path} has no column of ids, such as “id”, “email” or “Username”, in its first line.")
    titles = {place: _title(heading) for place, heading in headings.items() if heading and place not in ids}
    totals = [place for place, heading in titles.items() if simple(heading) in TOTAL]
    if len(totals) == 1 and not title and not any(simple(grades.assignment) in simple(one) for one in titles.values()):
        titles[totals[0]] = grades.assignment
    columns = score_columns(table, titles, grades, title)
    people = People(grades, uploads, "blackboard")

    def student_of(row: Row) -> str | None:
        for place, meaning in ids.items():
            value = plain(row.values[place]) if place < len(row.cells) else ""
            columns = ("login", "blackboard") if meaning == "login" else (meaning,)
            found = people.by_key(value, *columns)
            if found:
                return found
        return None

    return fill(table, rows[1:], columns, grades, student_of, comma=decimal_comma(table, rows[1:], list(columns)))


def _title(heading: str) -> str:
    found = BLACKBOARD.fullmatch(heading)
    return found[1] if found else heading
