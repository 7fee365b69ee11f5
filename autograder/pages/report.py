"""The class report: one HTML page for staff, with nothing to load from elsewhere.

It shows titles and hints of the hidden tests and nothing else of them. What comes from students (names of
folders and files, messages of their errors) is escaped.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from autograder.course.assignment import Assignment
from autograder.course.folder import stray, submitted
from autograder.course.outline import outline
from autograder.errors import UsageError
from autograder.pages.feedback import TEMPLATES, points
from autograder.pages.items import items, notes
from autograder.pages.lookalikes import Likeness, Likenesses
from autograder.pages.terminal import by_people, many, plain
from autograder.pages.who_needs_help import EXAMPLES, check_causes, groups, untouched
from autograder.records.marks import Marks, read_marks, so_far
from autograder.records.results import read_results, results_folder
from autograder.records.roster import roster
from autograder.verdict import Exercise, Grade, Status, Verdict, write_whole

BINS = 8
SLOWEST = 3  # submissions that are named for the time they took
HARDEST = 5  # checks that the report names first
LOW = 0.5  # a smaller part of the points needs a person's attention


@dataclass
class CheckRow:
    """How a class did on one check. `missed_by` names who did not pass it."""

    exercise: str
    title: str
    max_points: float
    verdicts: dict[str, int] = field(default_factory=dict)
    missed_by: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())

    @property
    def passed(self) -> float:
        """The part of the class that passed, 0 to 1."""
        return self.verdicts.get(Verdict.passed, 0) / self.total if self.total else 0.0

    @property
    def lost(self) -> float:
        """Points that the class lost here."""
        return self.max_points * (self.total - self.verdicts.get(Verdict.passed, 0))


@dataclass(frozen=True)
class Concern:
    """A student who needs a person's attention, and why."""

    student: str
    why: tuple[str, ...]
    ours: bool = False


def write_report(assignment: Assignment, path: Path, *, anonymous: bool = False) -> None:
    """Writes the page, with ids alone where it is `anonymous`. Raises `UsageError` when nothing has been graded yet."""
    grades = list(read_results(assignment.course, assignment.name))
    if not grades:
        raise UsageError(f"Nothing is graded yet: run “autograder grade {assignment.name}” first.")
    marks = read_marks(assignment)
    names = roster(assignment, marks)
    graded = {grade.student for grade in grades}
    folders = {
        student
        for student, folder in submitted(assignment.course, assignment.name).items()
        if student in {*graded, *names} or not stray(assignment.course, folder)
    }
    write_whole(
        path,
        page(
            assignment,
            grades,
            sorted(folders - graded),
            staff_links(assignment, grades, path),
            absent=sorted(names.keys() - folders - graded),
            removed=sorted(graded - folders),
            names={} if anonymous else names,
            marks=marks,
            work=work_links(assignment, grades, path),
        ),
    )


def page(
    assignment: Assignment,
    grades: Sequence[Grade],
    waiting: Sequence[str] = (),
    links: dict[str, str] | None = None,
    *,
    absent: Sequence[str] = (),
    removed: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    marks: Mapping[str, Marks] | None = None,
    work: Mapping[str, str] | None = None,
) -> str:
    """The report as HTML. `waiting` are students without a result, `links` lead to the notes on each, `work` to what
    they have handed in, by id.

    `absent` are those of the class who have handed nothing in, `removed` those whose folder was taken out of
    `submitted/` after it was graded. `names` are shown beside the ids, `marks` is what the gradebook has.
    """
    scores = [grade.score for grade in grades if grade.score is not None]
    checks = check_rows(grades)
    of = outline(assignment)
    empty = [grade.student for grade in grades if untouched(grade)]
    written = [grade for grade in grades if grade.score is not None and grade.student not in empty]
    known = Likenesses(assignment)
    alike = {grade.student: found for grade in written if (found := known.of(grade))}
    analysed = items(written)
    return TEMPLATES.get_template("report.html.j2").render(
        assignment=assignment,
        grades=grades,
        scores=scores,
        plain=plain,
        checks=checks,
        titles=of.titles,
        names=names or {},
        work=work or {},
        empty=empty,
        groups=groups(grades, of.exercise_of),
        EXAMPLES=EXAMPLES,
        notes=notes(analysed),
        tells={(item.exercise, item.title): item.discrimination for item in analysed},
        check_causes=check_causes,
        hardest=hardest(checks),
        bins=histogram(scores, assignment.max_score),
        median=statistics.median(scores) if scores else None,
        mean=statistics.fmean(scores) if scores else None,
        full=sum(score == assignment.max_score for score in scores),
        seconds=seconds(grades),
        means=exercise_means(grades),
        concerns=beyond_points(grades),
        by_hand=_by_hand(marks or {}),
        absent=absent,
        removed=removed,
        waiting=waiting,
        links=links or {},
        alike=alike,
        mistakes=mistakes(alike),
        other_tests=[
            grade for grade in grades if grade.provenance.get("hidden_tests_sha256") != assignment.hidden_tests_sha256
        ],
        provenance=provenance(grades),
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        statuses={
            status: count
            for status in Status
            if status is not Status.graded and (count := sum(grade.status is status for grade in grades))
        },
    )


def _by_hand(marks: Mapping[str, Marks]) -> list[tuple[str, str, list[str]]]:
    """(student, total so far, what people or the calendar changed in it) of everybody who has an entry."""
    return [(student, so_far(one), by_people(one)) for student, one in marks.items() if one.entered]


