"""Why checks did not pass: one cause for those that fail together, in words for the student.

A hidden check knows what it asked, not what went wrong: one mistake fails four to seven of them, and the hints of most
speak of code that is right. So the checks of an exercise that ask for the same parts are told together. The first
one carries the cause, as far as it was seen; the others refer to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from nbformat import NotebookNode

from autograder.course.assignment import check, grade_id, locked
from autograder.course.outline import Outline, defined
from autograder.sandbox.attempt import Ran
from autograder.verdict import Check, Exercise, Verdict

ROWS = ("Expected", "Found", "Look at")  # how a visible check says what it saw
ROW = re.compile(rf"\s*({'|'.join(ROWS)})\b:?\s+(\S.*)")
HUNG, DIED = ("CellTimeoutError", "SubmissionTimeoutError"), "DeadKernelError"
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|<ipython-input[^>]*>, ")
ARROW = re.compile(r"^-+>\s*\d+\s?(.*)$")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
COUNTS = re.compile(r"n_\w+|(?:\w+_)?(?:steps|iterations|epochs|iters)", re.IGNORECASE)
CAP = 1200  # characters of a hint
QUOTED_CAP = 200  # ... of what a student's error says, and of a line of code
NOT_WRITTEN, UNFINISHED, UNWRITTEN = "NotImplementedError", "Not finished yet", "Not written yet"


@dataclass(frozen=True)
class Found:
    """What one cell of the submission holds, and what came of it."""

    name: str  # grade_id, or "" for a cell that the student has added
    number: int  # in the notebook, from 1
    source: str
    ran: Ran
    own: bool

    @property
    def called(self) -> str:
        return f"cell {self.name}" if self.name else f"cell number {self.number}"


class Causes:
    """Finds the causes in one submission.

    Arguments:
        outline: of the assignment.
        notebook, ran: the submission, and what its cells gave, by index.
        hints: the advice of each check, by (exercise, check): what stands at the end of its hint.
        recognised: the known mistake that a check has seen in its numbers, by (exercise, check), as a sentence.
    """

    def __init__(
        self,
        outline: Outline,
        notebook: NotebookNode,
        ran: Mapping[int, Ran],
        hints: Mapping[tuple[str, str], str],
        recognised: Mapping[tuple[str, str], str] = MappingProxyType({}),
    ) -> None:
        self._outline = outline
        self._hints = hints
        self._recognised = recognised
        self._cells = [
            Found(grade_id(cell), index + 1, cell.source, ran.get(index, Ran()), not locked(cell))
            for index, cell in enumerate(notebook.cells)
            if cell.cell_type == "code"
        ]
        self._checks = {
            grade_id(cell): ran.get(index, Ran()) for index, cell in enumerate(notebook.cells) if check(cell)
        }
        self._defines = {name: cell for cell in self._cells if cell.own for name in defined(cell.source)}
        self._given = {
            name
            for cell in self._cells
            if not cell.own and cell.name not in self._checks
            for name in assigned(cell.source)
        }
        self._first_slow = ""  # the first exercise that gave no answer in time
        self._failing: dict[str, str] = {}  # parts that do not pass their own checks, and their exercise

    def tell(self, exercises: Mapping[str, Exercise]) -> dict[str, Exercise]:
        """The same verdicts, with hints that tell each cause once."""
        self._first_slow = next(
            (
                name
                for name, exercise in exercises.items()
                if any(one.verdict is Verdict.timed_out for one in exercise.checks)
            ),
            "",
        )
        self._failing = {
            part: name
            for name, exercise in exercises.items()
            for group in groups(self._outline, name, exercise)
            for part in self._parts(name, group)
        }
        return {name: self._causes_first(name, exercise) for name, exercise in exercises.items()}

    def _causes_first(self, name: str, exercise: Exercise) -> Exercise:
        found = groups(self._outline, name, exercise)
        hints: dict[str, str] = {}
        for group in found:
            first = lead(group)
            text, own_words = self._why(name, group, first, alone=len(found) == 1 or group is found[0])
            hints[first.name] = text
            for other in group:
                if other is not first:
                    hints[other.name] = self._following(name, first, other, own_words)
        return Exercise(
            tuple(
                check if check.name not in hints else replace(check, hint=hints[check.name][:CAP])
                for check in exercise.checks
            )
        )

    def _following(self, name: str, first: Check, other: Check, own_words: bool) -> str:
        told = f"Perhaps for the same reason as “{first.title}”: mend that first."
        advice = self._hints.get((name, other.name), "")
        if own_words and advice and other.verdict is not Verdict.skipped:  # nothing has named the mistake so far
            return f"{told} If this check still fails then: {advice}"
        return told

    def _why(self, name: str, group: Sequence[Check], first: Check, alone: bool) -> tuple[str, bool]:
        """The cause, and whether it is no more than the first check's own words."""
        parts = self._parts(name, group)
        if unwritten := self._unwritten(name, parts):
            return unwritten, False
        text, own_words = self._seen(name, group, first, parts, alone)
        if (used := self._uses(parts)) and not text.startswith(UNFINISHED):
            verb = "does not pass its own checks" if len(used) == 1 else "do not pass their own checks"
            told = (
                f"Your {_and(parts)} uses your {_and(used)}, which {verb} yet. "
                f"Mend {'that' if len(used) == 1 else 'those'} first: this may well pass then."
            )
            at = self._checks.get(name, Ran())
            seen = three_lines(at) if "\n" in text else []
            if seen:  # what another part has caused may look like a fault of this one: tell what was seen, no advice
                told = "\n".join(
                    [
                        f"{told} If it does not, this is what was seen here:",
                        *(f"{row}: {said}" for row, said in seen if row != ROWS[2]),
                    ]
                )
            return told, False
        if foreign := self._foreign(parts):
            text += f"\nYour {_and(parts)} reads {_and(foreign)} of the notebook, which its caller does not give it."
        return text, own_words

    def _seen(
        self, name: str, group: Sequence[Check], first: Check, parts: Sequence[str], alone: bool
    ) -> tuple[str, bool]:
        advice = self._hints.get((name, first.name), "")
        fact = ADDRESS.sub("", (first.hint or "").removesuffix(advice).strip())
        at = self._checks.get(name, Ran())
        if first.verdict is Verdict.skipped and (
            missing := [
                part for part in parts if part not in self._defines or fact.startswith(f"{part} is not defined")
            ]
        ):
            return self._undefined(missing[0]), False
        if any(check.verdict is Verdict.timed_out for check in group):
            return self._slow(name, parts, fact), False
        speaks = alone if not self._names_a_part(name, at) else any(_mentions(_said(at), part) for part in parts)
        if recognised := [sentence for check in group if (sentence := self._recognised.get((name, check.name)))]:
            seen = three_lines(at) if speaks else []
            return "\n".join([recognised[0], *(f"{row}: {text}" for row, text in seen if row != ROWS[2])]), False
        if speaks and (rows := three_lines(at)):
            return "\n".join(f"{row}: {text}" for row, text in rows), False
        if speaks and (said := _message(at)):
            return said, False
        if first.verdict is Verdict.errored:
            return self._raised(fact, first.detail, parts), False
        return " ".join(filter(None, [fact, advice])), True

    def _unwritten(self, name: str, parts: Sequence[str]) -> str | None:
        cells = list(dict.fromkeys(self._outline.cell_of[part] for part in parts if part in self._outline.cell_of))
        cells = cells or list(self._outline.cells.get(name, ()))
        held = {cell.name: cell for cell in self._cells}
        same = [cell for cell in cells if cell in held and held[cell].source == self._outline.given.get(cell)]
        elsewhere = all(part in self._defines and self._defines[part].name not in same for part in parts)
        if not cells or len(same) < len(cells) or (parts and elsewhere):
            return None
        return f"{UNWRITTEN}: the {_and(f'cell {cell}' for cell in same)} is as you got it."

    def _uses(self, parts: Sequence[str]) -> list[str]:
        """The parts of other exercises that these use, directly or not, and that fail checks of their own."""
        home = {self._outline.exercise_of.get(part) for part in parts}
        waiting, seen = list(parts), set(parts)
        while waiting:
            cell = self._defines.get(waiting.pop())
            known = self._defines.keys() | self._outline.cell_of.keys()
            used = (names(cell.source) & known if cell else set()) - seen
            seen |= used
            waiting += used
        return [part for part, exercise in self._failing.items() if part in seen and exercise not in home]

    def _foreign(self, parts: Sequence[str]) -> list[str]:
        """The instructor's own values that these functions read without being given them."""
        found: list[str] = []
        for part in parts:
            cell = self._defines.get(part)
            parsed = _parsed(cell.source) if cell else None
            own = [node for node in parsed.body if getattr(node, "name", None) == part] if parsed else []
            for node in own:
                bound = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
                bound |= {
                    item.id
                    for item in ast.walk(node)
                    if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load)
                }
                read = sorted(
                    (item.lineno, item.col_offset, item.id)
                    for item in ast.walk(node)
                    if isinstance(item, ast.Name) and item.id in self._given - bound
                )
                found += [name for _, _, name in read]
        return list(dict.fromkeys(found))

    def _waits(self, parts: Sequence[str]) -> bool:
        """True where one of these has a loop that may never end."""
        cells = [self._defines[part] for part in parts if part in self._defines]
        return any(_mentions(cell.source, "while") for cell in cells)

    def _undefined(self, part: str) -> str:
        cell = self._defines.get(part) or next(
            (
                cell
                for cell in self._cells
                if cell.own
                and cell.ran.error
                and (cell.name == self._outline.cell_of.get(part) or _mentions(cell.source, part))
            ),
            None,
        )
        if cell is None:
            return (
                f"No cell of your notebook defines {part}. Is the name written exactly like this, and does the "
                "line begin at the left edge?"
            )
        error = cell.ran.error
        if error in HUNG:
            return f"There is no {part}: the {cell.called} did not come to its end in time. {self._loop(part)}"
        if error == DIED:
            return f"There is no {part}: the Python process died in the {cell.called}."
        if error:
            told = f"{error}{cell.ran.why}" if cell.ran.why else self._error(cell.ran)
            return f"There is no {part}: the {cell.called} stopped with {told}."
        return f"There is no {part} after all cells have run: does a later cell delete it?"

    def _slow(self, name: str, parts: Sequence[str], fact: str) -> str:
        hung = next((cell for cell in self._cells if cell.own and cell.ran.error in HUNG), None)
        part = next(iter(parts), "")
        if self._first_slow not in ("", name) and not self._waits(parts):
            other = next((part for part, home in self._failing.items() if home == self._first_slow), "another part")
            asked = _and(parts) or "your code"
            return (
                f"There was no answer in time from {asked}. Your {other} gave none either, and may have used up "
                "the time: mend that one first."
            )
        where = self._defines.get(part)
        if "used up" in fact and hung is not None and (where is None or hung.name != where.name):
            return (
                f"There was no time left to try {_and(parts) or 'this'}: the {hung.called} took all of it. "
                f"Mend that one first. {self._loop(part)}"
            )
        return f"There was no answer in time from {_and(parts) or 'your code'}. {self._loop(part)}"

    def _loop(self, part: str) -> str:
        cell = self._defines.get(part)
        found = names(cell.source) if cell else set()
        arguments = (
            {item.arg for item in ast.walk(parsed) if isinstance(item, ast.arg)}
            if cell and (parsed := _parsed(cell.source))
            else set()
        )
        counts = sorted(name for name in arguments | found if COUNTS.fullmatch(name))
        exactly = f" does not take exactly {counts[0]} steps" if counts else " never comes to its end"
        where = f" in the {cell.called}" if cell else ""
        return f"Look{where} for a loop that{exactly}."

    def _raised(self, fact: str, detail: str, parts: Sequence[str]) -> str:
        line = self._own_line([line.strip() for line in detail.splitlines()])
        cell = self._defines.get(next(iter(parts), ""))
        if NOT_WRITTEN in fact and cell and f"raise {NOT_WRITTEN}" in cell.source:
            return f"{UNFINISHED}: the line raise {NOT_WRITTEN}() still stands in the {cell.called}."
        return f"{fact} It happened in the line “{line}”." if line else fact

    def _error(self, ran: Ran) -> str:
        """The last error of a cell, and the student's own line that it came from."""
        error = [item for item in ran.outputs if item.get("output_type") == "error"][-1]
        said = _short(f"{error.get('ename')}: {error.get('evalue')}".removesuffix(": "))
        trace = error.get("traceback")
        lines = [
            ANSI.sub("", str(line))
            for part in (trace if isinstance(trace, list) else [])
            for line in str(part).splitlines()
        ]
        line = self._own_line([found[1].strip() for found in map(ARROW.match, lines) if found])
        return f"{said}, in the line “{line}”" if line else said

    def _own_line(self, lines: Sequence[str]) -> str:
        """The last of these lines of code that stands in a cell of the student's own."""
        own = {line.strip() for cell in self._cells if cell.own for line in cell.source.splitlines() if line.strip()}
        return next((_short(line) for line in reversed(lines) if len(line) > 3 and line in own), "")

    def _parts(self, name: str, group: Sequence[Check]) -> list[str]:
        asked = frozenset().union(*(self._outline.asks.get((name, check.name), frozenset()) for check in group))
        return [part for part in self._outline.parts.get(name, ()) if part in asked]

    def _names_a_part(self, name: str, at: Ran) -> bool:
        return any(_mentions(_said(at), part) for part in self._outline.parts.get(name, ()))


