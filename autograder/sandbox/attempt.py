"""One sandboxed run of a submission: its cells, then the judge's questions."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import StudentFault
from autograder.sandbox import wire
from autograder.sandbox.sandbox import Child, Limits, Sandbox

RESERVE = 0.25  # of a submission's time is kept for questions once a cell has hung
SHARE = 4  # once something has hung, one more thing gets at most this part of what is left
LEAST = 0.5  # s; enough for any answer to a question that does not hang
OUT_OF_MEMORY = "MemoryError"
RESTARTS = 60  # children for one submission
SECOND_CHANCES = 2  # cells and questions that may be tried again, because the child may have been killed from outside
OVERTIME = 1.5  # of a submission's time, after which no cell is begun and no question asked
CUT = "... the outputs of this notebook are too many to keep ...\n"
KEPT_CAP = 48 * 2**20  # bytes, about, that the outputs kept of one submission take
PART = 64  # bytes that an object takes, however few characters it is written with


class Raised(StudentFault):
    """Student code raised while it answered. `detail` is the traceback, for staff."""

    def __init__(self, sentence: str, detail: str) -> None:
        super().__init__(sentence)
        self.detail = detail


class Undefined(StudentFault):
    """The notebook does not define the part `name` that was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not defined in the notebook.")
        self.name = name


class TimedOut(StudentFault):
    """No answer within the limit."""


class Crashed(StudentFault):
    """The child died, or spoke nonsense, while it answered."""


@dataclass(frozen=True)
class Cell:
    """A code cell to run. `name` is its grade_id, or a description; `own` where its text is the student's."""

    index: int
    source: str
    name: str
    own: bool = True


