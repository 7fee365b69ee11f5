"""Runs an audit: every case graded twice, by other seeds, threads and in another order, the mutants once."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from autograder.audit.cache import Cache
from autograder.audit.canaries import with_canaries
from autograder.audit.cases import Case, Kind, cases, mistakes
from autograder.audit.examine import (
    AuditSetting,
    Examined,
    Task,
    examine,
    lost,
)
from autograder.audit.findings import Audit
from autograder.audit.leaks import Secrets, of_release
from autograder.audit.page import page
from autograder.course.assignment import Assignment
from autograder.course.limits import Limits
from autograder.errors import UsageError
from autograder.judging.judge import Judge
from autograder.pages.lookalikes import known_patterns, path, written
from autograder.running.processes import spread
from autograder.verdict import write_whole

SEEDS = 20
FIRST_SEED = 20260001
THREADS = (1, 2)
MUTANT_SEEDS = 2
LIMITS = Limits(cell=60, question=20, submission=600)  # a case answers many times as many questions as a submission


class Watcher(Protocol):
    """Hears how many gradings are due, then of each case that is done."""

    def begin(self, total: int) -> None: ...

    def tell(self, name: str) -> None: ...


def audit_assignment(
    assignment: Assignment,
    *,
    exercise: str | None = None,
    seeds: int = SEEDS,
    workers: int = 1,
    watcher: Watcher | None = None,
) -> Audit:
    """Raises `UsageError` for an unknown exercise, `GraderFault` when it cannot begin or go on."""
    if exercise is not None and exercise not in assignment.exercises:
        raise UsageError(f"There is no exercise {exercise!r}: choose from {', '.join(assignment.exercises)}.")
    started = time.monotonic()
    chosen = cases(assignment, exercise)
    numbers = [FIRST_SEED + index for index in range(seeds)]
    with Judge(assignment.hidden) as judge:
        tests = sorted(judge.tests, key=lambda test: list(assignment.exercises).index(test.exercise))
    secrets = Secrets(assignment)
    found = Audit(
        assignment.name,
        exercise,
        numbers,
        THREADS,
        [f"{test.exercise}::{test.name}" for test in tests],
        chosen,
        known_patterns(assignment),
        mistakes(assignment),
        [*of_release(assignment, secrets), *secrets.of_checks(tests)],
    )
    first, second = numbers[::2], [numbers[0], *numbers[1::2]]  # the first in both: only threads and order differ
    once = [
        Task(
            case, tuple(first[:MUTANT_SEEDS] if case.kind is Kind.mutant else first), THREADS[0], _asked(case, exercise)
        )
        for case in chosen
    ]
    twice = [
        Task(case, tuple(second), THREADS[1], _asked(case, exercise)) for case in chosen if case.kind is not Kind.mutant
    ]
    random.Random(FIRST_SEED).shuffle(twice)
    cache = Cache(assignment)
    if watcher:
        watcher.begin(len(once) + len(twice))
    with tempfile.TemporaryDirectory(prefix="with_canaries-") as folder:
        copy = with_canaries(assignment, Path(folder))
        for setting, tasks in ((AuditSetting(assignment, 0, LIMITS), once), (AuditSetting(copy, 0, LIMITS), twice)):
            for one in _examined(setting, tasks, workers, cache):
                found.note(one)
                if watcher:
                    watcher.tell(one.case.name)
    if exercise is None:
        cache.tidy()
    found.seconds = time.monotonic() - started
    return found


def _examined(setting: AuditSetting, tasks: Sequence[Task], workers: int, cache: Cache) -> Iterator[Examined]:
    """What is kept of the tasks, then what is judged now."""
    todo = {}
    for task in tasks:
        if (known := cache.known(task)) is not None:
            yield known
        else:
            todo[task.case.kind, task.case.name] = task
    for one in spread(setting, examine, list(todo.values()), workers, lost):
        if one:
            cache.keep(todo[one.case.kind, one.case.name], one)
            yield one


def renew(assignment: Assignment, found: Audit) -> None:
    """Keeps the patterns of this audit for the reports; of one exercise, its checks alone are kept anew."""
    found.kept = found.present
    write_whole(path(assignment), written(found.present))


def write(found: Audit, folder: Path) -> list[Path]:
    """The whole audit as JSON and as a page; the paths of both."""
    name = f"audit-{found.assignment}"
    for suffix, text in (
        (".json", json.dumps(found.to_data(), indent=1, ensure_ascii=False) + "\n"),
        (".html", page(found)),
    ):
        write_whole(folder / (name + suffix), text)
    return [folder / f"{name}.json", folder / f"{name}.html"]


def _asked(case: Case, exercise: str | None) -> tuple[str, ...]:
    """The exercises that are asked with other seeds; of a mutant those that have to notice it, and no others at all."""
    if case.kind is Kind.mutant:
        return case.touches[:1]
    return case.touches if exercise is None else tuple({exercise} & set(case.touches))
