"""Runs the hidden pytest tests over attempts and turns what happens into verdicts.

One pytest session serves a whole run: pytest collects the tests once, in a thread of its own, and its run loop
then judges one attempt after another. No student code runs in this process.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import queue
import sys
import threading
import traceback
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.errors import GraderFault, StudentFault
from autograder.judging.probes import probe_faults
from autograder.sandbox.attempt import Attempt, TimedOut, Undefined
from autograder.testing import COMPARED, MARK, Comparison, Observation, Recognised, Unfit, Worth
from autograder.verdict import Check, Exercise, Verdict

LENDS = "LENDS_PARTS"  # a test file that lends student code a working part says so, and is asked last
QUIET = [
    "terminal",
    "cacheprovider",
    "capture",
    "logging",
    "faulthandler",
    "doctest",
    "junitxml",
    "pastebin",
    "stepwise",
    "setuponly",
    "setupplan",
    "recwarn",
    "tmpdir",
    "monkeypatch",
    "legacypath",
    "unraisableexception",
    "threadexception",
    "debugging",
    "warnings",
    "subtests",
]
PACKAGE_NAME = "autograder_hidden_tests"  # the package that a folder of hidden tests is while it is collected
OURS = frozenset({"attempt", "draw"})  # the fixtures of each hidden test
OF_OTHER_RUNS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")  # options that a user has set for pytest


@dataclass(frozen=True)
class Test:
    """A hidden test, as collected."""

    item: pytest.Function
    exercise: str
    name: str
    title: str
    worth: Worth
    probes: str
    lends: bool
    alone: bool  # it needs our fixtures at most, and nothing that pytest would set up


class Asker:
    """The `attempt` fixture: asks the notebook through the probes beside the test's file."""

    def __init__(self, attempt: Attempt, test: Test) -> None:
        self._attempt = attempt
        self._test = test

    def ask(self, probe: str, **values: Any) -> Observation:
        """What `probe` of this exercise observes; arrays cross as raw numbers, the rest as JSON."""
        arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        plain = {name: value for name, value in values.items() if name not in arrays}
        seen, found = self._attempt.ask(self._test.exercise, self._test.probes, probe, plain, arrays)
        return Observation(seen, found)

    def ask_each(self, probe: str, asked: Sequence[Mapping[str, Any]]) -> list[Observation]:
        """What `probe` observes for each of several questions, in one message. Where one raises, all have."""
        arrays = {
            f"{number} {name}": value
            for number, values in enumerate(asked)
            for name, value in values.items()
            if isinstance(value, np.ndarray)
        }
        plain = [
            {name: value for name, value in values.items() if not isinstance(value, np.ndarray)} for values in asked
        ]
        seen, found = self._attempt.ask(self._test.exercise, self._test.probes, probe, plain, arrays)
        return [
            Observation(
                told if isinstance(told := seen.get(str(number)), dict) else {},
                {
                    name.removeprefix(f"{number} "): array
                    for name, array in found.items()
                    if name.startswith(f"{number} ")
                },
            )
            for number in range(len(asked))
        ]


class Judge:
    """Use as a context manager. `exercises` are the points of each exercise, by grade_id."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._plugin = _Plugin()
        self._thread = threading.Thread(target=self._session, args=(folder,), daemon=True, name="judge")
        with _without(OF_OTHER_RUNS):
            self._thread.start()
            first = self._plugin.outbox.get()
        _forget()
        if isinstance(first, BaseException):
            self._thread.join()
            raise GraderFault(f"The hidden tests in {folder} cannot be collected: {first}") from first
        self.tests: list[Test] = first

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._plugin.inbox.put(None)
        self._thread.join()

    @property
    def points(self) -> dict[str, float]:
        """Points of each exercise, in the order of the test files' names."""
        points: dict[str, float] = {}
        for test in self.tests:
            points[test.exercise] = points.get(test.exercise, 0.0) + test.worth.points
        return points

    @property
    def compared(self) -> dict[tuple[str, str], list[Comparison]]:
        """What the tolerances said in the last judging, in order, by exercise and check."""
        return self._plugin.compared

    @property
    def recognised(self) -> dict[tuple[str, str], str]:
        """The known mistake that a failed check of the last judging has recognised, by exercise and check."""
        return self._plugin.recognised

    def judge(self, attempt: Attempt, seed: int, only: str | None = None) -> dict[str, Exercise]:
        """Verdicts of every check (of exercise `only`). Raises `GraderFault` when a hidden test itself is broken."""
        self._plugin.inbox.put((attempt, seed, only))
        answer = self._plugin.outbox.get()
        if isinstance(answer, GraderFault):
            raise answer
        if isinstance(answer, BaseException):
            raise GraderFault(f"The judge failed: {answer!r}") from answer
        exercises: dict[str, list[Check]] = {}
        for test in self.tests:
            if test.name in answer.get(test.exercise, {}):
                exercises.setdefault(test.exercise, []).append(answer[test.exercise][test.name])
        return {name: Exercise(tuple(checks)) for name, checks in exercises.items()}

    def _session(self, folder: Path) -> None:
        _package(folder)
        quiet = [argument for name in QUIET for argument in ("-p", f"no:{name}")]
        # Nothing above the folder counts: no configuration, no conftest.py, and no folder that cannot be listed.
        arguments = [
            str(folder),
            "--rootdir",
            str(folder),
            "--confcutdir",
            str(folder),
            "-c",
            "/dev/null",
            "--import-mode=importlib",
            "--disable-plugin-autoload",
            "-o",
            "python_files=test_*.py",
            *quiet,
        ]
        try:
            # A check that fails names the arrays it has compared, for staff: their ends will do.
            with np.printoptions(threshold=12):
                code = pytest.main(arguments, plugins=[self._plugin])
            self._plugin.outbox.put(GraderFault(self._plugin.trouble or f"pytest ended with {code!r}"))
        except BaseException as error:
            self._plugin.outbox.put(error)


