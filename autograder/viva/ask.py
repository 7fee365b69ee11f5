"""Finds questions about a student's own code: changes of one thing, run in the sandbox, that give other numbers."""

from __future__ import annotations

import copy
import hashlib
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import nbformat

from autograder.course.assignment import Assignment, grade_id, solution
from autograder.course.folder import limits, submitted
from autograder.errors import UsageError
from autograder.judging.grader import Grader
from autograder.judging.judge import Judge
from autograder.running.processes import Job, Setting, spread
from autograder.sandbox.attempt import Attempt
from autograder.submission import submission
from autograder.verdict import Exercise, Status, Verdict
from autograder.viva.changes import Change, NotPython, changes
from autograder.viva.outcomes import FIRST, Numbers, Outcome, Question, differs, observe, steady

QUESTIONS = 3
AT_A_TIME = 6  # of them in one cell, before it is another cell's turn
TRIES = 24  # changes of one submission that are run, most of which take as long as grading it
SECONDS = 240.0  # for one sheet: where cells hang, each change takes as long as a submission may


@dataclass(frozen=True)
class Asked:
    """One question on a sheet, and its answer.

    Arguments:
        cell: the solution cell, by grade_id; `source` is what the student has there.
        change: what is changed in it.
        question: how the student's code is called.
        name: what is looked at in what comes back, `before` and `after` the change.
        checks: (title, whether it passes after the change) of checks that pass before it.
    """

    cell: str
    source: str
    change: Change
    question: Question
    name: str
    before: Numbers
    after: Numbers
    checks: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Sheet:
    """The questions for one student, and `why` there are fewer than three; `ours` where that is our own fault."""

    student: str
    asked: tuple[Asked, ...] = ()
    why: str = ""
    ours: bool = False


def sheets(
    assignment: Assignment, students: Sequence[str] = (), *, seed: int, workers: int = 1, isolation: str = "auto"
) -> Iterator[Sheet]:
    """A sheet for each student, or for everybody, as they come ready. The same seed gives the same sheet.

    Raises `UsageError` where nothing, or nothing of one of `students`, has been handed in, and `GraderFault` where
    student code cannot be run.
    """
    folders = submitted(assignment.course, assignment.name)
    if not folders:
        raise UsageError(f"Nothing has been handed in: {assignment.folders.submitted} has no folder of a student.")
    for student in students:
        if student not in folders:
            raise UsageError(f"There is no submission of {student!r} in {assignment.folders.submitted}.")
    setting = Setting(assignment, number_of("inputs", seed), limits(assignment.course), isolation)
    jobs: list[Job] = [(student, folders[student]) for student in dict.fromkeys(students or folders)]
    found = spread(setting, partial(_sheet, setting.seed, seed), jobs, workers, _lost)
    return (sheet for sheet in found if sheet is not None)


def number_of(what: str, seed: int, student: str = "") -> int:
    """A number for `what`, from the seed of the sheets, which has nothing to do with that of the grades."""
    return int.from_bytes(hashlib.sha256(f"viva\0{what}\0{seed}\0{student}".encode()).digest()[:7])


def _lost(job: Job) -> Sheet:
    return Sheet(job[0], why="The process that made this sheet died twice.", ours=True)


def _sheet(inputs: int, seed: int, grader: Grader, job: Job) -> Sheet:
    student, folder = job
    picked = submission.pick_up(folder, student, grader.assignment.name)
    if isinstance(picked.content, submission.Nothing):
        return Sheet(student, why=picked.content.reason, ours=picked.content.status is Status.grader_error)
    try:
        handed_in = submission.understood(picked.content, student, grader.assignment)
        return _Search(grader, handed_in, inputs, random.Random(number_of("choice", seed, student))).sheet()
    except submission.NotGradable as fault:
        return Sheet(student, why=str(fault))
    except Exception as fault:  # whatever this submission has found in us, the others still get their sheets
        return Sheet(student, why=f"The search for questions stopped: {fault!r:.300}", ours=True)


