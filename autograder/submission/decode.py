"""Reads the bytes of a notebook, in any format that can be told without a guess, into plain cells."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat

from autograder.submission.pickup import Refused, Unreadable

CELLS_CAP = 5000
TEXT_CAP = 8 * 2**20  # characters of all cells together: what is shown of them may be many times as long
PARTS_CAP = 3_000_000  # brackets and commas: they tell, before it is parsed, what a file costs in memory
OLD_FORMATS = (1, 2, 3)
FORMAT = 4
CELL_TYPES = ("code", "markdown", "raw")
CLAIMS = ("points", "grade", "solution", "locked", "task")  # what nbgrader's metadata say of a cell
IMAGES = ("image/png", "image/jpeg")  # attachments that are kept
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
CONFLICT = re.compile(r"^[ \t]*(<{7}) .*?^[ \t]*>{7} ", re.MULTILINE | re.DOTALL)
MARKER = re.compile(rb"^[ \t]*<{7} ", re.MULTILINE)  # editors indent it
SCRIPT = re.compile(r"^(?:import \w|from \w+ import |def \w+\(|class \w+|# %%)", re.MULTILINE)
KINDS = (  # what a file begins with, and what it is
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"RIFF", "sound, a picture or a film"),
    (b"ID3", "sound (MP3)"),
    (b"\x7fELF", "a program"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "a database"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"version https://git-lfs", "a pointer of Git LFS, without the notebook itself"),
    (b"\0\5\x16\7", "the shadow that macOS puts beside a file, without the notebook itself"),
    (b"bplist", "a property list of macOS, not the notebook itself"),
    (b"[InternetShortcut]", "a link to a web page"),
)
NOT_A_NOTEBOOK = "The file is JSON, but not a notebook."


@dataclass
class CellAsHandedIn:
    """A cell as it was handed in. `claims` are the student's word for what the assignment says of it."""

    cell_type: str
    source: str
    grade_id: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Decoded:
    """`flags` name each repair. Outputs, widget states and other metadata are not read: all is run anew."""

    cells: list[CellAsHandedIn]
    flags: list[str]


def decode(content: bytes, kernel: str) -> Decoded:
    """The cells of a notebook file; `kernel` is the one it should name. Raises `Unreadable` or `Refused`."""
    flags: list[str] = []
    data = _parsed(content, flags)
    found = _format_4(data, flags)
    _refuse_many(len(found))
    cells = [cell for cell in found if isinstance(cell, dict)]
    if len(cells) < len(found):
        flags.append(f"left out what is not a cell: {len(found) - len(cells)}")
    _look_at_ids(data, cells, flags)
    _look_at_kernel(data, kernel, flags)
    trouble: Counter[str] = Counter()
    handed = [_handed(cell, trouble) for cell in cells]
    if sum(len(cell.source) for cell in handed) > TEXT_CAP:
        raise Refused(f"The cells hold too much text, more than {TEXT_CAP / 2**20:.0f} MB.")
    marked = [str(at) for at, cell in enumerate(handed, 1) if "<<<<<<<" in cell.source and CONFLICT.search(cell.source)]
    if marked:
        flags.append(f"git's conflict markers in a cell: number {', '.join(marked[:10])}")
    flags += [f"{what}: {count} cell{'s' if count > 1 else ''}" for what, count in trouble.items()]
    return Decoded(handed, flags)


def _refuse_many(count: int) -> None:
    if count > CELLS_CAP:
        raise Refused(f"The notebook has {count} cells, where {CELLS_CAP} are the most that is read.")


