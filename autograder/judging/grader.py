"""The whole way from a folder with a notebook to a grade. Start reading here."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder import __version__, submission
from autograder.assignment import Assignment
from autograder.errors import GraderFault
from autograder.feedback import annotated, explained
from autograder.judge import Judge
from autograder.layout import notebook_text
from autograder.sandbox import selftest
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Limits, Sandbox, SandboxFault
from autograder.verdict import Exercise, Grade, Status

SECRETS = ("source", "solutions", "submitted", "autograded", "feedback", "results", "gradebook.db")
STOPPED = "The grader stopped: {0!r:.500}"


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
        return json.dumps({"grade": self.grade.to_data(), "details": details, "text": self.text,
                           "untouched": sorted(self.untouched)})

    @classmethod
    def unpacked(cls, text: str) -> Graded:
        """Raises `GraderFault` for what is not a packed grade."""
        try:
            parts = json.loads(text)
            grade = Grade.from_data(parts["grade"])
            exercises = {name: Exercise(tuple(replace(check, detail=str(detail)) for check, detail
                                              in zip(exercise.checks, parts["details"][name], strict=True)))
                         for name, exercise in grade.exercises.items()}
            return cls(replace(grade, exercises=exercises), parts["text"] and str(parts["text"]),
                       frozenset(map(str, parts["untouched"])))
        except (KeyError, TypeError, ValueError) as error:
            raise GraderFault(f"A worker sent what is no grade: {error!r}") from error

    def __reduce__(self) -> tuple[Any, ...]:
        """Packed, it takes a sixth of the time to unpickle."""
        return Graded.unpacked, (self.packed(),)


class Grader:
    """Grades submissions of one assignment, one after another. Use as a context manager.

    `seed` decides the inputs that hidden tests draw: the same seed, the same questions.
    """

    def __init__(self, assignment: Assignment, seed: int, limits: Limits | None = None,
                 isolation: str = "auto") -> None:
        self._assignment = assignment
        self._seed = seed
        self._limits = limits or Limits()
        self._judge = Judge(assignment.hidden)
        if self._judge.points != assignment.exercises:
            self._judge.close()
            raise GraderFault(f"The hidden tests give {self._judge.points}, the notebook says {assignment.exercises}.")
        self._isolation = isolation
        self._sandbox = Sandbox([assignment.course / name for name in SECRETS], isolation,
                                cells=submission.given(assignment))

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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._judge.close()
        self._sandbox.close()

    def grade(self, folder: Path, student: str) -> Graded:
        """notebook -> Submission -> Attempt -> observations -> verdicts -> Grade.

        Raises nothing, whatever is in `folder`.
        """
        return self.grade_taken(submission.take(folder, student, self._assignment.name))

    def grade_taken(self, taken: submission.Taken) -> Graded:
        """The same for what was read elsewhere."""
        started = time.monotonic()
        if isinstance(taken.content, submission.Nothing):
            return self._without_attempt(taken, taken.content.status, taken.content.reason, started)
        try:
            handed_in = submission.understood(taken.content, taken.student, self._assignment)
        except submission.NotGradable as fault:
            return self._without_attempt(taken, fault.status, str(fault), started)
        except Exception as fault:  # whatever this submission has found in us, the others are still graded
            return self._without_attempt(taken, Status.grader_error, STOPPED.format(fault), started)
        why = ""
        for again in (False, True):  # a template process that failed is replaced, and the submission tried once more
            try:
                if again:
                    self._sandbox.restart()
                return self._attempt(handed_in, started)
            except SandboxFault as fault:
                why = str(fault)
            except GraderFault as fault:
                why = str(fault)
                break
            except Exception as fault:
                why = STOPPED.format(fault)
                break
        return self._without_attempt(taken, Status.grader_error, why, started)

    def _attempt(self, handed_in: submission.Submission, started: float) -> Graded:
        with Attempt(self._sandbox, handed_in.cells, self._limits) as attempt:
            attempt.run()
            exercises = self._judged(attempt)
        grade = Grade(self._assignment.name, handed_in.student, Status.graded, None, self._assignment.max_score,
                      {name: exercises[name] for name in self._assignment.exercises}, handed_in.flags,
                      time.monotonic() - started, self._provenance(handed_in.sha256))
        shown = annotated(handed_in.notebook, attempt.ran, grade, self._assignment.texts)
        return Graded(grade, notebook_text(shown), handed_in.untouched(self._assignment))

    def _judged(self, attempt: Attempt) -> dict[str, Exercise]:
        return self._judge.judge(attempt, self._seed)

    def _without_attempt(self, taken: submission.Taken, status: Status, reason: str, started: float) -> Graded:
        grade = Grade(self._assignment.name, taken.student, status, reason, self._assignment.max_score, {}, (),
                      time.monotonic() - started, self._provenance(taken.sha256))
        if status is Status.grader_error:
            return Graded(grade)
        return Graded(grade, notebook_text(explained(self._assignment, grade)))

    def _provenance(self, sha256: str | None) -> dict[str, object]:
        return {"submission_sha256": sha256, **standing(self._assignment), "seed": self._seed,
                "isolation": self._sandbox.facts.get("isolation", [])}


def ungraded(assignment: Assignment, student: str, why: str) -> Grade:
    """No grade, for the grader's own fault."""
    return Grade(assignment.name, student, Status.grader_error, why, assignment.max_score, {}, (), 0.0, {})


def standing(assignment: Assignment) -> dict[str, str]:
    """What, beside the submission, decides a grade: when it changes, the submission is graded again."""
    return {"hidden_tests_sha256": assignment.hidden_tests_sha256, "kit": __version__,
            "python": platform.python_version(), "torch": torch_version()}


@cache
def torch_version() -> str:
    """Read from the package's metadata: the judge does without torch itself."""
    return version("torch").split("+")[0]


def fingerprint(folder: Path, name: str) -> str | None:
    """The hash of the notebook that would be graded; None where there is none to read."""
    try:
        return hashlib.sha256(submission.read_bytes(folder, name)).hexdigest()
    except (submission.NotGradable, OSError):
        return None
