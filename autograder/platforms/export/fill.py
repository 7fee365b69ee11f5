"""Fills grades into a table that a platform gave out: its own bytes stay, but for the cells that change."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course.class_list import name_forms
from autograder.course.spreadsheet import Cell, Row, Table, plain
from autograder.errors import UsageError
from autograder.platforms.export.grades import Grades, listed, number, parsed
from autograder.records.uploads import Uploads


@dataclass
class Filled:
    """The bytes of an export, and what staff should read about it."""

    content: bytes
    rows: int = 0
    notes: list[str] = field(default_factory=list)


class People:
    """Finds the student of a row: by what was collected, the class list, an id; by a name that only one student has."""

    def __init__(self, grades: Grades, uploads: Uploads, platform: str) -> None:
        self._grades, self._platform = grades, platform
        own = [
            (one.key.casefold(), student)
            for student, one in uploads.students.items()
            if one.of is None and one.platform == platform
        ]
        counted = Counter(key for key, _ in own)
        self._keys = {key: student for key, student in own if counted[key] == 1}

    def by_key(self, value: str, *columns: str) -> str | None:
        """By the platform's own number or account, or by what the class list has in these columns."""
        value = value.strip()
        if not value:
            return None
        if value.casefold() in self._keys:
            return self._keys[value.casefold()]
        if self._grades.known:
            found = self._grades.known.known_as(value, *columns)
            if found:
                return found.id
        return value if value in self._grades.outcomes else None

    def by_participant(self, number: str) -> str | None:
        """By the number that the platform has given out for one assignment alone: it is nobody's id."""
        if number in self._keys:
            return self._keys[number]
        found = self._grades.known.known_as(number, self._platform) if self._grades.known else None
        return found.id if found and found.platform_ids.get(self._platform) == number else None

    def by_name(self, name: str, names: Counter[str]) -> str | None:
        """By name, where one student of the class and one row of the file have it."""
        if not self._grades.known or not name.strip() or names[_form(name)] > 1:
            return None
        found = self._grades.known.named(name)
        return found[0].id if len(found) == 1 else None


def counted_names(names: Sequence[str]) -> Counter[str]:
    """How often each name stands in a file, in whatever case and order of accents."""
    return Counter(map(_form, names))


def _form(name: str) -> str:
    return min(name_forms(name), default="")


def simple(title: str) -> str:
    """A heading's letters and digits, without case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title).casefold())


def score_columns(table: Table, titles: Mapping[int, str], grades: Grades, title: str | None) -> dict[int, str]:
    """Which column takes what: "" is the total, else the name of a cell. `titles` are the headings, by column.

    Raises `UsageError` where no column, or more than one, may be the assignment's.
    """
    cells = {form: name for name in grades.cells for form in (simple(name), simple(name.removeprefix("test_")))}
    prefix = simple(title or grades.assignment)
    exercises = {
        place: cells[form.removeprefix(prefix) if form != prefix else form]
        for place, form in ((place, simple(heading)) for place, heading in titles.items())
        if (form.removeprefix(prefix) if form != prefix else form) in cells
    }
    rest = {place: simple(heading) for place, heading in titles.items() if place not in exercises}
    exact = [place for place, form in rest.items() if form == prefix]
    near = [] if title else [place for place, form in rest.items() if prefix in form]
    total = exact or near
    if len(total) > 1 or not (total or exercises):
        names = listed([repr(heading) for heading in titles.values()]) or "none"
        what = f"{len(total)} columns may be" if total else "no column is"
        raise UsageError(
            f"{table.path}: {what} that of {title or grades.assignment}, among {names}. Name it with --title."
        )
    return {**exercises, **dict.fromkeys(total, "")}


def fill(
    table: Table,
    rows: Sequence[Row],
    columns: Mapping[int, str],
    grades: Grades,
    student_of: Callable[[Row], str | None],
    *,
    comma: bool = False,
    frozen: Callable[[Row, int], str | None] = lambda row, place: None,
) -> Filled:
    """Writes what differs. What stands where there is no grade stays: to some platforms a blank is a change.

    `frozen` says why a cell must stay as it is, or None.
    """
    seen: set[str] = set()
    without: list[str] = []
    stays: dict[str, list[str]] = {}
    filled = 0
    for row in rows:
        student = student_of(row)
        outcome = grades.outcomes.get(student) if student else None
        if outcome is None or student is None:
            without.append(student or plain(row.values[0]) or f"line {row.line}")
            continue
        seen.add(student)
        filled += 1
        for place, name in columns.items():
            value = outcome.total if not name else outcome.cells.get(name)
            if value is None:
                continue
            while len(row.cells) <= place:
                row.cells.append(Cell("", ""))
            why = frozen(row, place)
            if why:
                stays.setdefault(why, []).append(student)
            elif parsed(plain(row.cells[place].value)) != float(number(value)):
                table.put(row, place, number(value, comma=comma))
    notes = [f"{len(names)} left as they are, because {why}: {listed(names)}." for why, names in stays.items()]
    if without:
        notes.append(
            f"{len(without)} rows of {table.path.name} have no grade here and stay as they are: {listed(without)}."
        )
    left = sorted(grades.outcomes.keys() - seen)
    if left:
        notes.append(f"{len(left)} students have a grade and no row in {table.path.name}: {listed(left)}.")
    return Filled(table.content(), filled, notes)


def decimal_comma(table: Table, rows: Sequence[Row], places: Sequence[int]) -> bool:
    """True where the file writes 4,8: seen in these columns, else taken from the semicolons between its cells."""
    cells = [plain(row.values[place]) for row in rows for place in places if place < len(row.cells)]
    if any(re.fullmatch(r"-?\d+,\d+", cell) for cell in cells):
        return True
    if any(re.fullmatch(r"-?\d+\.\d+", cell) for cell in cells):
        return False
    return table.separator == ";"