def _parsed(content: bytes, flags: list[str]) -> dict[str, Any]:
    if not content.strip():
        raise Unreadable("The notebook file is empty.")
    kind = _kind(content)
    if kind:
        raise Unreadable(f"The notebook file is {kind}, not a notebook.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[:2] in (b"{\0", b"\0{"):
        raise Unreadable("The notebook file is text in UTF-16, and a notebook is UTF-8.")
    if sum(content.count(part) for part in (b"{", b"[", b",")) > PARTS_CAP:
        raise Refused("The notebook file holds too many values. Clear its outputs and hand it in again.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"The notebook file is not text in UTF-8.{_null_bytes(content)}") from None
    if content.startswith(b"\xef\xbb\xbf"):
        flags.append("byte order mark removed")
    try:
        data = json.loads(text)
    except RecursionError:
        raise Unreadable("The notebook file is nested too deeply.") from None
    except ValueError as error:
        marker = MARKER.search(content)
        if marker:
            line = content.count(b"\n", 0, marker.start()) + 1
            raise Unreadable(
                f"The notebook file has git's conflict markers, the first in line {line}. Decide between "
                "both versions, remove the markers, and hand it in again."
            ) from None
        if b"\0" in content:
            raise Unreadable(f"The notebook file is not JSON.{_null_bytes(content)}") from None
        if isinstance(error, json.JSONDecodeError) and _ends_too_early(error, text):
            raise Unreadable("The notebook file ends in the middle: it was cut off.") from None
        if text.lstrip().startswith("<"):
            raise Unreadable("The notebook file is a web page or other markup, not a notebook.") from None
        if SCRIPT.search(text):
            raise Unreadable("The notebook file is not JSON. It looks like a Python script.") from None
        where = f" Line {error.lineno} cannot be read." if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"The notebook file is not JSON.{where}") from None
    if not isinstance(data, dict):
        raise Unreadable(NOT_A_NOTEBOOK)
    if "cells" not in data and "worksheets" not in data and {"doc_id", "resource_id"} & set(data):
        raise Unreadable("The notebook file is a link to a document in Google Drive, without the notebook itself.")
    return data


def _kind(content: bytes) -> str:
    """What a file is that begins as no notebook does; "" for none of them."""
    kind = next((kind for start, kind in KINDS if content.startswith(start)), "")
    if kind == "a zip archive" and b"[Content_Types].xml" in content[:2000]:
        return "an Office document"
    if content[257:262] == b"ustar":
        return "a tar archive"
    return kind


def _null_bytes(content: bytes) -> str:
    if not content.strip(b"\0"):
        return " It holds nothing but null bytes: it was damaged when it was saved or copied."
    at = content.find(b"\0")
    return "" if at < 0 else f" It holds null bytes, the first in line {content.count(10, 0, at) + 1}: it was damaged."


def _ends_too_early(error: json.JSONDecodeError, text: str) -> bool:
    return text.lstrip().startswith("{") and (
        error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip())
    )


def _format_4(data: dict[str, Any], flags: list[str]) -> list[Any]:
    """The list of cells. A file of an old format is converted; any other with a list of cells is read as it is."""
    number = data.get("nbformat")
    if isinstance(number, int) and number in OLD_FORMATS and ("worksheets" in data or number == 1):
        _lighten(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data = nbformat.convert(nbformat.from_dict(data), FORMAT)
            cells = data["cells"]
        except Exception:  # the converters trust their input, and this one is anything
            raise Unreadable(f"The file says it is a notebook of format {number}, and is none.") from None
        flags.append(f"converted from notebook format {number}")
    else:
        cells = data.get("cells")
        if number != FORMAT and isinstance(cells, list):
            flags.append(f"read as notebook format {FORMAT}, which it does not say it is")
    if not isinstance(cells, list):
        raise Unreadable(NOT_A_NOTEBOOK)
    return cells


def _lighten(data: dict[str, Any]) -> None:
    """Empties the outputs of an old notebook, which nobody reads: the converters take long over each value."""
    sheets = data.get("worksheets")
    sheets = [data, *(sheets if isinstance(sheets, list) else [])]
    cells = [cell for sheet in sheets for cell in _list(_dict(sheet).get("cells"))]
    _refuse_many(len(cells))
    for cell in cells:
        if isinstance(cell, dict) and "outputs" in cell:
            cell["outputs"] = []


def _look_at_ids(data: dict[str, Any], cells: list[dict[str, Any]], flags: list[str]) -> None:
    """Cell ids are written anew in any case; where the format asks for them, what was wrong is said."""
    minor = data.get("nbformat_minor")
    if data.get("nbformat") != FORMAT or not isinstance(minor, int) or minor < 5:
        return
    ids = [cell["id"] for cell in cells if isinstance(cell.get("id"), str) and cell["id"]]
    if len(ids) < len(cells):
        flags.append(f"missing cell ids added: {len(cells) - len(ids)}")
    if len(set(ids)) < len(ids):
        flags.append(f"duplicate cell ids renamed: {len(ids) - len(set(ids))}")


def _look_at_kernel(data: dict[str, Any], kernel: str, flags: list[str]) -> None:
    named = _dict(_dict(data.get("metadata")).get("kernelspec")).get("name")
    if named is not None and named != kernel:
        flags.append("foreign kernel replaced")


def _handed(cell: dict[str, Any], trouble: Counter[str]) -> CellAsHandedIn:
    metadata = _dict(cell.get("metadata"))
    named = _dict(metadata.get("nbgrader"))
    grade_id = named.get("grade_id")
    right = (
        isinstance(cell.get("metadata", {}), dict)
        and isinstance(metadata.get("nbgrader", {}), dict)
        and isinstance(grade_id, str | None)
    )
    if not right:
        trouble["metadata of the wrong type ignored"] += 1
    return CellAsHandedIn(
        _cell_type(cell, trouble),
        _source(cell, trouble),
        grade_id if right else None,
        {key: named[key] for key in CLAIMS if key in named},
        _attachments(cell),
    )


def _cell_type(cell: dict[str, Any], trouble: Counter[str]) -> str:
    """Code is what says so or has an execution count: no code of a student is lost for a damaged label."""
    found = cell.get("cell_type")
    if isinstance(found, str) and found in CELL_TYPES:
        return found
    code = "execution_count" in cell or "outputs" in cell
    trouble["cell type missing or unknown, taken for " + ("code" if code else "text")] += 1
    return "code" if code else "markdown"


def _source(cell: dict[str, Any], trouble: Counter[str]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            trouble["lines that are not text left out"] += 1
        source = "".join(lines)
    if not isinstance(source, str) or "source" not in cell:
        trouble["source missing or not text"] += 1
        return ""
    if NO_TEXT.search(source):
        trouble["characters that are not text replaced"] += 1
        source = NO_TEXT.sub("\ufffd", source.replace("\x00", ""))
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _attachments(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Images pasted into a text cell."""
    kept = {}
    for name, bundle in _dict(cell.get("attachments")).items():
        images = {mime: value for mime, value in _dict(bundle).items() if mime in IMAGES and isinstance(value, str)}
        if images:
            kept[NO_TEXT.sub("\ufffd", name)] = images
    return kept


def _dict(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
