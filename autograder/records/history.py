"""What became of every grade: each run that changed some keeps what it replaced, and nothing here is ever changed.

    results/NAME/history/0001-20261127T101500Z/run.json          when, why, with which versions
    results/NAME/history/0001-20261127T101500Z/0001.json         the students of one writing: grade before and after
    results/NAME/history/0001-20261127T101500Z/0001.replaced     what undoing needs beside: gradebook rows, notebooks

They are written before the grades that they tell of. So a run that was killed may tell of grades that it did not give:
then the student's next grade, or the one that stands, is not the one told.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.judging.grader import versions_that_must_match
from autograder.records.results import result_path, results_folder
from autograder.records.rows import Rows
from autograder.verdict import Grade, write_whole

FOLDER = "history"
SCHEMA = 1
DONE = "done"  # the file that says that an undo was carried to its end


@dataclass(frozen=True)
class Run:
    """One run: `kind` is grade, nbgrader or undo; `undoes` names the run that an undo has taken back."""

    id: str
    folder: Path
    kind: str
    when: str
    why: str | None
    undoes: str | None
    versions: Mapping[str, str]

    @property
    def finished(self) -> bool:
        """False for an undo that was ended before its end."""
        return self.kind != "undo" or (self.folder / DONE).exists()


@dataclass(frozen=True)
class Event:
    """What a run did to one student's grade.

    `took` is False where the run was ended before it had written the grade.
    """

    run: Run
    before: Grade | None
    after: Grade | None
    took: bool = True


@dataclass(frozen=True)
class Replaced:
    """All that stood about one student before a run: None is a file that was not there.

    `kept` is False where nbgrader had taken the notebook away before anybody was asked.
    """

    student: str
    result: str | None
    staff: str | None
    rows: Rows | None
    notebook: str | None
    timestamp: str | None
    kept: bool = True


class Recorder:
    """Writes down what a run is about to replace. Nothing is written for a run that gives no grade."""

    def __init__(self, assignment: Assignment, kind: str, why: str | None = None, undoes: str | None = None) -> None:
        self._assignment, self._kind, self._why, self._undoes = assignment, kind, why, undoes
        self.folder: Path | None = None
        self._batches = 0

    def keep(self, replaced: Sequence[Replaced], after: Mapping[str, Grade | None]) -> None:
        """Keeps what is about to be replaced by the grades `after`. Raises `GraderFault` where it cannot be written."""
        if self.folder is None:
            self.folder = self._begin()
        self._batches += 1
        name = f"{self._batches:04}"
        rest = [vars(one) for one in replaced]
        write_whole(self.folder / f"{name}.replaced", zlib.compress(json.dumps(rest).encode(), 1))
        lines = [
            json.dumps(
                {
                    "student": one.student,
                    "before": one.result and _data(one.result),
                    "after": (grade := after[one.student]) and grade.to_data(),
                },
                ensure_ascii=False,
            )
            for one in replaced
        ]
        write_whole(self.folder / f"{name}.json", "[\n" + ",\n".join(lines) + "\n]\n")  # last: it makes the batch count

    def done(self) -> None:
        if self.folder is not None:
            write_whole(self.folder / DONE, "")

    def _begin(self) -> Path:
        root = history_folder(self._assignment)
        number = max((int(path.name[:4]) for path in root.glob("[0-9][0-9][0-9][0-9]-*")), default=0) + 1
        now = datetime.now(UTC)
        folder = root / f"{number:04}-{now:%Y%m%dT%H%M%SZ}"
        write_whole(
            folder / "run.json",
            json.dumps(
                {
                    "schema": SCHEMA,
                    "run": folder.name,
                    "kind": self._kind,
                    "when": now.isoformat(timespec="seconds"),
                    "why": self._why,
                    "undoes": self._undoes,
                    "versions": versions_that_must_match(self._assignment),
                },
                indent=1,
            )
            + "\n",
        )
        return folder


def history_folder(assignment: Assignment) -> Path:
    return results_folder(assignment.course, assignment.name) / FOLDER


def runs(assignment: Assignment) -> list[Run]:
    """Every run that gave or took back grades, the first one first. Raises `GraderFault` for a damaged file."""
    found = []
    for path in sorted(history_folder(assignment).glob("*/run.json")):
        told = _read(path)
        try:
            found.append(
                Run(
                    path.parent.name,
                    path.parent,
                    told["kind"],
                    told["when"],
                    told["why"],
                    told["undoes"],
                    told["versions"],
                )
            )
        except (KeyError, TypeError) as error:
            raise GraderFault(f"{path} is no record of a run: {error!r}") from error
    return found


def last_to_undo(assignment: Assignment) -> tuple[Run | None, Run | None]:
    """(the last run that was not taken back, the undo that has begun to take it back and was ended)."""
    known = runs(assignment)
    begun = next((run for run in known if not run.finished), None)
    if begun:
        return next(run for run in known if run.id == begun.undoes), begun
    undone = {run.undoes for run in known if run.kind == "undo"}
    return next((run for run in reversed(known) if run.kind != "undo" and run.id not in undone), None), None


def replaced(run: Run) -> dict[str, Replaced]:
    """What a run has replaced, by student: the first of what it replaced twice."""
    found: dict[str, Replaced] = {}
    for path in sorted(run.folder.glob("[0-9]*.json")):
        kept = path.with_suffix(".replaced")
        try:
            for one in json.loads(zlib.decompress(kept.read_bytes())):
                found.setdefault(one["student"], Replaced(**one))
        except (OSError, ValueError, zlib.error, KeyError, TypeError) as error:
            raise GraderFault(f"{kept} cannot be read: {error}") from error
    return found


def story(assignment: Assignment, student: str) -> list[Event]:
    """All that became of a student's grade, the first run first."""
    told: list[tuple[Run, Any, Any]] = []
    for run in runs(assignment):
        for path in sorted(run.folder.glob("[0-9]*.json")):
            told += [(run, one["before"], one["after"]) for one in _read(path) if one["student"] == student]
    path = result_path(assignment.course, assignment.name, student)
    now = _data(path.read_text(encoding="utf-8")) if path.is_file() else None
    nexts = [*(before for _, before, _ in told[1:]), now]
    return [
        Event(run, _grade(before), _grade(after), after == then)
        for (run, before, after), then in zip(told, nexts, strict=False)
    ]


