"""One sandboxed run of a submission: its cells, then the judge's questions."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.limits import Limits
from autograder.errors import GraderFault, StudentFault
from autograder.sandbox import memory
from autograder.sandbox.inside import wire
from autograder.sandbox.sandbox import GIVEN_BACK, Child, Sandbox
from autograder.submission.cells import SubmittedCell

RESERVE = 0.25  # of a submission's time is kept for questions once a cell has hung
SHARE = 4  # once something has hung, one more thing gets at most this part of what is left
LEAST = 0.5  # s; enough for any answer to a question that does not hang
OUT_OF_MEMORY = "MemoryError"
RESTARTS = 60  # children for one submission
SECOND_CHANCES = 2  # cells and questions that may be tried again, because the child may have been killed from outside
FOR_VERSIONS = 0.25  # of a submission's time is given on top for the student's versions of locked cells
OVERTIME = 1.5  # of a submission's time, after which no cell is begun and no question asked
CUT = "... the outputs of this notebook are too many to keep ...\n"
KEPT_CAP = 48 * 2**20  # bytes, about, that the outputs kept of one submission take
CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
NEWER = re.compile(r"Python (3\.\d{1,2}) accepts this; Python (3\.\d{1,2}) grades\.$")
NO_MODULE = re.compile(r"No module named '([\w.]{1,60})'")
PART = 64  # bytes that an object takes, however few characters it is written with


class Raised(StudentFault):
    """Student code raised while it answered. `detail` is the traceback, for staff."""

    def __init__(self, sentence: str, detail: str) -> None:
        super().__init__(sentence)
        self.detail = detail


class Undefined(StudentFault):
    """The notebook does not define the part `name` that was asked for. `removed_by` is the cell that has removed it."""

    def __init__(self, name: str, removed_by: str = "") -> None:
        removed = f"{name} was defined in the notebook, and the cell {removed_by} removed it again."
        super().__init__(removed if removed_by else f"{name} is not defined in the notebook.")
        self.name = name
        self.removed_by = removed_by


class TimedOut(StudentFault):
    """No answer within the limit."""


class Crashed(StudentFault):
    """The child died, or spoke nonsense, while it answered."""


@dataclass
class Ran:
    """What one cell did."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    lost: bool = False  # it hung or killed its child, and is skipped in the children after it

    @property
    def error(self) -> str | None:
        errors = self._errors
        return str(errors[-1].get("ename"))[:80] if errors else None

    @property
    def why(self) -> str:
        """What its error says that helps beside the error's name: a newer Python, a module that is not there."""
        told = str(self._errors[-1].get("evalue"))[:2000] if self._errors else ""
        newer = NEWER.search(told)
        if newer:
            return f": Python {newer[1]} accepts what stands there, and Python {newer[2]} grades"
        absent = NO_MODULE.match(told)
        return (
            f": there is no module {absent[1]} where it is graded; the notebook counts alone, without other files"
            if absent
            else ""
        )

    @property
    def _errors(self) -> list[dict[str, Any]]:
        return [item for item in self.outputs if item.get("output_type") == "error"]