def beyond_points(grades: Sequence[Grade]) -> list[Concern]:
    """The concerns that are no matter of points lost: no grade, out of time, mended. Points are told by their cause."""
    graded = {grade.student for grade in grades if grade.score is not None}
    return [concern for concern in concerns(grades) if concern.student not in graded or len(concern.why) > 1]


def seconds(grades: Sequence[Grade]) -> tuple[float, float, list[Grade]] | None:
    """(median, sum, the slowest) of the time that grading took, in seconds; None where nothing was graded."""
    graded = [grade for grade in grades if grade.score is not None]
    if not graded:
        return None
    took = [grade.seconds for grade in graded]
    return (
        statistics.median(took),
        sum(took),
        sorted(graded, key=lambda grade: (-grade.seconds, grade.student))[:SLOWEST],
    )


def work_links(assignment: Assignment, grades: Sequence[Grade], path: Path) -> dict[str, str]:
    """Where each student's work can be read, seen from the page at `path`: their page, else the autograded notebook."""
    links = {}
    name, folders = assignment.name, assignment.folders
    for grade in grades:
        for place in (
            folders.feedback / grade.student / name / f"{name}.html",
            folders.autograded / grade.student / name / f"{name}.ipynb",
        ):
            if place.is_file():
                links[grade.student] = "./" + quote(os.fsencode(os.path.relpath(place, path.resolve().parent)))
                break
    return links


def staff_links(assignment: Assignment, grades: Sequence[Grade], path: Path) -> dict[str, str]:
    """Where the notes on each student are, seen from the page at `path`; only those that say something."""
    folder = results_folder(assignment.course, assignment.name) / "staff"
    links = {}
    for grade in grades:
        notes = folder / f"{grade.student}.txt"
        if notes.is_file() and notes.stat().st_size:
            links[grade.student] = "./" + quote(os.fsencode(os.path.relpath(notes, path.resolve().parent)))
    return links


def check_rows(grades: Sequence[Grade]) -> list[CheckRow]:
    """Every check in the order of the exercises, with the count of each verdict."""
    rows: dict[tuple[str, str], CheckRow] = {}
    for grade in grades:
        for name, exercise in grade.exercises.items():
            for check in exercise.checks:
                row = rows.setdefault((name, check.name), CheckRow(name, check.title, check.max_points))
                row.verdicts[check.verdict] = row.verdicts.get(check.verdict, 0) + 1
                if check.verdict is not Verdict.passed:
                    row.missed_by.append(grade.student)
    return list(rows.values())


def hardest(rows: Sequence[CheckRow]) -> list[CheckRow]:
    """The checks that cost the class most points, the costliest first."""
    return sorted((row for row in rows if row.lost), key=lambda row: (-row.lost, row.passed))[:HARDEST]


def mistakes(alike: Mapping[str, Sequence[Likeness]]) -> list[tuple[Likeness, list[str]]]:
    """The known mistakes that grades look like, each with whose, the most frequent first."""
    found: dict[Likeness, list[str]] = {}
    for student, likenesses in alike.items():
        for likeness in likenesses:
            found.setdefault(likeness, []).append(student)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0].name))


def exercise_means(grades: Sequence[Grade]) -> dict[str, tuple[float, float]]:
    """(mean score, full score) of each exercise, over the submissions that were graded."""
    found: dict[str, list[Exercise]] = {}
    for grade in grades:
        for name, exercise in grade.exercises.items():
            found.setdefault(name, []).append(exercise)
    return {
        name: (statistics.fmean(exercise.score for exercise in exercises), exercises[0].max_score)
        for name, exercises in found.items()
    }


def concerns(grades: Sequence[Grade]) -> Iterator[Concern]:
    """Who needs a person's attention: our own faults first, then nothing to grade, then the lowest scores."""

    def urgency(grade: Grade) -> tuple[bool, bool, float, str]:
        theirs = grade.status is not Status.grader_error
        return (theirs, grade.score is not None, grade.score or 0.0, grade.student)

    for grade in sorted(grades, key=urgency):
        why = []
        if grade.score is None:
            why.append(f"{grade.status.replace('_', ' ')}: {grade.reason or 'no reason was given'}")
        slow = sum(
            check.verdict is Verdict.timed_out for exercise in grade.exercises.values() for check in exercise.checks
        )
        if slow:
            why.append(f"{many(slow, 'check')} ran out of time")
        why += grade.flags
        if grade.score is not None and (why or grade.score < LOW * grade.max_score):
            why.insert(0, f"{points(grade.score)} of {points(grade.max_score)} points")
        if why:
            yield Concern(grade.student, tuple(why), grade.status is Status.grader_error)


def provenance(grades: Sequence[Grade]) -> dict[str, str]:
    """What the grades were made with; where that differs within the class, all that occurs."""

    def shown(value: object) -> str:
        return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)

    words = {
        "kit": "kit",
        "python": "Python",
        "torch": "torch",
        "isolation": "isolation",
        "hidden_tests_sha256": "hidden tests",
    }
    found = {
        words[key]: sorted({shown(grade.provenance[key]) for grade in grades if key in grade.provenance})
        for key in words
    }
    return {
        word: " / ".join(value[:12] if word == "hidden tests" else value for value in values)
        for word, values in found.items()
        if values
    }


def histogram(scores: Sequence[float], most: float) -> list[tuple[str, int, float]]:
    """(label, count, height from 0 to 1) of `BINS` equal parts of the points; the last has the full score."""
    counts = [0] * BINS
    for score in scores:
        counts[min(BINS - 1, int(BINS * score / most)) if most else 0] += 1
    tallest = max(counts) or 1
    width = most / BINS
    return [
        (f"{index * width:g}–{(index + 1) * width:g}", count, count / tallest) for index, count in enumerate(counts)
    ]