@dataclass
class Ran:
    """What one cell did."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    lost: bool = False  # it hung or killed its child, and is skipped in the children after it

    @property
    def error(self) -> str | None:
        errors = [item for item in self.outputs if item.get("output_type") == "error"]
        return str(errors[-1].get("ename"))[:80] if errors else None


class Attempt:
    """Use as a context manager; `run` the cells once, then `ask`.

    A cell or a question that hangs or kills its child costs only itself: the cells before it are run again in a
    fresh child without it. Where a child dies, what it was at is tried once more. All limits are wall time in seconds.
    """

    def __init__(self, sandbox: Sandbox, cells: Sequence[Cell], limits: Limits | None = None) -> None:
        self._sandbox = sandbox
        self._cells = cells
        self._limits = limits or Limits()
        self._child: Child | None = None
        self._restarts = 0
        self._started = time.monotonic()
        self._hung = False
        self._ready = 0  # cells of this list that the present child has been through
        self._sent: set[str] = set()
        self._kept = 0
        self._died: set[str] = set()  # what was under way when a child died
        self.ran: dict[int, Ran] = {}

    def __enter__(self) -> Attempt:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def run(self) -> None:
        """Runs every cell in order. Raises `SandboxFault` only."""
        self._catch_up(len(self._cells))

    def ask(self, exercise: str, source: str, probe: str, values: dict[str, Any] | list[dict[str, Any]],
            arrays: wire.Arrays) -> tuple[dict[str, Any], wire.Arrays]:
        """What probe `probe` of `source` observes. Raises a `StudentFault` when it cannot be observed.

        A list of `values` is as many questions: the answer to the first is under "0", its arrays are "0 NAME", as they
        are given.
        """
        if self._over():
            self._drop()
        else:
            self._catch_up(len(self._cells))
        if self._child is None:
            raise TimedOut("The time for this submission was used up.")
        seconds = self._seconds(self._limits.question, reserve=False)
        message = {"op": "probe", "exercise": exercise, "probe": probe, "values": values}
        if exercise not in self._sent:
            message["source"] = source
            self._sent.add(exercise)
        try:
            answer, found = self._child.ask(message, arrays, seconds)
        except wire.Late:
            self._lose()
            raise TimedOut(f"There was no answer within {seconds:.3g} s.") from None
        except (wire.Closed, wire.Malformed) as error:
            if isinstance(error, wire.Closed) and self._once_more(f"{exercise} {probe} {values}"):
                return self.ask(exercise, source, probe, values, arrays)
            self._lose()
            raise Crashed("The Python process died while your code ran.") from None
        if answer.get("error") == OUT_OF_MEMORY:
            self._drop()
        return _observed(answer, found)

    def fresh(self) -> None:
        """The next question is asked in a child that has seen no question yet."""
        self._drop()

    def why_undefined(self, name: str) -> str:
        """Why `name` may be missing: the student's cell that did not run to its end, best one that speaks of it."""
        stopped = [(cell, self.ran[cell.index].error) for cell in self._cells
                   if cell.own and cell.index in self.ran and self.ran[cell.index].error]
        stopped.sort(key=lambda found: name not in found[0].source)
        return f"The cell {stopped[0][0].name} stopped with {stopped[0][1]}." if stopped else ""

    def _catch_up(self, upto: int) -> None:
        while self._ready < upto:
            if self._child is None:
                if self._restarts >= RESTARTS:
                    return
                self._restarts += 1
                self._child = self._sandbox.fork(self._limits)
                self._ready = 0
            cell = self._cells[self._ready]
            before = self.ran.get(cell.index)
            if before is None and self._over():
                self.ran[cell.index] = _lost("SubmissionTimeoutError", "The time for this submission was used up "
                                             "before this cell.")
            elif before is None or not before.lost:
                ran = self._run_cell(cell)
                if ran is None:
                    continue
                if before is None or ran.lost:
                    self.ran[cell.index] = ran
                if ran.lost:
                    continue
            self._ready += 1

    def _run_cell(self, cell: Cell) -> Ran | None:
        """What the cell did; None where its child has died and it is to be tried again."""
        assert self._child is not None
        seconds = self._seconds(self._limits.cell, reserve=True)
        started = time.monotonic()
        try:
            answer, _ = self._child.ask({"op": "cell", "source": cell.source}, {}, seconds)
            outputs = answer["outputs"]
            if not (isinstance(outputs, list) and all(isinstance(item, dict) for item in outputs)):
                raise wire.Malformed("outputs are not a list of objects")
            ran = Ran(self._within_cap(outputs), time.monotonic() - started)
            if ran.error == OUT_OF_MEMORY:  # what filled it is still held: the cells after it get a fresh child
                ran.lost = True
                self._drop()
            return ran
        except wire.Late:
            ran = _lost("CellTimeoutError", f"This cell did not finish within {seconds:.3g} s and was skipped.")
            self._lose()
        except (wire.Closed, wire.Malformed, KeyError) as error:
            if isinstance(error, wire.Closed) and self._once_more(f"cell {cell.index}"):
                return None
            ran = _lost("DeadKernelError", "The Python process died in this cell, and the cell was skipped.")
            self._lose()
        ran.seconds = time.monotonic() - started
        return ran

    def _seconds(self, limit: float, reserve: bool) -> float:
        """The time for one more thing. Nothing is cut short before something has hung."""
        left = self._limits.submission - self._spent()
        if self._hung:
            kept = RESERVE * self._limits.submission if reserve else 0.0
            left = (left - kept) / SHARE
        return max(min(limit, left), min(LEAST, limit))

    def _spent(self) -> float:
        return time.monotonic() - self._started

    def _over(self) -> bool:
        return self._spent() > OVERTIME * self._limits.submission

    def _within_cap(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        text = json.dumps(outputs)
        self._kept += len(text) + PART * sum(map(text.count, "{[,"))
        if self._kept <= KEPT_CAP:
            return outputs
        return [{"output_type": "stream", "name": "stdout", "text": CUT}]

    def _once_more(self, what: str) -> bool:
        """True where the child died for the first time in this: a system short of memory may have killed it."""
        if what in self._died or len(self._died) >= SECOND_CHANCES:
            return False
        self._died.add(what)
        self._drop()
        return True

    def _lose(self) -> None:
        self._hung = True
        self._drop()

    def _drop(self) -> None:
        child, self._child, self._ready = self._child, None, 0
        self._sent.clear()
        if child is not None:
            child.end()


def _lost(name: str, sentence: str) -> Ran:
    return Ran([{"output_type": "error", "ename": name, "evalue": sentence, "traceback": [sentence]}], lost=True)


def _observed(answer: wire.Message, found: wire.Arrays) -> tuple[dict[str, Any], wire.Arrays]:
    kind = answer.get("op")
    if kind == "observed" and isinstance(answer.get("values"), dict):
        return answer["values"], found
    if kind == "undefined":
        raise Undefined(str(answer.get("name"))[:80])
    if kind == "raised":
        name, message = str(answer.get("error"))[:80], str(answer.get("message"))[:500]
        sentence = f"Your code raised {name}: {message}" if message else f"Your code raised {name}"
        raise Raised(sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.",
                     str(answer.get("traceback"))[:4000])
    raise Crashed("The Python process gave no sensible answer.")
