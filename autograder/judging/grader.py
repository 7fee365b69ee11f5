"""The whole way from a folder with a notebook to a grade. Start reading here."""

from __future__ import annotations

import hashlib
import platform
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from types import TracebackType

import nbformat
from nbformat import NotebookNode

from autograder import __version__
from autograder.course import answers
from autograder.course.assignment import Assignment
from autograder.course.configuration import is_course
from autograder.course.folder import warm_imports
from autograder.course.limits import Limits
from autograder.course.outline import outline
from autograder.errors import GraderFault
from autograder.judging.causes import Causes
from autograder.judging.judge import Judge, Test
from autograder.kit import kit_sha256
from autograder.sandbox import selftest
from autograder.sandbox.attempt import Attempt, Ran
from autograder.sandbox.sandbox import Sandbox, SandboxFault
from autograder.submission import submission
from autograder.verdict import Exercise, Grade, Status, Verdict

STOPPED = "The grader stopped: {0!r:.500}"
Judging = Callable[[Judge, Attempt], dict[str, Exercise]]  # from an attempt to the verdicts, by exercise


@dataclass(frozen=True)
class Judged:
    """A grade and what it was given for: the notebook as it was run, and what its cells gave; neither where none ran.

    `untouched` names the solution cells that the student has left as they were.
    """

    grade: Grade
    notebook: NotebookNode | None = None
    ran: Mapping[int, Ran] = field(default_factory=dict)
    untouched: frozenset[str] = frozenset()


class Grader:
    """Grades submissions of one assignment, one after another. Use as a context manager.

    `seed` decides the inputs that hidden tests draw: the same seed, the same questions.
    """

    def __init__(
        self, assignment: Assignment, seed: int, limits: Limits | None = None, isolation: str = "auto"
    ) -> None:
        self._assignment = assignment
        self._seed = seed
        self._limits = limits or Limits()
        self._judge = Judge(assignment.hidden)
        if self._judge.points != assignment.exercises:
            self._judge.close()
            raise GraderFault(f"The hidden tests give {self._judge.points}, the notebook says {assignment.exercises}.")
        self._outline = outline(assignment)
        self._advice = {(test.exercise, test.name): test.worth.hint for test in self._judge.tests}
        self._isolation = isolation
        self._sandbox = Sandbox(
            list(assignment.folders.secret),
            isolation,
            cells=submission.given(assignment),
            imports=warm_imports(assignment.course) if is_course(assignment.course) else (),
        )

    @property
    def assignment(self) -> Assignment:
        return self._assignment

    def __enter__(self) -> Grader:
        """Raises `SandboxFault` when a wall that is needed does not stand."""
        try:
            self._sandbox.start()
            if self._isolation != "none":
                selftest.require(self._sandbox)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._judge.close()
        self._sandbox.close()

    @property
    def tests(self) -> Sequence[Test]:
        """The hidden tests, as collected."""
        return self._judge.tests

    def grade(self, folder: Path, student: str, judging: Judging | None = None) -> Judged:
        """notebook -> Submission -> Attempt -> observations -> verdicts -> Grade.

        Raises nothing, whatever is in `folder`. `judging(judge, attempt)` gives the verdicts, by exercise, in place of
        one question with the grader's seed.
        """
        return self.grade_picked_up(submission.pick_up(folder, student, self._assignment.name), judging)

    def grade_picked_up(self, picked_up: submission.PickedUp, judging: Judging | None = None) -> Judged:
        """The same for what was read elsewhere."""
        started = time.monotonic()
        if isinstance(picked_up.content, submission.Nothing):
            return self._without_attempt(picked_up, picked_up.content.status, picked_up.content.reason, started)
        try:
            handed_in = submission.understood(picked_up.content, picked_up.student, self._assignment, picked_up.flags)
        except submission.NotGradable as fault:
            return self._without_attempt(picked_up, fault.status, str(fault), started)
        except Exception as fault:  # whatever this submission has found in us, the others are still graded
            return self._without_attempt(picked_up, Status.grader_error, STOPPED.format(fault), started)
        why = ""
        for again in (False, True):  # a template process that failed is replaced, and the submission tried once more
            try:
                if again:
                    self._sandbox.restart()
                return self._attempt(handed_in, started, judging or self._once)
            except SandboxFault as fault:
                why = str(fault)
            except GraderFault as fault:
                why = str(fault)
                break
            except Exception as fault:
                why = STOPPED.format(fault)
                break
        return self._without_attempt(picked_up, Status.grader_error, why, started)

    def _attempt(self, handed_in: submission.Submission, started: float, judging: Judging) -> Judged:
        with Attempt(self._sandbox, handed_in.cells, self._limits) as attempt:
            attempt.run()
            exercises = judging(self._judge, attempt)
            if any(check.hint for exercise in exercises.values() for check in exercise.checks):
                exercises = Causes(
                    self._outline, handed_in.notebook, attempt.ran, self._advice, self._judge.recognised
                ).tell(exercises)
        self._require_sound(exercises)
        grade = Grade(
            self._assignment.name,
            handed_in.student,
            Status.graded,
            None,
            self._assignment.max_score,
            {name: exercises[name] for name in self._assignment.exercises},
            handed_in.flags,
            time.monotonic() - started,
            self._provenance(handed_in.sha256),
        )
        return Judged(grade, handed_in.notebook, attempt.ran, handed_in.untouched(self._assignment))

    def _require_sound(self, exercises: dict[str, Exercise]) -> None:
        """Raises `GraderFault` for a check that stops with an error for the reference solution too: it is ours."""
        for name, exercise in exercises.items():
            for check in exercise.checks:
                if check.verdict is Verdict.errored and (name, check.name) in self._faulty:
                    raise GraderFault(
                        f"The hidden test {name}::{check.name} stops with an error for the reference "
                        f"solution too, so its probe is wrong: {self._faulty[name, check.name]}"
                    )

    @cached_property
    def _faulty(self) -> dict[tuple[str, str], str]:
        """Checks that stop with an error for the reference solution. Asked for when one does for a student."""
        content = nbformat.writes(answers.notebook(self._assignment)).encode()
        solved = submission.understood(content, "reference", self._assignment)
        with Attempt(self._sandbox, solved.cells, self._limits) as attempt:
            attempt.run()
            exercises = self._judge.judge(attempt, self._seed)
        return {
            (name, check.name): _last_line(check.detail or check.hint or "")
            for name, exercise in exercises.items()
            for check in exercise.checks
            if check.verdict is Verdict.errored
        }

    def _once(self, judge: Judge, attempt: Attempt) -> dict[str, Exercise]:
        return judge.judge(attempt, self._seed)

    def _without_attempt(self, picked_up: submission.PickedUp, status: Status, reason: str, started: float) -> Judged:
        grade = Grade(
            self._assignment.name,
            picked_up.student,
            status,
            reason,
            self._assignment.max_score,
            {},
            (),
            time.monotonic() - started,
            self._provenance(picked_up.sha256),
        )
        return Judged(grade)

    def _provenance(self, sha256: str | None) -> dict[str, object]:
        return {
            "submission_sha256": sha256,
            **versions_that_must_match(self._assignment),
            "seed": self._seed,
            "isolation": self._sandbox.facts.get("isolation", []),
        }


