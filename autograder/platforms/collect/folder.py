"""Layouts that no platform makes: a folder for each student, a file for each, and a pattern of the course's own.

student-01/differentiable_gain/differentiable_gain.ipynb      student-01_differentiable_gain.ipynb
student-01/differentiable_gain.ipynb                          student-01.ipynb
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbgrader.utils import parse_utc

from autograder.course.class_list import moment
from autograder.errors import UsageError
from autograder.platforms.collect.archive import Entry, NotRead
from autograder.platforms.collect.layout import File, Layout, Situation

TIMESTAMP = "timestamp.txt"
OPTION = "c.Autograder.collect_pattern"
ENDINGS = (".ipynb", ".zip", ".pdf", ".py", ".html", ".docx", ".txt")


def _folders(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
    wrapped = {entry.parts[0] for entry in entries}
    if len(wrapped) == 1 and not situation.students & {name.casefold() for name in wrapped}:
        # One folder: a student's, or one that somebody packed around all of them?
        inner = [entry.parts[1:] for entry in entries if len(entry.parts) > 2]
        if {parts[0] for parts in inner} - {situation.assignment}:
            return [None] * len(entries)
        files = [entry.parts[1] for entry in entries if len(entry.parts) == 2]
        own = f"{situation.assignment}.ipynb" in files
        if not own and any(situation.assignment in name for name in files):
            return [None] * len(entries)
    return [_of_folder(entry, situation) if len(entry.parts) > 1 else None for entry in entries]


def _of_folder(entry: Entry, situation: Situation) -> File:
    student, *rest = entry.parts
    time = None
    if rest == [situation.assignment, TIMESTAMP]:  # nbgrader's own layout: it says when it was handed in
        try:
            time = parse_utc(entry.read()[:1000].decode("utf-8-sig").strip() or None)
        except (NotRead, ValueError, OverflowError, TypeError):  # it says something else
            time = None
    return File(
        entry,
        student,
        "/".join(rest[1:] if rest[0] == situation.assignment and rest[1:] else rest),
        time=time,
        text=rest == [situation.assignment, TIMESTAMP],
    )


def _files(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
    return [_of_file(entry, situation) for entry in entries]


def _of_file(entry: Entry, situation: Situation) -> File | None:
    stem, dot, ending = entry.path.rpartition(".")
    if len(entry.parts) != 1 or not stem or (dot + ending).casefold() not in ENDINGS:
        return None
    name = re.escape(situation.assignment)
    found = re.fullmatch(rf"(.+?)[ _.-]+{name}|{name}[ _.-]+(.+)", stem)
    student = (found[1] or found[2]) if found else stem
    if student == situation.assignment:
        return None
    return File(entry, student, f"{situation.assignment}.{ending}")


FOLDERS = Layout("folder", "login", "a folder for each student", _folders)
FILES = Layout("folder", "login", "a file for each student", _files)


def pattern(expression: str) -> Layout:
    """The layout of `c.Autograder.collect_pattern`: a regular expression with the group `student`, and if need be
    `file`, `late` and `time`. Raises `UsageError` for one that is none."""
    try:
        compiled = re.compile(expression)
    except re.error as error:
        raise UsageError(f"{OPTION} is no regular expression: {error}.") from error
    if "student" not in compiled.groupindex:
        raise UsageError(f"{OPTION} has no group (?P<student>...), which says whose a file is.")

    def read(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
        return [_of_pattern(compiled, entry, situation) for entry in entries]

    return Layout("pattern", "login", f"the pattern of {OPTION}", read)


def _of_pattern(compiled: re.Pattern[str], entry: Entry, situation: Situation) -> File | None:
    found = compiled.fullmatch(entry.path)
    if not found or not found["student"]:
        return None
    groups = found.groupdict()
    time = None
    if groups.get("time"):
        try:
            time = moment(groups["time"].strip(), situation.zone)
        except ValueError:
            time = None
    ending = entry.path.rpartition(".")[2]
    return File(
        entry,
        found["student"],
        groups.get("file") or f"{situation.assignment}.{ending}",
        late=bool(groups.get("late")),
        time=time,
    )
