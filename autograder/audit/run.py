"""Runs an audit: every case graded twice, by other seeds, threads and in another order, the mutants once."""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Protocol

from autograder.assignment import Assignment
from autograder.audit.canaries import planted
from autograder.audit.cases import Case, Kind, cases
from autograder.audit.examine import AuditSetting, Task, examine, lost
from autograder.audit.findings import Audit
from autograder.audit.leaks import Secrets, of_release
from autograder.audit.page import page
from autograder.errors import UsageError
from autograder.judge import Judge
from autograder.patterns import kept, path, written
from autograder.sandbox.sandbox import Limits
from autograder.verdict import write_whole
from autograder.workers import spread

SEEDS = 20
FIRST_SEED = 20260001
THREADS = (1, 2)
MUTANT_SEEDS = 2
LIMITS = Limits(cell=60, question=20, submission=600)  # a case answers many times as many questions as a submission


class Watcher(Protocol):
    """Hears how many gradings are due, then of each case that is done."""

    def begin(self, total: int) -> None: ...

    def tell(self, name: str) -> None: ...


def audit_assignment(assignment: Assignment, *, exercise: str | None = None, seeds: int = SEEDS, workers: int = 1,
                     watcher: Watcher | None = None) -> Audit:
    """Raises `UsageError` for an unknown exercise, `GraderFault` when it cannot begin or go on."""
    if exercise is not None and exercise not in assignment.exercises:
        raise UsageError(f"There is no exercise {exercise!r}: choose from {', '.join(assignment.exercises)}.")
    started = time.monotonic()
    chosen = cases(assignment, exercise)
    numbers = [FIRST_SEED + index for index in range(seeds)]
    with Judge(assignment.hidden) as judge:
        tests = sorted(judge.tests, key=lambda test: list(assignment.exercises).index(test.exercise))
    secrets = Secrets(assignment)
    found = Audit(assignment.name, exercise, numbers, THREADS, [f"{test.exercise}::{test.name}" for test in tests],
                  chosen, kept(assignment), [*of_release(assignment, secrets), *secrets.of_checks(tests)])
    first, second = numbers[::2], [numbers[0], *numbers[1::2]]  # the first in both: only threads and order differ
    once = [Task(case, tuple(first[:MUTANT_SEEDS] if case.kind is Kind.mutant else first), THREADS[0],
                 _asked(case, exercise)) for case in chosen]
    twice = [Task(case, tuple(second), THREADS[1], _asked(case, exercise)) for case in chosen
             if case.kind is not Kind.mutant]
    random.Random(FIRST_SEED).shuffle(twice)
    if watcher:
        watcher.begin(len(once) + len(twice))
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = planted(assignment, Path(folder) / assignment.name)
        for setting, tasks in ((AuditSetting(assignment, 0, LIMITS), once), (AuditSetting(copy, 0, LIMITS), twice)):
            for one in spread(setting, examine, tasks, workers, lost):
                if one:
                    found.note(one)
                    if watcher:
                        watcher.tell(one.case.name)
    found.seconds = time.monotonic() - started
    return found


def renew(assignment: Assignment, found: Audit) -> None:
    """Keeps the patterns of this audit for the reports."""
    found.kept = found.patterns
    write_whole(path(assignment), written(found.patterns))


def write(found: Audit, folder: Path) -> list[Path]:
    """The whole audit as JSON and as a page; the paths of both."""
    name = f"audit-{found.assignment}"
    for suffix, text in ((".json", json.dumps(found.to_data(), indent=1, ensure_ascii=False) + "\n"),
                         (".html", page(found))):
        write_whole(folder / (name + suffix), text)
    return [folder / f"{name}.json", folder / f"{name}.html"]


def _asked(case: Case, exercise: str | None) -> tuple[str, ...]:
    return case.touches if exercise is None else tuple({exercise} & set(case.touches))
