"""Moodle's grading worksheet: `Identifier` ("Participant 4711"), `Grade`, `Last modified (grade)`, ...

Headings, the word before the number and the decimals are in the site's language, so columns are also known by what is
in them. Moodle skips a row without a word where its grade is out of range or locked, or was changed after the worksheet
was made.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from autograder.course.spreadsheet import Row, Table, plain
from autograder.errors import UsageError
from autograder.platforms.export.fill import Filled, People, counted_names, decimal_comma, fill, simple
from autograder.platforms.export.grades import Grades, harmless, listed, number, parsed
from autograder.records.uploads import Uploads

IDENTIFIER = re.compile(r"\D*?(\d+)\s*")
HEADINGS = {
    "identifier": (
        "identifier",
        "kennung",
        "id",
        "identifiant",
        "identificador",
        "identificatore",
        "identificativo",
        "identificatie",
        "identifikator",
        "tunniste",
        "идентификатор",
        "ідентифікатор",
    ),
    "name": (
        "fullname",
        "vollständigername",
        "nomcomplet",
        "nombrecompleto",
        "nomecompleto",
        "volledigenaam",
        "koko nimi",
        "fuldenavn",
        "fulltnavn",
        "fullständigtnamn",
        "pełnanazwa",
        "полноеимя",
        "cognomenome",
    ),
    "email": (
        "emailaddress",
        "emailadresse",
        "adressedecourriel",
        "direccióndecorreo",
        "indirizzoemail",
        "email",
        "eemailadres",
        "emailadres",
        "correoelectrónico",
        "epostadresse",
        "epostadress",
        "sähköpostiosoite",
        "адресэлектроннойпочты",
    ),
    "number": ("idnumber", "idnummer", "numérodidentification", "númerodeid", "codiceidentificativo"),
    "grade": (
        "grade",
        "bewertung",
        "note",
        "calificación",
        "calificacion",
        "valutazione",
        "nota",
        "cijfer",
        "beoordeling",
        "karakter",
        "betyg",
        "arvosana",
        "ocena",
        "оценка",
        "оцінка",
        "évaluation",
        "评分",
        "成績",
        "评定",
        "점수",
    ),
    "maximum": (
        "maximumgrade",
        "besterwert",
        "bestebewertung",
        "notemaximale",
        "calificaciónmáxima",
        "valutazionemassima",
        "notamáxima",
        "maximumcijfer",
        "maximalebeoordeling",
        "максимальнаяоценка",
    ),
    "changeable": (
        "gradecanbechanged",
        "bewertungkanngeändertwerden",
        "notemodifiable",
        "lanotepeutêtremodifiée",
        "lacalificaciónpuedeserexaminada",
        "lavalutazionepuòesseremodificata",
    ),
}
NO = ("no", "nein", "non", "nee", "nej", "não", "nao", "nei", "ei", "nie", "нет", "ні", "否", "いいえ", "아니요")


def fill_moodle(table: Table, grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """Moodle's own worksheet with the grades in it. Raises `UsageError` for a file that is none."""
    rows = [row for row in table.rows if not row.blank]
    columns = _columns(table, rows)
    students = rows[1:]
    people = People(grades, uploads, "moodle")
    names = counted_names([_value(row, columns.get("name")) for row in students])
    most, grade = columns.get("maximum"), columns["grade"]
    comma = decimal_comma(table, students, [place for place in (most, grade) if place is not None])

    def student_of(row: Row) -> str | None:
        found = IDENTIFIER.fullmatch(_value(row, columns["identifier"]))
        return (
            (people.by_participant(found[1]) if found else None)
            or people.by_key(_value(row, columns.get("email")))
            or people.by_key(_value(row, columns.get("number")), "moodle", "sis")
            or people.by_name(_value(row, columns.get("name")), names)
        )

    def frozen(row: Row, place: int) -> str | None:
        student = student_of(row)
        limit = parsed(_value(row, most))
        if _value(row, columns.get("changeable")).casefold() in NO:
            return "Moodle says that their grade cannot be changed"
        if student and limit is not None and grades.outcomes[student].total > limit:
            return f"Moodle takes {number(limit)} points at most, and would skip them"
        return None

    filled = fill(table, students, {grade: ""}, grades, student_of, comma=comma, frozen=frozen)
    limits = {parsed(_value(row, most)) for row in students} - {None}
    if len(limits) == 1 and limits != {grades.max_score}:
        filled.notes.append(
            f"The maximum grade is {number(limits.pop() or 0)} in Moodle and "
            f"{number(grades.max_score)} here. The points are exported as they are; change the maximum "
            "in Moodle."
        )
    return filled