def as_it_stands(
    assignment: Assignment, students: Iterable[str], rows: Mapping[str, Rows], notebooks: Mapping[str, Path]
) -> list[Replaced]:
    """What stands about these students now: `rows` of the gradebook, and where their autograded notebooks are."""
    return [
        Replaced(
            student,
            _text(result_path(assignment.course, assignment.name, student)),
            _text(staff_path(assignment, student)),
            rows.get(student),
            _packed(notebooks[student]),
            _text(notebooks[student].with_name("timestamp.txt")),
        )
        for student in students
    ]


def staff_path(assignment: Assignment, student: str) -> Path:
    """The notes for staff on a student."""
    return results_folder(assignment.course, assignment.name) / "staff" / f"{student}.txt"


def notebook_of(kept: Replaced) -> str | None:
    """The text of the autograded notebook that was replaced."""
    return None if kept.notebook is None else zlib.decompress(base64.b85decode(kept.notebook)).decode()


def grade_before(kept: Replaced) -> Grade | None:
    """The grade that was replaced; None where there was none that could be read."""
    try:
        return Grade.from_json(kept.result) if kept.result else None
    except GraderFault:
        return None


def _packed(path: Path) -> str | None:
    try:
        return base64.b85encode(zlib.compress(path.read_bytes(), 1)).decode()
    except OSError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _grade(data: Any) -> Grade | None:
    return None if data is None else Grade.from_data(data)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GraderFault(f"{path} cannot be read: {error}") from error
