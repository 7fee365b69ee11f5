"""How far an assignment is, and whether all that is written about it still fits together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment
from autograder.course.folder import Folders, stray, submitted, unusable
from autograder.errors import GraderFault, UsageError
from autograder.judging.grader import fingerprint, versions_that_must_match
from autograder.records.agreement import Agreement
from autograder.records.lateness import NONE, Lateness, late_by_unknown, lateness
from autograder.records.marks import NEAR, Marks, read_marks
from autograder.records.results import read_result, result_path, results_folder
from autograder.records.roster import roster
from autograder.verdict import Grade, Status

STANDS = {
    "submission_sha256": "the submission",
    "hidden_tests_sha256": "the hidden tests",
    "kit": "the kit",
    "kit_sha256": "the code of the kit",
    "source_sha256": "the source notebook",
    "python": "Python",
    "torch": "torch",
    "numpy": "numpy",
}

SHOWN_MARKS = re.compile(r"<meta name=autograder-marks content=(\w+)>")
HEAD = 20_000  # characters of a page in which that stands


@dataclass(frozen=True)
class Standing:
    """Where an assignment stands, by student id.

    Arguments:
        collected: who has a folder in `submitted/` with something for this assignment in it, or a broken one.
        missing: who is in the class list or the gradebook and has none, nor a grade.
        removed: who has a grade and no folder in `submitted/` any more.
        graded: who has a result, whatever its status, that is not the grader's own fault.
        ungraded: who has a folder and no result yet.
        faults: whose grading failed by the grader's own fault, and why.
        stale: whose result was made with something else than what is there now: with what.
        waiting: the answers that wait for a mark.
        old_feedback: whose feedback page is older than their grade.
        differing: where `autograded/` or the gradebook has something else than `results/`.
        damaged: result files that cannot be read.
        late_by_unknown: whom the platform marks late, without a time, where the course's rule takes something for it.
    """

    assignment: str
    collected: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    stale: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)
    old_feedback: list[str] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    late_by_unknown: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """False where a command is due, or a person has to look into something. Who has not handed in, and marks that
        wait, are counted and are no fault."""
        return not (
            self.removed
            or self.ungraded
            or self.faults
            or self.stale
            or self.old_feedback
            or self.differing
            or self.damaged
            or self.late_by_unknown
        )

    def to_data(self) -> dict[str, Any]:
        """For `--json`."""
        return {**{one.name: getattr(self, one.name) for one in fields(self)}, "holds": self.holds}


def status(assignment: Assignment) -> Standing:
    """Looks at everything and changes nothing.

    Raises `UsageError` for a class list or a gradebook that cannot be read.
    """
    marks = read_marks(assignment)
    agreement = Agreement(assignment, marks)
    here = versions_that_must_match(assignment)
    entitled = lateness(assignment, marks)
    found = Standing(assignment.name, late_by_unknown=late_by_unknown(assignment))
    folders = submitted(assignment.course, assignment.name)
    results = {path.stem for path in results_folder(assignment.course, assignment.name).glob("[!.]*.json")}
    entered = {student for student, one in marks.items() if one.entered}
    known = {*results, *roster(assignment, marks)}
    students = {
        student for student, folder in folders.items() if student in known or not stray(assignment.course, folder)
    }
    for student in sorted({*students, *known}):
        folder = folders.get(student)
        if folder is not None and os.path.lexists(folder):
            found.collected.append(student)
        elif folder is not None:
            found.missing.append(student)
        grade = _read(assignment, student, found) if student in results else None
        if grade is None and folder is None:
            if student in entered:
                found.differing[student] = ["the gradebook has an entry, without a submission or a result"]
            elif student not in found.damaged:
                found.missing.append(student)
            continue
        if grade is None:
            why = unusable(student)
            if why:
                found.faults[student] = why
            elif student not in found.damaged:
                found.ungraded.append(student)
            continue
        if grade.status is Status.grader_error:
            found.faults[student] = grade.reason or "no reason was given"
            continue
        found.graded.append(student)
        if folder is None:
            found.removed.append(student)
        elif reasons := outdated(grade, {"submission_sha256": fingerprint(folder, assignment.name), **here}):
            found.stale[student] = reasons
        told = list(agreement.differences(grade))
        if student in entitled:
            told.append(_late(marks[student], entitled[student]))
        if told:
            found.differing[student] = told
        if student in marks and marks[student].unmarked:
            found.waiting[student] = list(marks[student].unmarked)
        page = assignment.folders.feedback / student / assignment.name / f"{assignment.name}.html"
        result = result_path(assignment.course, assignment.name, student)
        if _older(page, result) or _of_other_marks(page, marks.get(student)):
            found.old_feedback.append(student)
    return found


def outdated(grade: Grade, here: Mapping[str, str | None]) -> list[str]:
    """What has changed since the grade was made, in words; [] where grading again could only give the same."""
    return [STANDS.get(key, key) for key, value in here.items() if grade.provenance.get(key) != value]


def _read(assignment: Assignment, student: str, found: Standing) -> Grade | None:
    try:
        grade = read_result(assignment, student)
    except (GraderFault, OSError, UnicodeDecodeError):
        grade = None
    if grade is None:
        found.damaged.append(student)
    return grade


def _late(marks: Marks, entitled: Lateness) -> str:
    if entitled.penalty is not None and abs(entitled.penalty - marks.penalty) > NEAR:
        return f"the gradebook takes {marks.penalty:g} points for lateness, the rule says {entitled.penalty:g}"
    if (entitled.extension or NONE) != (marks.extension or NONE):
        return "the gradebook has another extension than the class list"
    before = marks.timestamp or "at no known time"
    return f"the gradebook says that it came {before}, its folder {entitled.timestamp} (UTC)"


def _of_other_marks(page: Path, marks: Marks | None) -> bool:
    """True where a page says which marks it shows, and they are not those that stand now."""
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            found = SHOWN_MARKS.search(file.read(HEAD))
    except OSError:
        return False
    return found is not None and marks is not None and found[1] != marks.digest


def _older(page: Path, result: Path) -> bool:
    try:
        return page.stat().st_mtime < result.stat().st_mtime
    except OSError:
        return False


def assignments(course: Path) -> list[str]:
    """The assignments of a course, by name. Raises `UsageError` where there is none."""
    root = Folders.of(course).source
    found = sorted(path.parent.name for path in root.glob("*/*.ipynb") if path.stem == path.parent.name)
    if not found:
        raise UsageError("There is no assignment in source/ here.")
    return found