class _Plugin:
    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[tuple[Attempt, int, str | None] | None] = queue.SimpleQueue()
        self.outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.trouble = ""
        self._tests: list[Test] = []
        self._asker: Asker | None = None
        self._draw: np.random.Generator | None = None
        self.compared: dict[tuple[str, str], list[Comparison]] = {}
        self.recognised: dict[tuple[str, str], str] = {}

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module:
        return _TestFile.from_parent(parent, path=module_path)

    @pytest.fixture(name="attempt")
    def attempt_fixture(self) -> Asker | None:
        return self._asker

    @pytest.fixture(name="draw")
    def draw_fixture(self) -> np.random.Generator | None:
        return self._draw

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble = str(report.longrepr)[-2000:]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.trouble:
            return
        try:
            self._tests = _collected(session.items)
        except (GraderFault, OSError) as fault:
            self.trouble = str(fault)
            return
        self.outbox.put(list(self._tests))
        self._tests.sort(key=lambda test: test.lends)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.trouble:
            raise pytest.UsageError(self.trouble)
        while (task := self.inbox.get()) is not None:
            try:
                self.outbox.put(self._judge(*task))
            except BaseException as error:
                self.outbox.put(error)
        return True

    def _judge(self, attempt: Attempt, seed: int, only: str | None) -> dict[str, dict[str, Check]]:
        checks: dict[str, dict[str, Check]] = {}
        tests = [test for test in self._tests if only is None or test.exercise == only]
        self.compared, self.recognised = {}, {}
        handed: set[str] = set()
        for test in tests:
            earlier = checks.setdefault(test.exercise, {})
            lacking = [earlier[name] for name in test.worth.needs if earlier[name].verdict is not Verdict.passed]
            if lacking:
                earlier[test.name] = _check(test, Verdict.skipped, f"It counts once “{lacking[0].title}” passes.")
                continue
            if test.lends and handed - {test.exercise}:
                attempt.fresh()
                handed = set()
            if test.lends:
                handed.add(test.exercise)
            self._asker = Asker(attempt, test)
            self._draw = np.random.default_rng([seed, zlib.crc32(f"{test.exercise}::{test.name}".encode())])
            COMPARED.set(self.compared.setdefault((test.exercise, test.name), []))
            raised = _run(test, attempt=self._asker, draw=self._draw)
            if isinstance(raised, Recognised):
                self.recognised[test.exercise, test.name] = str(raised)
            shown = pytest.ExceptionInfo.from_exception(raised).exconly() if raised else ""
            earlier[test.name] = _verdict(test, raised, shown, attempt)
        if tests:
            _leave(tests[-1].item)
        return checks


class _TestFile(pytest.Module):
    """A test file, imported as a module of the package that `_package` makes: so it can say `from .oracle import x`."""

    def _getobj(self) -> ModuleType:
        try:
            return importlib.import_module(f"{PACKAGE_NAME}.{self.path.stem}")
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            raise self.CollectError(
                f"{self.path.name}: {type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno})"
            ) from error


