"""Takes the last run back: results, `autograded/` and the gradebook are what they were before it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.records.gradebook import Gradebook
from autograder.records.history import (
    Recorder,
    Replaced,
    Run,
    as_it_stands,
    grade_before,
    last_to_undo,
    notebook_of,
    replaced,
    staff_path,
)
from autograder.records.lock import only_run
from autograder.records.results import read_result, result_path, results_folder, sweep
from autograder.submission.pickup import SECRET
from autograder.verdict import Grade, write_whole


@dataclass
class Undone:
    """What was taken back: of each student the grade before and after undoing. `lost` are those whose autograded
    notebook nbgrader had removed, so that it could not be brought back."""

    run: Run
    changes: dict[str, tuple[Grade | None, Grade | None]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def undo(assignment: Assignment, why: str | None = None) -> Undone:
    """Takes the last run back that was not taken back yet. Killed at any moment, it is completed by the next call.

    Raises `UsageError` where there is none, or another run is under way; `GraderFault` where something cannot be
    written.
    """
    if not results_folder(assignment.course, assignment.name).is_dir():
        raise UsageError(f"There is nothing to undo: {assignment.name} was never graded.")
    with only_run(results_folder(assignment.course, assignment.name)):
        sweep(assignment)
        run, begun = last_to_undo(assignment)
        if run is None:
            raise UsageError(f"There is nothing to undo: no run of {assignment.name} is left in its history.")
        return _take_back(assignment, run, begun, why)


def complete(assignment: Assignment) -> None:
    """Completes an undo that was ended before its end. To be called by who holds the results."""
    run, begun = last_to_undo(assignment)
    if run and begun:
        _take_back(assignment, run, begun, begun.why)


def _take_back(assignment: Assignment, run: Run, begun: Run | None, why: str | None) -> Undone:
    before = replaced(run)
    undone = Undone(run, lost=[student for student, kept in before.items() if not kept.kept and kept.result])
    with Gradebook(assignment) as gradebook:
        notebooks = {student: gradebook.notebook(student) for student in before}
        recorder = Recorder(assignment, "undo", why, run.id)
        if begun:
            recorder.folder = begun.folder
        if begun is None or not list(begun.folder.glob("[0-9]*.json")):
            now = as_it_stands(assignment, before, gradebook.rows(before), notebooks)
            recorder.keep(now, {student: grade_before(kept) for student, kept in before.items()})
        for student, kept in before.items():
            undone.changes[student] = (read_result(assignment, student), grade_before(kept))
        gradebook.put_back({student: kept.rows for student, kept in before.items() if kept.rows is not None})
    _put_files_back(assignment, before, notebooks)
    recorder.done()
    return undone


def _put_files_back(assignment: Assignment, before: Mapping[str, Replaced], notebooks: Mapping[str, Path]) -> None:
    for student, kept in before.items():
        if kept.kept:
            _write(notebooks[student], notebook_of(kept))
            _write(notebooks[student].with_name("timestamp.txt"), kept.timestamp)
            if kept.notebook is None:
                notebooks[student].with_name(SECRET).unlink(missing_ok=True)
            with suppress(OSError):  # only folders that are empty now
                notebooks[student].parent.rmdir()
                notebooks[student].parent.parent.rmdir()
        _write(staff_path(assignment, student), kept.staff)
        _write(result_path(assignment.course, assignment.name, student), kept.result)


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, text)
