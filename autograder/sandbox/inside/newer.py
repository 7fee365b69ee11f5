"""Says whether a newer Python would accept what this one does not: the student's may be newer than the grader's."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable

STRING = re.compile(r"""(?<!\w)([a-zA-Z]{0,2})('''|\"{3}|'|")""")
PREFIXES = frozenset({"", "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"})
TYPE = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(\[|=)", re.MULTILINE)
GENERIC = re.compile(r"\b(?:def|class)[ \t]+\w+[ \t]*\[")
SEVERAL = re.compile(r"^([ \t]*except\*?)[ \t]+([^():\n]+):", re.MULTILINE)
CLOSES = {"(": ")", "[": "]", "{": "}"}
TEXT_CAP = 200_000  # characters that are looked at
# What newer versions have added to modules that notebooks import.
ADDED = {
    "3.12": (
        "itertools.batched",
        "typing.override",
        "typing.TypeAliasType",
        "math.sumprod",
        "collections.abc.Buffer",
        "random.binomialvariate",
        "calendar.Month",
        "types.get_original_bases",
        "sys.monitoring",
        "asyncio.eager_task_factory",
    ),
    "3.13": (
        "copy.replace",
        "warnings.deprecated",
        "typing.TypeIs",
        "typing.ReadOnly",
        "typing.NoDefault",
        "math.fma",
        "queue.ShutDown",
        "asyncio.QueueShutDown",
        "types.CapsuleType",
    ),
    "3.14": (
        "annotationlib",
        "compression",
        "string.templatelib",
        "concurrent.interpreters",
        "functools.Placeholder",
        "heapq.heappush_max",
        "asyncio.capture_call_graph",
    ),
}


class _Odd(Exception):
    """This is not what a newer Python accepts, either."""


def accepted_from(source: str) -> str:
    """The first version of Python, such as "3.12", that accepts this source; "" where none is known to."""
    if len(source) > TEXT_CAP:
        return ""
    try:
        if _valid(source):
            return ""
        parts, newest = _without_strings(source)
        for version, step in STEPS:
            parts = [step(part) for part in parts]
            if version > newest and all(map(_valid, parts)):
                return version if _version(version) > sys.version_info[:2] else ""
    except (_Odd, ValueError, RecursionError, MemoryError):
        pass
    return ""


def added_in(message: str) -> str:
    """The version of Python that has what an import, or a look into a module, did not find; "" where none is known."""
    found = (
        re.match(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'", message)
        or re.match(r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'", message)
        or re.match(r"No module named '(?P<module>[\w.]+)'", message)
    )
    if not found:
        return ""
    full = ".".join(filter(None, (found["module"], found.groupdict().get("name"))))
    return next(
        (
            version
            for version, names in ADDED.items()
            if _version(version) > sys.version_info[:2]
            and any(full == name or full.startswith(f"{name}.") for name in names)
        ),
        "",
    )


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def _valid(source: str) -> bool:
    try:
        compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return False
    return True


def _without_strings(source: str) -> tuple[list[str], str]:
    """The source with an empty string for each string and no comments, and what stood in the braces of f-strings,
    each a source of its own. Second, the version before the one that knows the newest kind of string in it."""
    parts: list[str] = []
    newest = ["3.11"]
    parts.insert(0, _scan(source, parts, newest))
    return parts, newest[0]


def _scan(source: str, parts: list[str], newest: list[str]) -> str:
    out: list[str] = []
    at = 0
    while at < len(source):
        string = STRING.match(source, at)
        if string and string[1].lower() in PREFIXES:
            at = _after_string(source, string, parts, newest)
            out.append('b""' if "b" in string[1].lower() else '""')
        elif source[at] == "#":
            at = _line_end(source, at)
        elif source[at].isalnum() or source[at] == "_":
            end = at
            while (
                end < len(source)
                and (source[end].isalnum() or source[end] == "_")
                and not (end > at and STRING.match(source, end))
            ):
                end += 1
            out.append(source[at:end])
            at = end
        else:
            out.append(source[at])
            at += 1
    return "".join(out)


def _line_end(source: str, at: int) -> int:
    end = source.find("\n", at)
    return len(source) if end < 0 else end


def _after_string(source: str, string: re.Match[str], parts: list[str], newest: list[str]) -> int:
    prefix, quote, at = string[1].lower(), string[2], string.end()
    braces = "f" in prefix or "t" in prefix
    if "t" in prefix:
        newest[0] = "3.13"
    while not source.startswith(quote, at):
        if at >= len(source) or (source[at] == "\n" and len(quote) == 1):
            raise _Odd
        if source[at] == "\\" or (braces and source.startswith(("{{", "}}"), at)):
            at += 2
        elif braces and source[at] == "{":
            at = _after_field(source, at + 1, parts, newest)
        else:
            at += 1
    return at + len(quote)


def _after_field(source: str, at: int, parts: list[str], newest: list[str]) -> int:
    """`at` stands behind the opening brace; gives what stands behind the closing one."""
    begin, open_ones = at, []
    while True:
        if at >= len(source):
            raise _Odd
        char, string = source[at], STRING.match(source, at)
        if string and string[1].lower() in PREFIXES:
            at = _after_string(source, string, [], newest)
            continue
        if char == "#":
            at = _line_end(source, at)
            continue
        if char in CLOSES:
            open_ones.append(CLOSES[char])
        elif open_ones and char == open_ones[-1]:
            open_ones.pop()
        elif not open_ones and (char in "}:" or (char == "!" and source[at + 1 : at + 2] != "=")):
            break
        at += 1
    parts.append(f"({_scan(source[begin:at].rstrip().removesuffix('='), parts, newest).strip()}\n)")
    while source[at : at + 1] != "}":  # a conversion and a format, which may hold fields of its own
        if at >= len(source) or source[at] == "\n":
            raise _Odd
        at = _after_field(source, at + 1, parts, newest) if source[at] == "{" else at + 1
    return at + 1


def _without_types(source: str) -> str:
    """`type X = int`, `def f[T](x)` and `class A[T]` as an older Python writes them."""
    return _without(source, defaults=False)


def _without_defaults(source: str) -> str:
    """The same where a type parameter has a default, `class A[T = int]`."""
    return _without(source, defaults=True)


def _without(source: str, *, defaults: bool) -> str:
    at = 0
    while found := GENERIC.search(source, at):
        end = _closing(source, found.end() - 1)
        if "=" in source[found.end() : end] and not defaults:
            at = end
        else:
            source = source[: found.end() - 1] + source[end:]
    at = 0
    while found := TYPE.search(source, at):
        end = _closing(source, found.start(3)) if found[3] == "[" else found.start(3)
        if "=" in source[found.start(3) : end] and not defaults:
            at = end
        else:
            source = source[: found.start()] + f"{found[1]}{found[2]}" + source[end:]
    return source


def _closing(source: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`."""
    depth = 0
    for end in range(at, len(source)):
        depth += (source[end] in CLOSES) - (source[end] in CLOSES.values())
        if not depth:
            return end + 1
    raise _Odd


def _with_parentheses(source: str) -> str:
    return SEVERAL.sub(r"\1 (\2):", source)


STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("3.12", _without_types),
    ("3.13", _without_defaults),
    ("3.14", _with_parentheses),
)