def _run(test: Test, **ours: Any) -> BaseException | None:
    """Runs one test with our fixtures and gives what it raised, without pytest's reports, which take longer than most.

    Its module stays set up for the next test; pytest would else import it and set it up each time.
    """
    item = test.item
    standing = item.session._setupstate
    raised: BaseException | None = None
    try:
        if test.alone:
            item.funcargs = ours
        else:
            standing.teardown_exact(item)  # what an earlier test of another module has left
            for name in ("_instance", "_obj"):  # a method's object is of one submission
                vars(item).pop(name, None)
            item._initrequest()
            standing.setup(item)
        item.runtest()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # pytest.fail and its like are no Exception
        raised = error
    if not test.alone:
        try:
            standing.teardown_exact(item.parent)  # type: ignore[arg-type]
        except Exception as error:
            raised = raised or error
    return raised


def _leave(item: pytest.Function) -> None:
    """Fixtures of a module's scope end with the submission."""
    assert item.parent is not None
    item.session._setupstate.teardown_exact(item.parent.parent)  # type: ignore[arg-type]


def _package(folder: Path) -> None:
    """The folder as a package of a fixed name, whatever the folder is called, and whatever else is installed."""
    package = ModuleType(PACKAGE_NAME, f"The hidden tests in {folder}.")
    package.__path__ = [str(folder)]
    sys.modules[PACKAGE_NAME] = package


def _forget() -> None:
    """What was collected lives on in the tests; a judge that is made later in this process reads the files anew."""
    for name in [name for name in sys.modules if name == PACKAGE_NAME or name.startswith(f"{PACKAGE_NAME}.")]:
        del sys.modules[name]
    importlib.invalidate_caches()


@contextlib.contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    """The environment lacks these names for a while."""
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _collected(items: Sequence[pytest.Item]) -> list[Test]:
    """Raises `GraderFault` when there is no test, or one that needs what does not come before it."""
    tests = [_test(item) for item in items if isinstance(item, pytest.Function)]
    if not tests:
        raise GraderFault("there are none")
    earlier: set[tuple[str, str]] = set()
    for test in tests:
        for name in test.worth.needs:
            if (test.exercise, name) not in earlier:
                raise GraderFault(f"{test.exercise}::{test.name} needs {name}, which does not come before it")
        earlier.add((test.exercise, test.name))
    return tests


def _test(item: pytest.Function) -> Test:
    worth = getattr(item.function, MARK, None)
    if not isinstance(worth, Worth):
        raise GraderFault(f"{item.nodeid} has no @points")
    title = (item.function.__doc__ or "").strip().splitlines()[0].rstrip(".")
    path = Path(item.path)
    probes = path.with_name("probe_" + path.name.removeprefix("test_"))
    for fault in probe_faults(probes.read_text(encoding="utf-8")):
        raise GraderFault(f"{probes.name}: {fault}")
    alone = item.cls is None and OURS.issuperset(item.fixturenames)
    return Test(
        item,
        path.stem,
        item.name,
        title,
        worth,
        probes.read_text(encoding="utf-8"),
        bool(getattr(item.module, LENDS, False)),
        alone,
    )


def _verdict(test: Test, outcome: BaseException | None, shown: str, attempt: Attempt) -> Check:
    match outcome:
        case None:
            return _check(test, Verdict.passed)
        case Recognised():
            why = pytest.ExceptionInfo.from_exception(outcome.__cause__).exconly() if outcome.__cause__ else ""
            return _check(test, Verdict.failed, str(outcome), f"{shown}\n{why}")
        case AssertionError():
            return _check(test, Verdict.failed, "", shown)
        case TimedOut():
            return _check(test, Verdict.timed_out, str(outcome), shown)
        case Undefined():
            why = "" if outcome.removed_by else attempt.why_undefined(outcome.name)
            return _check(test, Verdict.skipped, f"{outcome} {why}".strip(), shown)
        case StudentFault():
            verdict = Verdict.failed if isinstance(outcome, Unfit) else Verdict.errored
            return _check(test, verdict, str(outcome), getattr(outcome, "detail", "") or shown)
        case GraderFault():
            raise outcome
        case _:
            raise GraderFault(f"The hidden test {test.exercise}::{test.name} is broken: {shown}") from outcome


def _check(test: Test, verdict: Verdict, told: str = "", detail: str = "") -> Check:
    """`told` is what happened, in words that a student may read; the hint follows it."""
    passed = verdict is Verdict.passed
    hint = None if passed else f"{told} {test.worth.hint}".strip()
    return Check(test.name, test.title, verdict, test.worth.points if passed else 0.0, test.worth.points, hint, detail)
