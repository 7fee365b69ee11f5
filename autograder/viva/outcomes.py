"""What a notebook answers to the probes of the hidden tests, kept so that two notebooks can be compared."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from autograder.errors import GraderFault, StudentFault
from autograder.judging.judge import Judge
from autograder.sandbox.attempt import Attempt, TimedOut
from autograder.sandbox.inside import wire
from autograder.verdict import Exercise, Verdict

KEPT = 400  # numbers of one observation that are kept, from its beginning
FIRST = 3  # numbers that a question asks for
CLEAR = 0.1  # of the larger one of two numbers: a smaller difference is none that a person must know


@dataclass(frozen=True)
class Question:
    """One call of a probe: what it is given, in words.

    Arguments:
        key: the same for the same question, in any run.
        odd: how many of the things given are neither a number nor an array of numbers.
        size: how many numbers are given.
    """

    key: str
    exercise: str
    probe: str
    given: tuple[tuple[str, str], ...]
    odd: int
    size: int


@dataclass(frozen=True)
class Numbers:
    """What a probe observed under one name: its numbers, from the beginning, and how many there are."""

    values: tuple[float, ...]
    count: int
    last: float


@dataclass(frozen=True)
class Outcome:
    """All that was observed of a notebook.

    Arguments:
        seen: by question and by the name in the observation.
        questions: what was asked, by key.
        checks: (exercise, title) of each check, and its verdict.
        faults: what the notebook said in place of answers.
    """

    seen: Mapping[tuple[str, str], Numbers]
    questions: Mapping[str, Question]
    checks: Mapping[tuple[str, str], Verdict]
    faults: tuple[str, ...]


class Recorder:
    """Asks as an `Attempt` does, and keeps what came back. Where it is not `patient`, it ends with the first hang."""

    def __init__(self, attempt: Attempt, patient: bool) -> None:
        self._attempt = attempt
        self._patient = patient
        self.seen: dict[tuple[str, str], Numbers] = {}
        self.questions: dict[str, Question] = {}
        self.faults: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attempt, name)

    def ask(
        self, exercise: str, source: str, probe: str, values: dict[str, Any] | list[dict[str, Any]], arrays: wire.Arrays
    ) -> tuple[dict[str, Any], wire.Arrays]:
        try:
            seen, found = self._attempt.ask(exercise, source, probe, values, arrays)
        except StudentFault as fault:
            self.faults.append(str(fault))
            if isinstance(fault, TimedOut) and not self._patient:
                raise GraderFault("With the change, the code hangs.") from fault
            raise
        if isinstance(values, list):
            for number, each in enumerate(values):
                told = seen.get(str(number))
                self._keep(
                    _question(exercise, probe, each, _of(arrays, number)),
                    told if isinstance(told, dict) else {},
                    _of(found, number),
                )
        else:
            self._keep(_question(exercise, probe, values, arrays), seen, found)
        return seen, found

    def _keep(self, question: Question, told: Mapping[str, Any], found: wire.Arrays) -> None:
        self.questions[question.key] = question
        for name, numbers in _numbers(told, found):
            self.seen[question.key, name] = numbers


def observe(judge: Judge, attempt: Attempt, seed: int, *, patient: bool = True) -> tuple[Outcome, dict[str, Exercise]]:
    """Asks every hidden test's questions; what was observed, and the verdicts.

    Raises `GraderFault` where it is not `patient` and an answer does not come in time.
    """
    recorder = Recorder(attempt, patient)
    exercises = judge.judge(cast(Attempt, recorder), seed)
    checks = {(name, check.title): check.verdict for name, exercise in exercises.items() for check in exercise.checks}
    return Outcome(recorder.seen, recorder.questions, checks, tuple(recorder.faults)), exercises


def steady(one: Outcome, two: Outcome) -> Outcome:
    """What two runs of the same notebook agree in: of what it draws at random, nothing can be asked."""
    seen = {key: numbers for key, numbers in one.seen.items() if _same(numbers, two.seen.get(key))}
    checks = {key: verdict for key, verdict in one.checks.items() if two.checks.get(key) is verdict}
    return Outcome(seen, one.questions, checks, one.faults)


def differs(before: Numbers, after: Numbers) -> bool:
    """True where a person can see it in the first numbers, in the last one, or in how many there are."""
    if before.count != after.count:
        return True
    pairs = [*zip(before.values[:FIRST], after.values[:FIRST], strict=False), (before.last, after.last)]
    return any(_clear(a, b) for a, b in pairs)


def _clear(a: float, b: float) -> bool:
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.isfinite(a) != math.isfinite(b)
    return abs(a - b) > CLEAR * max(abs(a), abs(b)) and max(abs(a), abs(b)) > 1e-12


def _same(one: Numbers, two: Numbers | None) -> bool:
    if two is None or one.count != two.count:
        return False
    return bool(np.allclose((*one.values, one.last), (*two.values, two.last), rtol=1e-3, atol=1e-9, equal_nan=True))


def _of(arrays: wire.Arrays, number: int) -> wire.Arrays:
    """The arrays of one of several questions: they are called "NUMBER NAME"."""
    begins = f"{number} "
    return {name.removeprefix(begins): array for name, array in arrays.items() if name.startswith(begins)}


def _question(exercise: str, probe: str, values: Mapping[str, Any], arrays: wire.Arrays) -> Question:
    digest = hashlib.sha256(json.dumps([exercise, probe, values], sort_keys=True, default=str).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\0{name}\0{array.dtype}\0{array.shape}\0".encode() + np.ascontiguousarray(array).tobytes())
    given = [(name, _short(value)) for name, value in values.items()]
    given += [(name, _of_array(array)) for name, array in arrays.items()]
    odd = sum(not isinstance(value, int | float) for value in values.values())
    size = len(values) + sum(array.size for array in arrays.values())
    return Question(digest.hexdigest(), exercise, probe, tuple(given), odd, size)


def _short(value: Any) -> str:
    return number(value) if isinstance(value, float) else f"{value!s:.40}"


def _of_array(array: np.ndarray[Any, Any]) -> str:
    if array.dtype.kind not in "fiub":
        return f"{array.size} numbers"
    first = ", ".join(number(value) for value in array.reshape(-1)[:FIRST].astype(float).tolist())
    shape = " × ".join(map(str, array.shape))
    return first if array.size <= FIRST else f"{shape} numbers, {first}, …"


def number(value: float) -> str:
    """A number as one says it: three digits."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite" if value > 0 else "minus infinite"
    return f"{value:.3g}".replace("-", "−")


def _numbers(told: Mapping[str, Any], found: wire.Arrays) -> Iterator[tuple[str, Numbers]]:
    for name, value in told.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
            yield name, Numbers((float(value),), 1, float(value))
    for name, array in found.items():
        if array.size and array.dtype.kind in "fiu":
            flat = array.reshape(-1)
            values = tuple(flat[:KEPT].astype(np.float64).tolist())
            yield name, Numbers(values, int(array.size), float(flat[-1]))
