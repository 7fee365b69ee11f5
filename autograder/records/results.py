"""The results of an assignment: where they lie, how they are read and kept, and what a run did to them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autograder.course.assignment import Assignment
from autograder.course.folder import Folders, shared
from autograder.errors import GraderFault
from autograder.files import read_bytes, read_text
from autograder.verdict import UNFINISHED, Grade, Graded, Status, write_whole


class Watcher(Protocol):
    """Hears how many submissions are due, then of each one that is graded."""

    def begin(self, total: int) -> None: ...

    def tell(self, grade: Grade) -> None: ...


@dataclass
class Summary:
    """What a run did. `grades` holds every student's, in order; `fresh` names those graded now.

    `before` is what they had. `mended` says for whom `autograded/` or the gradebook had something else than `results/`,
    and what. `absent` are those of the class who have no folder in `submitted/`, with the grade that they have.
    `penalties` are those for lateness, before and after, that changed without another grade.
    `strays` are folders in `submitted/` that are no student's. `times` says whose time cannot be read, and why.
    `late_by_unknown` are those whom the platform marks late, without a time.
    """

    grades: dict[str, Grade] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    before: dict[str, Grade] = field(default_factory=dict)
    mended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    absent: dict[str, Grade | None] = field(default_factory=dict)
    penalties: dict[str, tuple[float, float]] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)
    late_by_unknown: list[str] = field(default_factory=list)

    def note(self, grade: Grade, watcher: Watcher | None = None) -> None:
        """Adds one that was graded now."""
        self.grades[grade.student] = grade
        self.fresh.append(grade.student)
        if watcher:
            watcher.tell(grade)

    @property
    def troubled(self) -> list[Grade]:
        return [grade for grade in self.grades.values() if grade.status is Status.grader_error]


def results_folder(course: Path, assignment: str) -> Path:
    return Folders.of(course).results / assignment


def result_path(course: Path, assignment: str, student: str) -> Path:
    return results_folder(course, assignment) / f"{student}.json"


def read_results(course: Path, assignment: str) -> Iterator[Grade]:
    """Every grade in `results/`, by student. Raises `GraderFault` for a damaged file."""
    for path in sorted(results_folder(course, assignment).glob("[!.]*.json")):
        yield _read(path)


def _read(path: Path) -> Grade:
    """Raises `FileNotFoundError`, and `GraderFault` that names the file."""
    try:
        return Grade.from_json(read_text(path))
    except GraderFault as fault:
        if str(path) in str(fault):
            raise
        raise GraderFault(f"{path} is damaged ({fault}). Remove it and grade again.") from fault


def sweep(assignment: Assignment) -> None:
    """Removes what a killed run had begun to write. To be called by who holds the results."""
    course = assignment.course
    for begun in (
        *results_folder(course, assignment.name).rglob(f".*{UNFINISHED}"),
        *assignment.folders.autograded.glob(f"*/{assignment.name}/.*{UNFINISHED}"),
    ):
        begun.unlink(missing_ok=True)


def class_seed(course: Path, assignment: str, *, keep: bool = True) -> int:
    """The seed of this class, drawn once: all are asked the same, none can predict it, a regrade repeats it."""
    path = results_folder(course, assignment) / ".seed"
    try:
        return _seed(path)
    except FileNotFoundError:
        pass
    seed = secrets.randbits(63)
    if keep:
        write_whole(path, f"{seed}\n")
        path.chmod(0o640 if shared(course) else 0o600)
    return seed


def _seed(path: Path) -> int:
    """Raises `FileNotFoundError`, and `GraderFault` for a file that holds no seed."""
    try:
        return int(read_text(path))
    except ValueError as error:
        raise GraderFault(
            f"{path} is damaged: it holds no number. Restore it from a copy; or remove it, then a new "
            "seed is drawn, and “--regrade” asks everybody the new questions."
        ) from error


def keep_result(assignment: Assignment, done: Graded) -> None:
    """Writes the result file, and what staff may want to know beside it. Raises `GraderFault` where it cannot."""
    grade = done.grade
    folder = results_folder(assignment.course, assignment.name)
    write_whole(folder / "staff" / f"{grade.student}.txt", grade.details())
    write_whole(result_path(assignment.course, assignment.name, grade.student), grade.to_json())


def read_result(assignment: Assignment, student: str) -> Grade | None:
    """The grade that a student has; None where there is none, or its file is damaged. Raises `GraderFault` for a file
    that this account may not read."""
    try:
        content = read_bytes(result_path(assignment.course, assignment.name, student))
    except FileNotFoundError:
        return None
    try:
        return Grade.from_json(content.decode())
    except (UnicodeDecodeError, GraderFault):
        return None