class _Search:
    """Looks for questions about one submission."""

    def __init__(self, grader: Grader, handed_in: submission.Submission, inputs: int, draw: random.Random) -> None:
        self._grader = grader
        self._handed_in = handed_in
        self._inputs = inputs
        self._draw = draw
        self._tries = TRIES
        self._until = time.monotonic() + SECONDS

    def sheet(self) -> Sheet:
        student = self._handed_in.student
        runs = [self._outcome() for _ in range(2)]
        if isinstance(runs[0], str) or isinstance(runs[1], str):
            return Sheet(student, why=next(run for run in runs if isinstance(run, str)), ours=True)
        before = steady(runs[0], runs[1])
        possible, notes = self._possible()
        if not before.seen:
            said = next(iter(dict.fromkeys(before.faults)), "nothing comes back that is the same twice.")
            return Sheet(student, why=" ".join([*notes, f"The hidden tests' questions are not answered: {said}"]))
        asked = self._asked(before, possible)
        if len(asked) == QUESTIONS:
            return Sheet(student, asked)
        tried = TRIES - self._tries
        notes.append(
            f"{tried} change{'s were' if tried != 1 else ' was'} tried in {', '.join(possible)}, and "
            f"{len(asked) or 'none'} had a clear outcome."
            if possible
            else "There is no code in which something could be changed."
        )
        if time.monotonic() >= self._until:
            notes.append(f"Then {SECONDS:g} s were used up: code that hangs takes long.")
        return Sheet(student, asked, " ".join(notes))

    def _possible(self) -> tuple[dict[str, list[Change]], list[str]]:
        """The changes of each solution cell, in a drawn order, and why there are none of some."""
        assignment = self._grader.assignment
        untouched = self._handed_in.untouched(assignment)
        possible: dict[str, list[Change]] = {}
        notes = []
        for cell in self._handed_in.notebook.cells:
            name = grade_id(cell)
            if not solution(cell) or cell.cell_type != "code":
                continue
            if name in untouched:
                notes.append(f"{name} is as it was released.")
                continue
            try:
                found = changes(cell.source)
            except NotPython as why:
                notes.append(f"{name} cannot be changed: {why}.")
                continue
            self._draw.shuffle(found)
            if found:
                possible[name] = found
        names = list(possible)
        self._draw.shuffle(names)
        return {name: possible[name] for name in names}, notes

    def _asked(self, before: Outcome, possible: Mapping[str, list[Change]]) -> tuple[Asked, ...]:
        """Three questions, of other cells and of other kinds where that can be; in the order of the notebook."""
        asked: list[Asked] = []
        waiting = {name: list(found) for name, found in possible.items()}
        while waiting and self._goes_on(asked):
            for name in list(waiting):
                found = self._next(name, waiting[name], before, asked)
                if found:
                    asked.append(found)
                if not waiting[name]:
                    del waiting[name]
                if not self._goes_on(asked):
                    break
        order = [grade_id(cell) for cell in self._handed_in.notebook.cells]
        return tuple(sorted(asked, key=lambda one: (order.index(one.cell), one.change.lines)))

    def _goes_on(self, asked: Sequence[Asked]) -> bool:
        return bool(self._tries) and len(asked) < QUESTIONS and time.monotonic() < self._until

    def _next(self, cell: str, left: list[Change], before: Outcome, asked: Sequence[Asked]) -> Asked | None:
        """The next question about a cell; takes what was tried off `left`. A cell has a part of the tries at a time."""
        source = next(one.source for one in self._handed_in.notebook.cells if grade_id(one) == cell)
        kinds = {one.change.kind for one in asked}
        lines = {one.change.lines for one in asked if one.cell == cell}
        left.sort(key=lambda change: (change.kind in kinds, change.lines in lines))
        for _ in range(min(AT_A_TIME, self._tries, len(left))):
            if not self._goes_on(asked):
                break
            change = left.pop(0)
            self._tries -= 1
            after = self._outcome(cell, change.source)
            if isinstance(after, str):
                continue
            found = self._difference(before, after)
            if found is None:
                continue
            question, name = found
            return Asked(
                cell,
                source,
                change,
                question,
                name,
                before.seen[question.key, name],
                after.seen[question.key, name],
                self._checks(before, after, question.exercise),
            )
        return None

    def _difference(self, before: Outcome, after: Outcome) -> tuple[Question, str] | None:
        """What differs clearly, of the plainest call: it gives some numbers, and is given numbers alone, and few."""
        differing = [
            (len(numbers.values) < FIRST, before.questions[key].odd, before.questions[key].size, key, name)
            for (key, name), numbers in before.seen.items()
            if (key, name) in after.seen and differs(numbers, after.seen[key, name])
        ]
        if not differing:
            return None
        *_, key, name = min(differing)
        return before.questions[key], name

    def _checks(self, before: Outcome, after: Outcome, exercise: str) -> tuple[tuple[str, bool], ...]:
        """One check of the exercise that still passes and one that does not, where there are such; in a drawn order."""
        kept: dict[bool, list[str]] = {True: [], False: []}
        for (of, title), verdict in before.checks.items():
            if of == exercise and verdict is Verdict.passed and (of, title) in after.checks:
                kept[after.checks[of, title] is Verdict.passed].append(title)
        chosen = [(self._draw.choice(titles), passes) for passes, titles in kept.items() if titles]
        self._draw.shuffle(chosen)
        return tuple(chosen)

    def _outcome(self, cell: str = "", source: str = "") -> Outcome | str:
        """What the hidden tests observe of the notebook, with another text in one cell. A sentence where we fail."""
        notebook = copy.deepcopy(self._handed_in.notebook)
        for one in notebook.cells:
            if cell and grade_id(one) == cell:
                one.source = source
        kept: list[Outcome] = []

        def judging(judge: Judge, attempt: Attempt) -> dict[str, Exercise]:
            outcome, exercises = observe(judge, attempt, self._inputs, patient=not cell)
            kept.append(outcome)
            return exercises

        content = nbformat.writes(notebook).encode()
        judged = self._grader.grade_picked_up(submission.PickedUp(self._handed_in.student, content), judging)
        if judged.grade.status is Status.graded and kept:
            return kept[-1]
        return judged.grade.reason or f"The notebook could not be run: {judged.grade.status}."
