"""Verdicts, grades, and the result file that holds them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import GraderFault
from autograder.files import laid_out

SCHEMA = 1
LEVELS = 4  # of a result file, down to the checks of an exercise
PLACES = 9  # of a sum of points
UNFINISHED = ".tmp"  # how the name of a file ends that is not written to its end


class Verdict(StrEnum):
    passed = "passed"
    failed = "failed"
    errored = "errored"  # student code raised
    timed_out = "timed_out"
    skipped = "skipped"  # not reached


class Status(StrEnum):
    graded = "graded"
    missing = "missing"
    unreadable = "unreadable"
    refused = "refused"
    grader_error = "grader_error"


@dataclass(frozen=True)
class Check:
    """One hidden test as the student is told of it. `detail` is for staff and never serialised with the rest."""

    name: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    hint: str | None
    detail: str = field(default="", compare=False)


@dataclass(frozen=True)
class Exercise:
    """The checks of one autograded cell."""

    checks: tuple[Check, ...]

    @property
    def score(self) -> float:
        return added(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        return added(check.max_points for check in self.checks)


@dataclass(frozen=True)
class Grade:
    """What became of one submission. `score` is None unless `status` is graded."""

    assignment: str
    student: str
    status: Status
    reason: str | None
    max_score: float
    exercises: Mapping[str, Exercise]
    flags: tuple[str, ...]
    seconds: float
    provenance: Mapping[str, Any]

    @property
    def score(self) -> float | None:
        if self.status is not Status.graded:
            return None
        return added(exercise.score for exercise in self.exercises.values())

    def to_json(self) -> str:
        """The text of a result file, a check a line; no staff detail is in it."""
        return laid_out(self.to_data(), LEVELS) + "\n"

    def to_data(self) -> dict[str, Any]:
        """What stands in a result file."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "student": self.student,
            "status": self.status,
            "reason": self.reason,
            "score": _number(self.score),
            "max_score": _number(self.max_score),
            "exercises": {
                name: {
                    "score": _number(exercise.score),
                    "max_score": _number(exercise.max_score),
                    "checks": [
                        {
                            "name": check.name,
                            "title": check.title,
                            "verdict": check.verdict,
                            "points": _number(check.points),
                            "max_points": _number(check.max_points),
                            "hint": check.hint,
                        }
                        for check in exercise.checks
                    ],
                }
                for name, exercise in self.exercises.items()
            },
            "flags": list(self.flags),
            "seconds": round(self.seconds, 3),
            "provenance": dict(self.provenance),
        }

    @classmethod
    def from_json(cls, text: str) -> Grade:
        """Raises `GraderFault` for what is not a result file of this schema."""
        try:
            return cls.from_data(json.loads(text))
        except ValueError as error:
            raise GraderFault(f"not a result file: {error!r}") from error

    @classmethod
    def from_data(cls, data: Any) -> Grade:
        """Raises `GraderFault` for what does not stand in a result file of this schema."""
        try:
            if data["schema"] != SCHEMA:
                raise GraderFault(f"a result file of schema {data['schema']}, this kit reads {SCHEMA}")
            return cls(
                assignment=data["assignment"],
                student=data["student"],
                status=Status(data["status"]),
                reason=data["reason"],
                max_score=data["max_score"],
                exercises={
                    name: Exercise(
                        tuple(Check(**{**check, "verdict": Verdict(check["verdict"])}) for check in exercise["checks"])
                    )
                    for name, exercise in data["exercises"].items()
                },
                flags=tuple(data["flags"]),
                seconds=data["seconds"],
                provenance=data["provenance"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GraderFault(f"not a result file: {error!r}") from error

    def details(self) -> str:
        """What staff may want to know of the checks that did not pass."""
        parts = [
            f"{name}::{check.name}: {check.verdict}\n{check.detail.strip()}\n"
            for name, exercise in self.exercises.items()
            for check in exercise.checks
            if check.detail
        ]
        return "\n".join(parts)


@dataclass(frozen=True)
class Graded:
    """A grade and the notebook that shows it, as text for `autograded/`; no notebook where there is no grade.

    `untouched` names the solution cells that the student has left as they were.
    """

    grade: Grade
    text: str | None = None
    untouched: frozenset[str] = frozenset()

    @property
    def notebook(self) -> NotebookNode | None:
        return None if self.text is None else nbformat.from_dict(json.loads(self.text))

    def packed(self) -> str:
        """As text, for another process: nothing that a student had a hand in is unpickled there."""
        exercises = self.grade.exercises.items()
        details = {name: [check.detail for check in exercise.checks] for name, exercise in exercises}
        return json.dumps(
            {"grade": self.grade.to_data(), "details": details, "text": self.text, "untouched": sorted(self.untouched)}
        )

    @classmethod
    def unpacked(cls, text: str) -> Graded:
        """Raises `GraderFault` for what is not a packed grade."""
        try:
            parts = json.loads(text)
            grade = Grade.from_data(parts["grade"])
            exercises = {
                name: Exercise(
                    tuple(
                        replace(check, detail=str(detail))
                        for check, detail in zip(exercise.checks, parts["details"][name], strict=True)
                    )
                )
                for name, exercise in grade.exercises.items()
            }
            return cls(
                replace(grade, exercises=exercises),
                parts["text"] and str(parts["text"]),
                frozenset(map(str, parts["untouched"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GraderFault(f"A worker sent what is no grade: {error!r}") from error

    def __reduce__(self) -> tuple[Any, ...]:
        """Packed, it takes a sixth of the time to unpickle."""
        return Graded.unpacked, (self.packed(),)


def added(points: Iterable[float]) -> float:
    """The sum as people would write it: three times 1.6 is 4.8, and not 4.800000000000001."""
    return round(sum(points), PLACES)


def _number(value: float | None) -> float | int | None:
    """5.0 is written 5."""
    return int(value) if value is not None and float(value).is_integer() else value


def _umask() -> int:
    """What this process takes from the rights of a new file."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_whole(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """The file appears whole or not at all. Raises `GraderFault` where it cannot be written: a full disk, no rights.

    `mode` says who may read it; by default everybody, and the group may write where this process lets it.
    """
    # Half a surrogate pair, which is no text, is written as its escape: that is also what JSON calls it.
    coded = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(coded)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644 | (0o020 & ~_umask()) if mode is None else mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise GraderFault(f"{path} cannot be written: {error.strerror or error}.") from error
