"""The class list, `students.csv`: who is in the class, and what the platforms call them.

    id,first_name,last_name,email,canvas_id,group,extension:differentiable_gain,extra_time
    student-01,First,Last,first@example.org,40311,,2 days,
    student-02,Other,Name,other@example.org,40312,team-1,2026-11-22 12:00,12 h

A column `handed_in:differentiable_gain` says when work came from a platform that does not tell. Only `id` is needed.
The columns of `nbgrader db student import` are among them, so one file serves both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.course.folder import configured, unusable
from autograder.course.spreadsheet import Row, plain, read_table
from autograder.errors import UsageError

FILE = "students.csv"
SHOWN = 3  # faults that one message names
EVERY = ""  # the name under which an extension stands that is for every assignment
# Headings, without case, blanks and punctuation, and what they mean here.
HEADINGS = {
    "id": ("id", "studentid"),
    "first_name": ("firstname", "givenname", "forename", "vorname"),
    "last_name": ("lastname", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail", "emailadresse"),
    "group": ("group", "groupname", "team", "gruppe"),
    "extra_time": ("extratime",),
    "canvas": ("canvas", "canvasid", "canvasuserid"),
    "moodle": ("moodle", "moodleid", "moodleuserid", "idnumber"),
    "blackboard": ("blackboard", "blackboardid"),
    "gradescope": ("gradescope", "gradescopeid"),
    "github": ("github", "githubid", "githubusername"),
    "lms": ("lms", "lmsid", "lmsuserid", "platformid"),
    "sis": ("sis", "sisid", "sisuserid", "orgdefinedid"),
    "login": ("login", "username", "userid", "sisloginid", "loginid"),
}
PLATFORMS = ("canvas", "moodle", "blackboard", "gradescope", "github", "lms", "sis", "login")
UNITS = {
    timedelta(minutes=1): ("min", "mins", "minute", "minutes"),
    timedelta(hours=1): ("h", "hr", "hrs", "hour", "hours"),
    timedelta(days=1): ("d", "day", "days"),
    timedelta(weeks=1): ("w", "week", "weeks"),
}
DURATION = re.compile(r"(\d{1,9}(?:[.,]\d{1,9})?)\s*([a-z]+)")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d?)\.(\d\d?)\.(\d{4})")  # 2026-11-22 or 22.11.2026
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d"})
ROUNDED = re.compile(r"\d[.,]?\d*E\+\d+", re.IGNORECASE)  # what a spreadsheet makes of a long number
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Student:
    """One line of the class list.

    Arguments:
        id: the name of the student's folder in `submitted/`.
        platform_ids: what each platform calls them, by platform: canvas, moodle, blackboard, lms, sis, login, ...
        extensions: by assignment, or under "" for every assignment: how much later the deadline is, or (UTC, without a
            zone, as nbgrader keeps times) when it is.
        extra_time: is added to every deadline of this student.
        handed_in: by assignment, or under "" for every one: when it came (UTC, without a zone), for platforms that do
            not say it.
        line: where they stand in the file.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    group: str = ""
    platform_ids: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, timedelta | datetime] = field(default_factory=dict)
    extra_time: timedelta = timedelta(0)
    handed_in: Mapping[str, datetime] = field(default_factory=dict)
    line: int = 0

    @property
    def name(self) -> str:
        """First and last name, or the id where there is neither."""
        return f"{self.first_name} {self.last_name}".strip() or self.id

    def deadline(self, due: datetime, assignment: str) -> datetime:
        """Until when this student may hand in what is due at `due` (UTC, without a zone) for all."""
        granted = self.extensions.get(assignment, self.extensions.get(EVERY, timedelta(0)))
        later = granted if isinstance(granted, datetime) else due + granted
        return max(due, later) + self.extra_time

    def came(self, assignment: str) -> datetime | None:
        """When it was handed in, where the class list says so (UTC, without a zone)."""
        return self.handed_in.get(assignment, self.handed_in.get(EVERY))


@dataclass(frozen=True)
class ClassList:
    """Everybody in the class, by id, in the file's order. `notes` are sentences that staff should read once."""

    path: Path
    students: Mapping[str, Student]
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students.values())

    def __len__(self) -> int:
        return len(self.students)

    def __contains__(self, student: object) -> bool:
        return student in self.students

    def get(self, student: str) -> Student | None:
        return self.students.get(student)

    def known_as(self, value: str, *platforms: str) -> Student | None:
        """Who is called `value`: their id, their e-mail address, or an id of one of these platforms (of any, if none
        is named). None where nobody is, or more than one."""
        wanted = platforms or PLATFORMS
        found = {
            self._known[kind, value.casefold()]
            for kind in ("id", "email", *wanted)
            if (kind, value.casefold()) in self._known
        }
        return self.students.get(found.pop()) if len(found) == 1 else None

    def named(self, name: str) -> list[Student]:
        """All who may be called so, in any of the forms of `name_forms`."""
        found = {student.id: student for form in name_forms(name) for student in self._named.get(form, ())}
        return list(found.values())

    def group(self, student: Student) -> list[Student]:
        """The members of the student's group, the student among them; the student alone where there is no group."""
        return [other for other in self if other.group == student.group] if student.group else [student]

    @cached_property
    def _known(self) -> dict[tuple[str, str], str]:
        known: dict[tuple[str, str], str] = {}
        shared = set()
        for student in self:
            for kind, value in (("id", student.id), ("email", student.email), *student.platform_ids.items()):
                key = (kind, value.casefold())
                if value and known.setdefault(key, student.id) != student.id:
                    shared.add(key)
        return {key: student for key, student in known.items() if key not in shared}

    @cached_property
    def _named(self) -> dict[str, list[Student]]:
        found: dict[str, list[Student]] = {}
        for student in self:
            first, last = student.first_name, student.last_name
            forms = {form for name in (f"{first} {last}", f"{last} {first}") for form in name_forms(name)}
            for form in forms:
                found.setdefault(form, []).append(student)
        return found


