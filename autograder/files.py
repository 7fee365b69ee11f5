"""JSON that people can read too, for files that are written by the hundred."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.errors import GraderFault

PLAIN = json.JSONEncoder(ensure_ascii=False)
SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def read_text(path: Path) -> str:
    """The text of a file of the course. Raises `FileNotFoundError`, and `GraderFault` that names a file which may not
    be read or is no text."""
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise GraderFault(f"{path} is not text in UTF-8. Restore it from a copy.") from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file of the course. Raises `FileNotFoundError`, and `GraderFault` that names the file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise closed(path) from error
    except OSError as error:
        raise GraderFault(f"{path} cannot be read: {error.strerror or error}.") from error


def closed(path: Path) -> GraderFault:
    """What to say of a file or folder of the course that this account may not read."""
    try:
        owner = f"its owner, {path.owner()},"
    except (OSError, KeyError):
        owner = "its owner"
    return GraderFault(
        f"{path} may not be read by this account: permission denied. Ask {owner} to run: chmod g+rX {path}"
    )


def laid_out(value: Any, levels: int, *, sort: bool = False) -> str:
    """JSON with an item a line in the outermost `levels`; what lies deeper stands on its item's line.

    Python's own indentation goes to the last number, and takes ten times as long.
    """
    return _laid_out(value, levels, SORTED if sort else PLAIN, "\n")


def notebook_text(notebook: NotebookNode) -> str:
    """A notebook's file, a cell a line; the same for equal notebooks."""
    return laid_out(notebook, 2, sort=True) + "\n"


def _laid_out(value: Any, levels: int, encoder: json.JSONEncoder, line: str) -> str:
    inner = line + " "
    if levels and value and isinstance(value, dict):
        keys = sorted(value) if encoder.sort_keys else value
        items = (f"{encoder.encode(key)}: {_laid_out(value[key], levels - 1, encoder, inner)}" for key in keys)
        return f"{{{inner}{f',{inner}'.join(items)}{line}}}"
    if levels and value and isinstance(value, list):
        items = (_laid_out(item, levels - 1, encoder, inner) for item in value)
        return f"[{inner}{f',{inner}'.join(items)}{line}]"
    return encoder.encode(value)
