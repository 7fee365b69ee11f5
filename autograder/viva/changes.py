"""One thing changed in a student's own cell: a statement gone, another number, another sign, two things swapped.

The audit's mutants change the reference and write it anew. These change a student's text where it stands, so that the
student knows it again, and only in ways that one can think through in a minute.
"""

from __future__ import annotations

import ast
import itertools
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 20_000  # characters of a cell in which something is changed
DEEPEST = 200  # brackets within brackets, and blocks within blocks, of a cell that is parsed
SIGNS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Lt: ("<", ">"),
    ast.Gt: (">", "<"),
    ast.LtE: ("<=", ">="),
    ast.GtE: (">=", "<="),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}
OTHER_NAMES = {
    "mean": "sum",
    "sum": "mean",
    "sin": "cos",
    "cos": "sin",
    "min": "max",
    "max": "min",
    "zeros": "ones",
    "ones": "zeros",
}
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """One change of a cell.

    Arguments:
        kind: what sort of change it is; questions of one sheet are of different kinds where that can be.
        words: what is done, as a sentence that begins with “If” goes on; `code` is what it ends with, if anything.
        lines: the first and the last line that it changes, counted from 1.
        source: the whole cell with the change.
    """

    kind: str
    words: str
    lines: tuple[int, int]
    source: str
    code: str = ""


class NotPython(Exception):
    """The cell cannot be changed; `str()` says why."""


def changes(source: str) -> list[Change]:
    """Every change of a cell, in the order of its lines. Raises `NotPython`."""
    if len(source) > LONGEST:
        raise NotPython(f"it has {len(source)} characters, and {LONGEST} are the most")
    cell = _Cell(source)
    found: dict[str, Change] = {}
    for change in cell.changes():
        if change.source != source and change.source not in found and _parsed(_plain(change.source)) is not None:
            found[change.source] = change
    return sorted(found.values(), key=lambda change: (change.lines, change.kind, change.source))


def _plain(source: str) -> str:
    """The text with `pass` in place of magics, line for line."""
    return MAGIC.sub(r"\1pass", source)


