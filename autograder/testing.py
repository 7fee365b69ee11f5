"""What a hidden test is written with: `points` and the `Observation` that a probe brings back.

A hidden test is an ordinary pytest function. The first line of its docstring is the title a student reads, the
hint of `points` says what to try. It gets two fixtures: `attempt`, to ask the student's notebook, and `draw`, a
`numpy.random.Generator` whose numbers a student cannot predict and a regrade repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from autograder.errors import StudentFault

Test = TypeVar("Test", bound=Callable[..., None])
Floats = npt.NDArray[np.float64]
MARK = "__autograder_points__"
DIMENSIONS = 32  # the most that NumPy broadcasts; beyond it a hidden test would stop with an error of its own
COMPARED: ContextVar[list[Comparison] | None] = ContextVar("COMPARED", default=None)  # a list of each check's own


@dataclass(frozen=True)
class Worth:
    points: float
    hint: str
    needs: tuple[str, ...]


def points(worth: float, *, hint: str, needs: Sequence[str] | str = ()) -> Callable[[Test], Test]:
    """Says what a hidden test is worth, what to try when it fails, and which checks must pass before it counts.

    `hint` is shown to students: it holds no expected value. `needs` names tests of the same file; when one of
    them has not passed, this check is skipped.
    """
    if worth < 0:
        raise ValueError("points are not negative")

    def mark(test: Test) -> Test:
        if not (test.__doc__ or "").strip():
            raise ValueError(f"{test.__name__} needs a docstring: its first line is the title that students read")
        setattr(test, MARK, Worth(float(worth), hint, (needs,) if isinstance(needs, str) else tuple(needs)))
        return test

    return mark


class Unfit(StudentFault):
    """What came back is of the wrong type, shape or size, or is not finite."""


class Recognised(AssertionError):
    """A check has failed, and what was found is what a known mistake gives. The message is its sentence."""


@contextmanager
def recognising(mistakes: Mapping[str, Callable[[], bool]]) -> Iterator[None]:
    """Within it, a check that fails says which known mistake the numbers speak of.

    Arguments:
        mistakes: by a sentence that a student reads, whether this mistake would give all that was found. The first
            that does is told; none is where nothing fails. A sentence says what is done wrong, and no expected value.

    Raises `Recognised` in place of the `AssertionError` or `Unfit` of what is within.

        seen = attempt.ask("forward", gain=2.0, x=x)
        with recognising({"The gain is added, not multiplied.": lambda: np.allclose(seen.array("y"), x + 2.0)}):
            assert SINGLE.admits(seen.array("y", x.shape), 2.0 * x)
    """
    try:
        yield
    except (AssertionError, Unfit) as failure:
        kept = COMPARED.set(None)  # what is tried here is no part of the verdict
        try:
            found = next((sentence for sentence, explains in mistakes.items() if _holds(explains)), None)
        finally:
            COMPARED.reset(kept)
        if found is None:
            raise
        raise Recognised(found) from failure


def _holds(explains: Callable[[], bool]) -> bool:
    try:
        with np.errstate(all="ignore"):
            return bool(explains())
    except Exception:  # it explains nothing that it cannot be computed for, and costs nobody a grade
        return False


class Observation:
    """What a probe brought back: a student's word, so it is checked before it is judged."""

    def __init__(self, values: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
        self._values = values
        self._arrays = arrays

    def array(self, name: str, shape: tuple[int, ...] | Sequence[tuple[int, ...]] | None = None) -> Floats:
        """Finite numbers as float64. `shape`: the one shape, or the shapes, that will do. Raises `Unfit`."""
        if name not in self._arrays:
            raise Unfit(f"A tensor was expected, but there was {self._values.get(name, 'nothing')!s:.80}.")
        found = self._arrays[name]
        if found.ndim > DIMENSIONS:
            raise Unfit(f"The result has {found.ndim} dimensions.")
        shapes = [shape] if isinstance(shape, tuple) else shape
        if shapes is not None and found.shape not in shapes:
            expected = " or ".join(map(str, shapes))
            raise Unfit(f"The shape is {found.shape}, but it should be {expected}.")
        numbers = found.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise Unfit("The result holds NaN or infinity.")
        return numbers

    def number(self, name: str) -> float:
        """One finite number. Raises `Unfit`."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                return float(value)
            except OverflowError:
                raise Unfit("The number is too large.") from None
        numbers = self.array(name)
        if numbers.size != 1:
            raise Unfit(f"One number was expected, but there were {numbers.size}.")
        return float(numbers.reshape(()))

    def flag(self, name: str) -> bool:
        return self._values.get(name) is True

    def text(self, name: str) -> str:
        return str(self._values.get(name))[:200]

    def names(self, name: str) -> list[str]:
        value = self._values.get(name)
        return [str(item)[:200] for item in value[:100]] if isinstance(value, list) else []


@dataclass(frozen=True)
class Tolerance:
    """How far a right answer may be from the judge's own, as a part of a scale given at each use.

    `why` is the derivation. There is no global default: each test names the tolerance that fits what it compares.
    """

    name: str
    part: float
    why: str

    def admits(self, found: npt.ArrayLike, expected: npt.ArrayLike, scale: npt.ArrayLike = 1.0) -> Comparison:
        """Largest difference, elementwise, against `part * scale`. Shapes broadcast; empty arrays agree."""
        off = np.abs(np.asarray(found, dtype=np.float64) - np.asarray(expected, dtype=np.float64))
        allowed = self.part * np.maximum(np.abs(np.asarray(scale, dtype=np.float64)), np.finfo(np.float64).tiny)
        with np.errstate(over="ignore"):
            ratios = off / allowed
        compared = Comparison(self.name, float(ratios.max()) if ratios.size else 0.0, expected)
        kept = COMPARED.get()
        if kept is not None:
            kept.append(compared)
        return compared


@dataclass(frozen=True)
class Comparison:
    """True when within the tolerance. `ratio` is the difference as a multiple of what is allowed."""

    tolerance: str
    ratio: float
    expected: npt.ArrayLike = field(default=0.0, compare=False, repr=False)

    def __bool__(self) -> bool:
        return self.ratio <= 1.0