def _last_line(detail: str) -> str:
    """What went wrong and in which line of the probe, of a traceback."""
    places = re.findall(r'File "<grader>", line (\d+), in (\w+)', detail)
    last = (detail.strip().splitlines() or [""])[-1]
    return f"line {places[-1][0]}, in {places[-1][1]}: {last}" if places else last


def ungraded(assignment: Assignment, student: str, why: str) -> Grade:
    """No grade, for the grader's own fault."""
    return Grade(assignment.name, student, Status.grader_error, why, assignment.max_score, {}, (), 0.0, {})


def versions_that_must_match(assignment: Assignment) -> dict[str, str]:
    """What, beside the submission, decides a grade.

    When it changes, a submission is graded again; where it differs on another machine, that one may not take part.
    """
    return {
        "hidden_tests_sha256": assignment.hidden_tests_sha256,
        "source_sha256": assignment.source_sha256,
        "kit": __version__,
        "kit_sha256": kit_sha256(),
        "python": platform.python_version(),
        "torch": torch_version(),
        "numpy": version("numpy"),  # draws the inputs
    }


@cache
def torch_version() -> str:
    """Read from the package's metadata: the judge does without torch itself."""
    return version("torch").split("+")[0]


def fingerprint(folder: Path, name: str) -> str | None:
    """The hash of the notebook that would be graded; None where there is none to read."""
    try:
        return hashlib.sha256(submission.read_bytes(folder, name)).hexdigest()
    except (submission.NotGradable, GraderFault, OSError):
        return None