class Attempt:
    """Use as a context manager; `run` the cells once, then `ask`.

    A cell or a question that hangs or kills its child costs only itself: the cells before it are run again in a
    fresh child without it. Where a child dies, what it was at is tried once more. All limits are seconds of wall time,
    without those that a child waits for a free core: a busy machine costs nobody a point.
    """

    def __init__(self, sandbox: Sandbox, cells: Sequence[SubmittedCell], limits: Limits | None = None) -> None:
        self._sandbox = sandbox
        self._cells = cells
        self._limits = limits or Limits()
        self._child: Child | None = None
        self._restarts = 0
        self._started = time.monotonic()
        self._hung = False
        self._on_versions = 0.0  # s spent on the student's versions of locked cells
        self._waited = 0.0  # s that children which have ended waited for a free core
        self._kills = 0  # of the system, for want of memory, before the present child was forked
        self._ended = 0  # how the last child ended
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

    def ask(
        self, exercise: str, source: str, probe: str, values: dict[str, Any] | list[dict[str, Any]], arrays: wire.Arrays
    ) -> tuple[dict[str, Any], wire.Arrays]:
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
            self._look_for_want_of_memory()
            raise Crashed("The Python process died while your code ran.") from None
        if answer.get("error") == OUT_OF_MEMORY:
            self._drop()
        return self._observed(answer, found)

    def fresh(self) -> None:
        """The next question is asked in a child that has seen no question yet."""
        self._drop()

    def why_undefined(self, name: str) -> str:
        """Why `name` may be missing: the student's cell that did not run to its end, best one that speaks of it."""
        stopped = [
            (cell, self.ran[cell.index].error)
            for cell in self._cells
            if cell.own and cell.index in self.ran and self.ran[cell.index].error
        ]
        stopped.sort(key=lambda found: (bool(found[0].version_of), name not in found[0].source))
        if not stopped:
            return ""
        cell, error = stopped[0]
        marker = CONFLICT.search(cell.source) if error == "SyntaxError" else None
        why = (
            f": it has git's conflict markers, the first in line {cell.source.count(chr(10), 0, marker.start()) + 1}"
            if marker
            else self.ran[cell.index].why
        )
        return f"The cell {cell.name} stopped with {error}{why}."

    def _observed(self, answer: wire.Message, found: wire.Arrays) -> tuple[dict[str, Any], wire.Arrays]:
        if answer.get("op") == "undefined":
            removed_by = [cell.name for cell in self._cells if cell.index == answer.get("removed_by")]
            raise Undefined(str(answer.get("name"))[:80], removed_by[0] if removed_by else "")
        return _observed(answer, found)

    def _catch_up(self, upto: int) -> None:
        while self._ready < upto:
            if self._child is None:
                if self._restarts >= RESTARTS:
                    return
                self._restarts += 1
                self._kills = memory.kills()
                self._child = self._sandbox.fork(self._limits)
                self._ready = 0
            cell = self._cells[self._ready]
            before = self.ran.get(cell.index)
            if before is None and self._over():
                self.ran[cell.index] = _lost(
                    "SubmissionTimeoutError", "The time for this submission was used up before this cell."
                )
            elif before is None or not before.lost:
                ran = self._run_cell(cell)
                if ran is None:
                    continue
                if before is None or ran.lost:
                    self.ran[cell.index] = ran
                if ran.lost:
                    continue
            elif cell.checks and not self._note_settings(cell):
                continue
            self._ready += 1

    def _run_cell(self, cell: SubmittedCell) -> Ran | None:
        """What the cell did; None where its child has died and it is to be tried again."""
        assert self._child is not None
        seconds = self._seconds(self._limits.cell, reserve=True)
        if cell.version_of and cell.index not in self.ran:
            seconds = min(seconds, FOR_VERSIONS * self._limits.submission - self._on_versions)
            if seconds < LEAST:
                return _lost("CellTimeoutError", "There was no time left for this version of a locked cell.")
        started = time.monotonic()
        try:
            answer, _ = self._child.ask(cell.message, {}, seconds)
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
            self._lose(by_version=bool(cell.version_of))
        except (wire.Closed, wire.Malformed, KeyError) as error:
            if isinstance(error, wire.Closed) and not cell.version_of and self._once_more(f"cell {cell.index}"):
                return None
            ran = _lost("DeadKernelError", "The Python process died in this cell, and the cell was skipped.")
            self._lose(by_version=bool(cell.version_of))
            self._look_for_want_of_memory()
        finally:
            if cell.version_of:
                self._on_versions += time.monotonic() - started
        ran.seconds = time.monotonic() - started
        return ran

    def _note_settings(self, cell: SubmittedCell) -> bool:
        """Tells the child that a check cell, which is skipped, would run here. False where the child has died."""
        assert self._child is not None
        try:
            self._child.ask({**cell.message, "source": ""}, {}, self._limits.question)
        except (wire.Late, wire.Closed, wire.Malformed):
            self._drop()
            return False
        return True

    def _seconds(self, limit: float, reserve: bool) -> float:
        """The time for one more thing. Nothing is cut short before something has hung."""
        left = self._limits.submission - self._spent()
        if self._hung:
            kept = RESERVE * self._limits.submission if reserve else 0.0
            left = (left - kept) / SHARE
        return max(min(limit, left), min(LEAST, limit))

    def _spent(self) -> float:
        """What counts of the time so far: not the versions of locked cells, and not the wait for a free core."""
        allowed = self._limits.submission
        spent = time.monotonic() - self._started - min(self._on_versions, FOR_VERSIONS * allowed)
        if spent < allowed / 2:  # far from every limit: nobody needs to know
            return spent
        waited = self._waited + (self._child.waited() if self._child is not None else 0.0)
        return spent - min(waited, GIVEN_BACK * allowed)

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

    def _lose(self, by_version: bool = False) -> None:
        self._hung = self._hung or not by_version
        self._drop()

    def _drop(self) -> None:
        child, self._child, self._ready = self._child, None, 0
        self._sent.clear()
        if child is not None:
            self._ended, waited = child.end()
            self._waited += waited

    def _look_for_want_of_memory(self) -> None:
        """Raises `GraderFault` where the system has killed the last child although it kept its own limit."""
        if self._ended == -signal.SIGKILL and memory.kills() > self._kills:
            raise GraderFault(
                "The system has killed the process in which the notebook ran: it is short of memory, and "
                f"a submission may use {self._limits.memory / 2**30:.1f} GB. Grade with fewer --workers, "
                "on a machine with more, or lower c.AutograderLimits.memory."
            )


def _lost(name: str, sentence: str) -> Ran:
    return Ran([{"output_type": "error", "ename": name, "evalue": sentence, "traceback": [sentence]}], lost=True)


def _observed(answer: wire.Message, found: wire.Arrays) -> tuple[dict[str, Any], wire.Arrays]:
    kind = answer.get("op")
    if kind == "observed" and isinstance(answer.get("values"), dict):
        return answer["values"], found
    if kind == "raised":
        name, message = str(answer.get("error"))[:80], str(answer.get("message"))[:500]
        sentence = f"Your code raised {name}: {message}" if message else f"Your code raised {name}"
        raise Raised(
            sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.", str(answer.get("traceback"))[:4000]
        )
    raise Crashed("The Python process gave no sensible answer.")
