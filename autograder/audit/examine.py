"""Grades one case by the usual path, asks it again with more seeds, and notes all that the audit wants to know."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.audit.cases import Case, Kind
from autograder.audit.leaks import Leak, Secrets, of_grade
from autograder.judging.grader import Grader, Judged
from autograder.judging.judge import Judge
from autograder.pages.shown import shown
from autograder.running.processes import Setting
from autograder.sandbox.attempt import Attempt
from autograder.testing import Comparison
from autograder.verdict import Exercise, Status, Verdict

THREADS_CELL = "import torch\ntorch.set_num_threads({threads})"


@dataclass(frozen=True)
class Seen:
    """What became of one check once. `admitted`: the largest ratio of each tolerance that admitted something.

    `refused`: the tolerance that failed the check, and its ratio.
    """

    check: str
    verdict: Verdict
    admitted: tuple[tuple[str, float], ...]
    refused: tuple[str, float] | None


@dataclass(frozen=True)
class Task:
    """A case to grade with the first of `seeds`, and to ask again with the others. `asked`: by which exercises."""

    case: Case
    seeds: tuple[int, ...]
    threads: int
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Examined:
    """What one task brought. The first seed has every check, the others those of the exercises that were asked."""

    case: Case
    threads: int
    status: Status
    reason: str
    seen: Mapping[int, tuple[Seen, ...]]
    leaks: tuple[Leak, ...]
    seconds: float

    @property
    def lost(self) -> dict[int, frozenset[str]]:
        """The exercises that lost points, by seed."""
        return {
            seed: frozenset(one.check.partition("::")[0] for one in seen if one.verdict is not Verdict.passed)
            for seed, seen in self.seen.items()
        }


@dataclass(frozen=True)
class AuditSetting(Setting):
    """What is the same for every task of an audit."""

    def grader(self) -> Examiner:
        return Examiner(self)


class Examiner:
    """Grades with a judging step of its own: it remembers what the tolerances said and asks again.

    Use as a context manager, as the grader that it has.
    """

    def __init__(self, setting: Setting) -> None:
        self._grader = Grader(setting.assignment, setting.seed, setting.limits, setting.isolation)
        self._secrets = Secrets(setting.assignment)
        self._hints = {f"{test.exercise}::{test.name}": test.worth.hint for test in self._grader.tests}
        self._last = [test.exercise for test in self._grader.tests if test.lends]

    def __enter__(self) -> Examiner:
        self._grader.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._grader.close()

    def examine(self, task: Task) -> Examined:
        assignment, started = self._grader.assignment, time.monotonic()
        seen: dict[int, list[Seen]] = {}
        compared: dict[tuple[str, str], list[Comparison]] = {}

        def judging(judge: Judge, attempt: Attempt) -> dict[str, Exercise]:
            seen.clear()  # of a template process that failed on the way
            first = self._first(judge, attempt, task)
            compared.update(judge.compared)
            seen[task.seeds[0]] = list(_seen(first, judge))
            self._ask_again(judge, attempt, task, seen)
            return first

        with tempfile.TemporaryDirectory(prefix="audit-") as folder:
            Path(folder, f"{assignment.name}.ipynb").write_text(_threaded(task), encoding="utf-8")
            judged = self._grader.grade(Path(folder), "audit", judging)
            graded = shown(judged, assignment)
        return Examined(
            task.case,
            task.threads,
            graded.grade.status,
            graded.grade.reason or "",
            {seed: tuple(checks) for seed, checks in seen.items()},
            tuple(of_grade(graded, compared, self._hints, self._secrets, json.dumps(_outputs(judged)))),
            time.monotonic() - started,
        )

    def _first(self, judge: Judge, attempt: Attempt, task: Task) -> dict[str, Exercise]:
        """The verdicts of the first seed. Parts that are lent come last, as in grading."""
        if task.case.kind is not Kind.mutant:
            return judge.judge(attempt, task.seeds[0])
        # a mutant has to be noticed by the exercises that are asked, and nothing else is asked of it
        found = {name: judge.judge(attempt, task.seeds[0], name)[name] for name in task.asked}
        return {name: found.get(name, Exercise(())) for name in self._grader.assignment.exercises}

    def _ask_again(self, judge: Judge, attempt: Attempt, task: Task, seen: dict[int, list[Seen]]) -> None:
        usual = {one.check: one.verdict for one in seen[task.seeds[0]]}
        for exercise in sorted(task.asked, key=self._last.__contains__):
            for seed in task.seeds[1:]:
                again = list(_seen(judge.judge(attempt, seed, exercise), judge))
                if any(one.verdict is not usual[one.check] for one in again):
                    attempt.fresh()  # perhaps for the questions before it, which grading does not ask
                    again = list(_seen(judge.judge(attempt, seed, exercise), judge))
                seen.setdefault(seed, []).extend(again)


def examine(grader: Examiner, task: Task) -> Examined:
    """For a worker process."""
    return grader.examine(task)


def lost(task: Task) -> Examined:
    """What is said of a case that has killed its worker process twice."""
    return Examined(task.case, task.threads, Status.grader_error, "The process that graded it died twice.", {}, (), 0.0)


def _outputs(judged: Judged) -> list[dict[str, Any]]:
    """What the cells of the submission have shown, images aside."""
    return [
        {
            **output,
            "data": {kind: data for kind, data in output.get("data", {}).items() if not kind.startswith("image/")},
        }
        for ran in judged.ran.values()
        for output in ran.outputs
    ]


def _threaded(task: Task) -> str:
    """The notebook, with a first cell that asks for threads where there are more than the usual one."""
    if task.threads == 1:
        return task.case.notebook
    notebook = nbformat.reads(task.case.notebook, as_version=4)
    cell = nbformat.v4.new_code_cell(THREADS_CELL.format(threads=task.threads), id="threads")
    notebook.cells.insert(0, cell)
    return str(nbformat.writes(notebook))


def _seen(exercises: Mapping[str, Exercise], judge: Judge) -> Iterator[Seen]:
    for name, exercise in exercises.items():
        for check in exercise.checks:
            compared = judge.compared.get((name, check.name), [])
            yield Seen(
                f"{name}::{check.name}",
                check.verdict,
                _admitted(compared),
                _refused(compared) if check.verdict is Verdict.failed else None,
            )


def _admitted(compared: Sequence[Comparison]) -> tuple[tuple[str, float], ...]:
    largest: dict[str, float] = {}
    for comparison in compared:
        if comparison:
            largest[comparison.tolerance] = max(comparison.ratio, largest.get(comparison.tolerance, 0.0))
    return tuple(sorted(largest.items()))


def _refused(compared: Sequence[Comparison]) -> tuple[str, float] | None:
    """A check ends with the comparison that fails it."""
    return (compared[-1].tolerance, compared[-1].ratio) if compared and not compared[-1] else None