def name_forms(name: str) -> set[str]:
    """The letters and digits of a name without case: as they are, without accents, and with ae for ä."""
    composed = unicodedata.normalize("NFC", name).casefold()
    spelled = composed.translate(TWO_LETTERS)
    letters = [unicodedata.normalize("NFKD", form).translate(STROKES) for form in (composed, spelled)]
    forms = ("".join(char for char in form if char.isalnum()) for form in (composed, *letters))
    return {form for form in forms if form}


def class_list(course: Path) -> ClassList | None:
    """The class list of a course: `students.csv`, or what `c.Autograder.class_list` names. None where there is none.

    Raises `UsageError`, with file, line and what to do, for one that cannot be read.
    """
    section = configured(course).config.get("Autograder", {})
    path = course / str(section.get("class_list", FILE))
    if not path.exists() and "class_list" not in section:
        return None
    return read_class_list(path, time_zone(course))


def time_zone(course: Path) -> tzinfo | None:
    """The zone of times that do not name one: `c.Autograder.timezone = "Europe/Paris"`, else None: this machine's."""
    name = configured(course).config.get("Autograder", {}).get("timezone")
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f'c.Autograder.timezone = {name!r} is no time zone; write one such as "Europe/Paris" or "UTC".'
        ) from error


def read_class_list(path: Path, zone: tzinfo | None = None) -> ClassList:
    """Reads a class list in whatever encoding and with whatever separator it was saved.

    Times without a zone are in `zone`, by default this machine's. Raises `UsageError`, with file, line and what to do.
    """
    table = read_table(path)
    rows = [row for row in table.rows if not row.blank]
    if not rows:
        raise UsageError(f"{path} is empty. Its first line names the columns: id,first_name,last_name,email.")
    columns = _columns(path, rows[0])
    students: dict[str, Student] = {}
    faults: list[str] = []
    for row in rows[1:]:
        try:
            student = _student(row, columns, len(rows[0].cells), zone)
            if student.id in students:
                raise ValueError(
                    f"the id {student.id!r} stands on line {students[student.id].line} already; "
                    "each student has one line"
                )
            students[student.id] = student
        except ValueError as error:
            faults.append(f"line {row.line}: {error}")
    faults += _shared(students.values())
    if faults:
        more = f" And {len(faults) - SHOWN} more." if len(faults) > SHOWN else ""
        raise UsageError(f"{path}, {'; '.join(faults[:SHOWN])}.{more}")
    return ClassList(path, students, tuple(_notes(path, students, rows[0], columns)))


def _columns(path: Path, heading: Row) -> dict[int, str]:
    """What stands in which column. `extension` and `handed_in`, alone or with `:ASSIGNMENT`, keep their names."""
    meanings = {spelling: meaning for meaning, spellings in HEADINGS.items() for spelling in spellings}
    columns: dict[int, str] = {}
    for place, title in enumerate(map(plain, heading.values)):
        short = re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", title).casefold())
        own = re.fullmatch(r"(extension|handed[_ ]in)\s*(?:[:\s]\s*(.+))?", title, re.IGNORECASE)
        meaning = f"{own[1].casefold().replace(' ', '_')}:{own[2] or EVERY}" if own else meanings.get(short)
        if meaning in columns.values():
            raise UsageError(f"{path}, line {heading.line}: two columns are about the same ({title!r}). Remove one.")
        if meaning:
            columns[place] = meaning
    if "id" not in columns.values():
        titles = ", ".join(repr(plain(title)) for title in heading.values[:8])
        raise UsageError(
            f"{path}, line {heading.line}: there is no column “id” among {titles}. The first line names "
            "the columns: id,first_name,last_name,email."
        )
    return columns