def groups(outline: Outline, name: str, exercise: Exercise) -> list[tuple[Check, ...]]:
    """The checks of an exercise that did not pass, those together that ask for the same parts."""
    found: dict[frozenset[str], list[Check]] = {}
    for one in exercise.checks:
        if one.verdict is not Verdict.passed:
            found.setdefault(outline.asks.get((name, one.name), frozenset()), []).append(one)
    return [tuple(group) for group in found.values()]


def lead(group: Sequence[Check]) -> Check:
    """The check of a group that carries its cause: the first that was asked, or the first."""
    return next((check for check in group if check.verdict is not Verdict.skipped), group[0])


def three_lines(ran: Ran) -> list[tuple[str, str]]:
    """What a visible check said, as (Expected, ...), (Found, ...), (Look at, ...); empty where it said nothing so."""
    rows: list[tuple[str, list[str]]] = []
    for line in _said(ran).splitlines():
        row = ROW.match(line)
        if row and (rows or row[1] == ROWS[0]):
            if any(name == row[1] for name, _ in rows):
                break
            rows.append((row[1], [row[2].strip()]))
        elif rows and line.startswith("     ") and line.strip():
            rows[-1][1].append(line.strip())
        elif rows:
            break
    return [(name, _short(" ".join(lines), 500)) for name, lines in rows] if len(rows) > 1 else []