def make_moodle(grades: Grades, uploads: Uploads, title: str | None) -> Filled:
    """A worksheet of our own, of those whose number in this assignment is known from what was collected."""
    out, left, rows = io.StringIO(), [], 0
    writer = csv.writer(out)
    writer.writerow(
        [
            "Identifier",
            "Full name",
            "Email address",
            "Status",
            "Grade",
            "Maximum Grade",
            "Grade can be changed",
            "Last modified (submission)",
            "Last modified (grade)",
            "Feedback comments",
        ]
    )
    for student, outcome in sorted(grades.outcomes.items()):
        upload = uploads.students.get(student)
        person = grades.known.get(student) if grades.known else None
        if not upload or upload.platform != "moodle" or upload.of:
            left.append(student)
            continue
        email = harmless(person.email if person else "")
        writer.writerow(
            [
                f"Participant {upload.key}",
                harmless(upload.name),
                email,
                "",
                number(outcome.total),
                number(grades.max_score),
                "Yes",
                "-",
                "-",
                "",
            ]
        )
        rows += 1
    notes = [
        "Moodle may skip rows of a worksheet that it has not made. Download the grading worksheet there, and name "
        "it with --into."
    ]
    if left:
        notes.append(f"{len(left)} students are left out, for they were not collected from Moodle: {listed(left)}.")
    return Filled(out.getvalue().encode("utf-8-sig"), rows, notes)


def _columns(table: Table, rows: Sequence[Row]) -> dict[str, int]:
    headings = [simple(plain(value)) for value in rows[0].values] if rows else []
    found: dict[str, int] = {}
    for meaning, spellings in HEADINGS.items():
        for place, heading in enumerate(headings):
            if heading in map(simple, spellings) and place not in found.values():
                found.setdefault(meaning, place)
    if "identifier" not in found and headings and _prefixed(rows[1:]):
        found["identifier"] = 0
    constant = [
        place
        for place in range(1, len(headings))
        if len(rows) > 1
        and len({_value(row, place) for row in rows[1:]}) == 1
        and parsed(_value(rows[1], place)) is not None
    ]
    if "grade" not in found and constant and constant[0] - 1 not in found.values():
        found["grade"], found["maximum"] = constant[0] - 1, constant[0]
    if "grade" in found and "maximum" not in found and found["grade"] + 1 in constant:
        found["maximum"] = found["grade"] + 1
    if "maximum" in found and "changeable" not in found and found["maximum"] + 1 < len(headings):
        found["changeable"] = found["maximum"] + 1
    if not {"identifier", "grade"} <= found.keys():
        titles = listed([repr(plain(value)) for value in rows[0].values]) if rows else "none"
        raise UsageError(
            f"{table.path} is not a grading worksheet of Moodle's: there is no column of identifiers or "
            f"of grades among {titles}."
        )
    return found


def _prefixed(rows: Sequence[Row]) -> bool:
    """True where the first cell of each row is one and the same word with a number."""
    cells = [_value(row, 0) for row in rows]
    return (
        bool(cells)
        and all(IDENTIFIER.fullmatch(cell) for cell in cells)
        and len({re.sub(r"\d+\s*$", "", cell) for cell in cells}) == 1
    )


def _value(row: Row, place: int | None) -> str:
    return plain(row.values[place]) if place is not None and place < len(row.cells) else ""