def _student(row: Row, columns: Mapping[int, str], width: int, zone: tzinfo | None) -> Student:
    """Raises `ValueError` with what is wrong with the line."""
    if any(map(plain, row.values[width:])):
        raise ValueError(
            f"it has {len(row.values)} cells where the first line has {width}; a name with a comma in it "
            "needs quotation marks around it"
        )
    found = {
        meaning: unicodedata.normalize("NFC", plain(row.values[place]))
        for place, meaning in columns.items()
        if place < len(row.values)
    }
    identity = found.get("id", "")
    for meaning, value in found.items():
        if ROUNDED.fullmatch(value):
            raise ValueError(
                f"{value!r} is a long number that a spreadsheet has rounded; format the column as text, "
                "enter it again and save"
            )
        if value.startswith("#") and value.rstrip("!?").isupper():
            raise ValueError(f"{value!r} in the column {meaning!r} is a spreadsheet's error; enter the value itself")
    _check_id(identity)
    extensions = {name: _extension(value, zone) for name, value in _by_assignment("extension", found)}
    handed_in = {name: moment(value, zone) for name, value in _by_assignment("handed_in", found)}
    extra = found.get("extra_time")
    return Student(
        identity,
        found.get("first_name", ""),
        found.get("last_name", ""),
        found.get("email", ""),
        found.get("group", ""),
        {name: found[name] for name in PLATFORMS if found.get(name)},
        extensions,
        duration(extra) if extra else timedelta(0),
        handed_in,
        row.line,
    )


def _by_assignment(column: str, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the columns `COLUMN` (for every assignment: "") and `COLUMN:ASSIGNMENT` hold, where they hold something."""
    for meaning, value in found.items():
        kind, _, assignment = meaning.partition(":")
        if kind == column and value:
            yield assignment, value


def _check_id(identity: str) -> None:
    why = unusable(identity)
    if not identity:
        raise ValueError("there is no id; every student needs one")
    if identity in (".", "..") or identity.startswith(".") or "/" in identity or "\\" in identity:
        raise ValueError(f"the id {identity!r} cannot be the name of a folder; leave out slashes and a dot in front")
    if why:
        raise ValueError(f"the id {identity!r} cannot be the name of a folder")


def duration(text: str) -> timedelta:
    """`2 days`, `36 h`, `90 min`, `1 week`, or several of them. Raises `ValueError` with what to write instead."""
    rest, total = text.casefold().removeprefix("+").strip(), timedelta(0)
    sizes = {word: size for size, words in UNITS.items() for word in words}
    while rest:
        found = DURATION.match(rest)
        if not found or found[2] not in sizes or total > LONGEST:
            raise ValueError(f"{text!r} is no length of time; write it with its unit, such as 2 days, 36 h or 90 min")
        total += float(found[1].replace(",", ".")) * sizes[found[2]]
        rest = rest[found.end() :].lstrip(" ,+").removeprefix("and ").lstrip()
    if total > LONGEST:
        raise ValueError(f"{text!r} is more than ten years")
    return total


def moment(text: str, zone: tzinfo | None = None) -> datetime:
    """`2026-11-22 12:00`, with `UTC` or `+01:00` behind it or in `zone`; a date alone is the end of that day.

    Gives UTC, without a zone. Raises `ValueError` with what to write instead.
    """
    wrong = f"{text!r} is no time; write it as 2026-11-22 12:00"
    found = DATE.match(text)
    if not found:
        raise ValueError(wrong)
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    rest = text[found.end() :].strip().removeprefix("T").strip()
    utc = re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", rest, flags=re.IGNORECASE)
    utc = re.sub(r"\s+([+-]\d\d)", r"\1", utc)
    try:
        at = time.fromisoformat(utc) if rest else time(23, 59, 59)
        local = datetime(int(year), int(month), int(day), at.hour, at.minute, at.second, tzinfo=at.tzinfo or zone)
        return local.astimezone(UTC).replace(tzinfo=None)  # without a zone: this machine's
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error


def _extension(text: str, zone: tzinfo | None) -> timedelta | datetime:
    if re.fullmatch(r"[\d.,]+", text):
        raise ValueError(
            f"the extension {text!r} has no unit; write 2 days, 36 h, or the new deadline, such as 2026-11-22 12:00"
        )
    return moment(text, zone) if DATE.match(text) or re.match(r"\d+[/-]\d+[/-]", text) else duration(text)


def _shared(students: Iterable[Student]) -> list[str]:
    """An id of a platform that two students have: nobody could say whose a file is."""
    seen: dict[tuple[str, str], Student] = {}
    faults = []
    for student in students:
        for platform, value in student.platform_ids.items():
            other = seen.setdefault((platform, value.casefold()), student)
            if other is not student:
                faults.append(
                    f"line {student.line}: {platform} {value!r} stands on line {other.line} too; "
                    "a platform's id belongs to one student"
                )
    return faults


def _notes(path: Path, students: Mapping[str, Student], heading: Row, columns: Mapping[int, str]) -> Iterator[str]:
    left_out = [plain(title) for place, title in enumerate(heading.values) if place not in columns and plain(title)]
    if left_out:
        yield f"{path.name}: these columns are not used: {', '.join(left_out)}."
    folded: dict[str, str] = {}
    for student in students:
        other = folded.setdefault(student.casefold(), student)
        if other != student:
            yield (
                f"{path.name}: the ids {other!r} and {student!r} differ in case only; some systems cannot keep "
                "their folders apart."
            )
    if not students:
        yield f"{path.name}: there is no student in it."