def names(source: str) -> set[str]:
    """Every name that a piece of code reads."""
    parsed = _parsed(source)
    if parsed is None:
        return set(re.findall(r"[^\W\d]\w*", source))
    return {item.id for item in ast.walk(parsed) if isinstance(item, ast.Name)}


def assigned(source: str) -> set[str]:
    """The values that a cell gives a name, without functions, classes and imports."""
    parsed = _parsed(source)
    return {
        item.id
        for node in (parsed.body if parsed else [])
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for item in ast.walk(node)
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _message(ran: Ran) -> str:
    """The sentence of an assertion in a check cell; "" where there is none, or it is no sentence."""
    errors = [item for item in ran.outputs if item.get("output_type") == "error"]
    if not errors or errors[-1].get("ename") != "AssertionError":
        return ""
    said = _short(ANSI.sub("", str(errors[-1].get("evalue"))), 500)
    return said if " " in said else ""


def _said(ran: Ran) -> str:
    """What a check cell said: its error's message, or what it printed where there is none."""
    errors = [item for item in ran.outputs if item.get("output_type") == "error"]
    texts = [str(item.get("evalue")) for item in errors[-1:]] + [
        str(item.get("text")) for item in ran.outputs if item.get("output_type") == "stream"
    ]
    return ADDRESS.sub("", ANSI.sub("", next((text for text in texts if ROWS[0] in text), texts[0] if texts else "")))


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _short(text: str, most: int = QUOTED_CAP) -> str:
    text = " ".join(ADDRESS.sub("", text).split())
    return text if len(text) <= most else f"{text[:most]}…"


def _and(words: Sequence[str] | Iterator[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