def _parsed(text: str) -> ast.Module | None:
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    indent = max((len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()), default=0)
    if deepest > DEEPEST or indent > 8 * DEEPEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python says of a student's text is no news here
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Cell:
    def __init__(self, source: str) -> None:
        tree = _parsed(_plain(source))
        if tree is None:
            raise NotPython("it cannot be read as Python")
        self._source = source
        self._tree = tree
        starts = [0]
        for line in source.split("\n"):
            starts.append(starts[-1] + len(line.encode()) + 1)
        self._starts = starts
        self._bytes = source.encode()
        self._magic = {number for number, line in enumerate(source.split("\n"), 1) if MAGIC.match(line)}

    def changes(self) -> Iterator[Change]:
        annotations = set(self._annotations())
        for node in _walk(self._tree, annotations):
            match node:
                case ast.BinOp():
                    yield from self._sign(node.op, node.left, node.right)
                case ast.Compare(ops=[op], comparators=[right]):
                    yield from self._sign(op, node.left, right)
                case ast.BoolOp(values=[left, right]):
                    yield from self._sign(node.op, left, right)
                case ast.AugAssign():
                    yield from self._sign(node.op, node.target, node.value, "=")
                case ast.UnaryOp(op=ast.USub()):
                    yield from self._replaced("sign", node, self._text(node.operand))
                case ast.Constant():
                    yield from self._constant(node)
                case ast.Call(args=[first, second, *_]) if not isinstance(first, ast.Starred | ast.GeneratorExp):
                    if not isinstance(second, ast.Starred) and self._text(first) != self._text(second):
                        yield from self._swapped(first, second)
                case ast.Attribute(attr=name) if name in OTHER_NAMES:
                    dotted = self._text(node)
                    yield from self._replaced("function", node, dotted[: -len(name)] + OTHER_NAMES[name])
            for block in _blocks(node):
                yield from self._in_block(node, block)

    def _annotations(self) -> Iterator[ast.AST]:
        for node in ast.walk(self._tree):
            for name in ("annotation", "returns"):
                if isinstance(getattr(node, name, None), ast.AST):
                    yield getattr(node, name)

    def _in_block(self, owner: ast.AST, block: list[ast.stmt]) -> Iterator[Change]:
        if isinstance(owner, ast.Module | ast.ClassDef):
            return  # what is defined there is asked for by name
        plain = [statement for statement in block if self._simple(statement)]
        for statement in plain:
            if isinstance(statement, ast.Return):
                continue
            first, last = self._lines(statement)
            indent = self._line(first)[: len(self._line(first)) - len(self._line(first).lstrip())]
            kept = [f"{indent}pass"] if len(block) == 1 else []
            yield Change(
                "statement", f"{self._named(first, last)} were deleted", (first, last), self._with(first, last, kept)
            )
        for one, two in itertools.pairwise(block):
            if one in plain and two in plain and not isinstance(two, ast.Return):
                (first, end), (begin, last) = self._lines(one), self._lines(two)
                if begin == end + 1:
                    moved = [self._line(number) for number in [*range(begin, last + 1), *range(first, end + 1)]]
                    words = (
                        f"lines {first} and {last} changed places"
                        if last == first + 1
                        else f"lines {first} to {end} and lines {begin} to {last} changed places"
                    )
                    yield Change("order", words, (first, last), self._with(first, last, moved))

    def _simple(self, node: ast.stmt) -> bool:
        """A statement that has its lines for itself, and does something that a question can be about."""
        if not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return):
            return False
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call | ast.Await):
            return False  # a docstring, say
        first, last = self._lines(node)
        alone = not self._line(first).encode()[: node.col_offset].strip()
        rest = self._line(last).encode()[node.end_col_offset or 0 :].strip()
        free = self._magic.isdisjoint(range(first, last + 1))
        return alone and free and (not rest or rest.startswith(b"#"))

    def _sign(self, op: ast.AST, left: ast.AST, right: ast.AST, after: str = "") -> Iterator[Change]:
        if type(op) not in SIGNS:
            return
        sign, other = SIGNS[type(op)]
        start, end = self._end(left), self._start(right)
        between = self._bytes[start:end].decode()
        if between.count(sign + after) == 1 and "#" not in between:
            put = between.replace(sign + after, other + after)
            yield self._put("sign", start, end, put)

    def _constant(self, node: ast.Constant) -> Iterator[Change]:
        value = node.value
        if isinstance(value, bool):
            yield from self._replaced("value", node, str(not value))
        elif isinstance(value, int) and abs(value) < 10**9:
            yield from self._replaced("value", node, {0: "1", 1: "2"}.get(value, str(2 * value)))
        elif isinstance(value, float) and abs(value) < 1e30:
            yield from self._replaced("value", node, repr(float(f"{2 * value:.6g}")) if value else "1.0")

    def _swapped(self, first: ast.expr, second: ast.expr) -> Iterator[Change]:
        start, end = self._start(first), self._end(second)
        between = self._bytes[self._end(first) : self._start(second)].decode()
        yield self._put("arguments", start, end, self._text(second) + between + self._text(first))

    def _replaced(self, kind: str, node: ast.AST, put: str) -> Iterator[Change]:
        yield self._put(kind, self._start(node), self._end(node), put)

    def _put(self, kind: str, start: int, end: int, put: str) -> Change:
        made = (self._bytes[:start] + put.encode() + self._bytes[end:]).decode()
        first = self._bytes[:start].count(b"\n") + 1
        last = first + self._bytes[start:end].count(b"\n")
        if first == last and made.count("\n") == self._source.count("\n"):
            return Change(kind, f"line {first} were", (first, last), made, made.split("\n")[first - 1].strip())
        was = self._bytes[start:end].decode().strip()
        return Change(kind, f"{self._named(first, last)} had, in place of “{was}”,", (first, last), made, put.strip())

    def _with(self, first: int, last: int, lines: list[str]) -> str:
        every = self._source.split("\n")
        return "\n".join([*every[: first - 1], *lines, *every[last:]])

    def _lines(self, node: ast.stmt) -> tuple[int, int]:
        return node.lineno, node.end_lineno or node.lineno

    def _line(self, number: int) -> str:
        return self._source.split("\n")[number - 1]

    @staticmethod
    def _named(first: int, last: int) -> str:
        return f"line {first}" if first == last else f"lines {first} to {last}"

    def _start(self, node: ast.AST) -> int:
        return int(self._starts[node.lineno - 1] + node.col_offset)  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return int(self._starts[node.end_lineno - 1] + node.end_col_offset)  # type: ignore[attr-defined]

    def _text(self, node: ast.AST) -> str:
        return self._bytes[self._start(node) : self._end(node)].decode()


def _walk(node: ast.AST, without: set[ast.AST]) -> Iterator[ast.AST]:
    """All nodes, in order, without those that only say a type, and without what stands in f-strings."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here in without or isinstance(here, ast.JoinedStr):
            continue
        yield here
        waiting += reversed(list(ast.iter_child_nodes(here)))


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
