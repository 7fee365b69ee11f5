"""Whose a file is: by the class list, else by the platform's number, and never by a name that two share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.course.class_list import ClassList, Student, name_forms
from autograder.course.folder import unusable
from autograder.platforms.collect.layout import File
from autograder.submission.pickup import shown


@dataclass(frozen=True)
class Owner:
    """`student` is the name of the folder in `submitted/`, None where nobody can be named; `note` is a sentence for
    staff, or ""."""

    student: str | None
    note: str = ""


def owners(files: Iterable[File], platform: str, known: ClassList | None) -> dict[str, Owner]:
    """Who each key of an archive is. Two keys are never the same student unless the class list says so by an id."""
    of_key: dict[str, File] = {}
    for file in files:
        of_key.setdefault(file.key, file)
    by_id = {key: _by_id(file, platform, known) for key, file in of_key.items()}
    taken = {student.id for student in by_id.values() if student}
    named = {
        key: [student for student in _called(file, known) if student.id not in taken]
        for key, file in of_key.items()
        if not by_id[key]
    }
    wanted: dict[str, list[str]] = {}
    for key, students in named.items():
        for one in students:
            wanted.setdefault(one.id, []).append(key)
    found = {}
    for key, file in of_key.items():
        student: Student | None = by_id[key]
        if student is None:
            candidates = named[key]
            if len(candidates) == 1 and wanted[candidates[0].id] == [key] and _fits(candidates[0], file, platform):
                student = candidates[0]
        found[key] = Owner(student.id) if student else _unlisted(file, platform, known, named[key])
    return found


def _by_id(file: File, platform: str, known: ClassList | None) -> Student | None:
    student = known.known_as(file.key, platform, "lms") if known else None
    if student is None and known and not file.number:
        student = known.known_as(file.key)
    if student is None or not file.number or file.key in student.platform_ids.values():
        return student
    # The number is also somebody's id in the class, which may be chance: the name must not speak against it.
    return student if not file.name or not student.first_name + student.last_name or _same_name(student, file) else None


def _called(file: File, known: ClassList | None) -> list[Student]:
    if known is None:
        return []
    name = file.name if file.number else file.name or file.key
    # A platform puts a group's name in front: "team 1-First Last".
    tails = [name, *(name.split("-", place)[-1] for place in range(1, name.count("-") + 1))]
    for tail in tails:
        students = known.named(tail)
        if students:
            return students
    return []


def _same_name(student: Student, file: File) -> bool:
    first, last = student.first_name, student.last_name
    own = name_forms(f"{first} {last}") | name_forms(f"{last} {first}")
    return any(form.endswith(one) for form in name_forms(file.name) for one in own)


def _fits(student: Student, file: File, platform: str) -> bool:
    """False where the class list says that the platform knows this student by another number."""
    number = student.platform_ids.get(platform)
    return not (file.number and number) or number.casefold() == file.key.casefold()


def _unlisted(file: File, platform: str, known: ClassList | None, candidates: list[Student]) -> Owner:
    who = shown(file.name or file.key)
    usable = file.key.strip() == file.key and not file.key.startswith((".", "-")) and "/" not in file.key
    why = unusable(file.key) or ("" if usable else "That is no name for a student's folder.")
    if why:
        return Owner(None, f"{who}: {why}")
    if known is None:
        return Owner(file.key)
    if file.number:
        shared = (
            "is a name that two share"
            if candidates or (file.name and known.named(file.name))
            else "is not in the class list"
        )
        return Owner(
            file.key,
            f"{who} {shared}: collected under the platform's number, {file.key}. "
            f"Write it into the column {platform}_id of {known.path.name}, and collect again.",
        )
    if len(candidates) > 1:
        return Owner(
            None,
            f"{who} is a name that {len(candidates)} students have: not collected. Name the folder by "
            "the student's id.",
        )
    return Owner(file.key, f"{who} is not in the class list; collected under that name.")
