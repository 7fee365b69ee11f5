"""Tables that a spreadsheet or a platform has written: read whatever their encoding and their separator.

A table keeps how each cell was written, so that a file can be filled in while all the rest stays as it is, to the byte.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError

SIZE_CAP = 32 * 2**20  # bytes of a table, which is read as a whole
SEPARATORS = ",;\t|"
BOMS = (  # the longer ones first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
KEPT_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)  # how Excel is told to keep the zeros of 00123
INVISIBLE = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{ZERO WIDTH SPACE}": "", "\ufeff": ""})
OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of an old kind"),
    (b"%PDF", "a PDF"),
)


@dataclass
class Cell:
    """`written` is the cell's text in the file, with its quotes; `value` is what it says."""

    written: str
    value: str


@dataclass
class Row:
    """`line` is the line of the file on which the row begins; `ending` are the characters that end it."""

    line: int
    cells: list[Cell]
    ending: str = ""

    @property
    def values(self) -> list[str]:
        return [cell.value for cell in self.cells]

    @property
    def blank(self) -> bool:
        return not any(value.strip() for value in self.values)


@dataclass
class Table:
    """`rows` holds every row, the heading included. `preamble` is what stands before them, such as Excel's `sep=;`."""

    path: Path
    bom: bytes
    encoding: str
    separator: str
    preamble: str
    rows: list[Row] = field(default_factory=list)

    def content(self) -> bytes:
        """The file's bytes: those that were read, but for cells that were changed since.

        Raises `UsageError` for a cell whose text the file's encoding does not have.
        """
        lines = [self.separator.join(cell.written for cell in row.cells) + row.ending for row in self.rows]
        try:
            return self.bom + (self.preamble + "".join(lines)).encode(self.encoding)
        except UnicodeEncodeError as error:
            raise UsageError(
                f"{self.path} is written in {self.encoding}, which does not have "
                f"{error.object[error.start : error.end]!r}. Save it as UTF-8."
            ) from error

    def put(self, row: Row, place: int, value: str) -> None:
        """Writes `value` into a cell, in quotes where the cell had them or where the value needs them."""
        cell = row.cells[place]
        quoted = cell.written.lstrip().startswith('"') or any(char in value for char in f'{self.separator}"\r\n')
        cell.value = value
        cell.written = '"' + value.replace('"', '""') + '"' if quoted else value


def read_table(path: Path) -> Table:
    """Reads CSV in UTF-8, UTF-16, Windows's or the Mac's encoding, with commas, semicolons, tabs or bars between cells.

    Raises `UsageError`, with the file's name and what to do, for what cannot be read or is no table.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_CAP + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    return parse_table(path, content)


def parse_table(path: Path, content: bytes) -> Table:
    """As `read_table`, for the bytes of a file; `path` is what messages call it."""
    if len(content) > SIZE_CAP:
        raise UsageError(f"{path} is larger than {SIZE_CAP // 2**20} MB: that is no table of a class.")
    for magic, kind in OTHER_KINDS:
        if content.startswith(magic):
            raise UsageError(f"{path} is {kind}. Save it as “CSV UTF-8” and use that file.")
    bom, encoding, text = _decoded(path, content)
    if "\0" in text:
        raise UsageError(f"{path} is not a text file. Save it as “CSV UTF-8”.")
    preamble, separator = "", None
    told = re.match(r"sep=(.)(\r\n|\n|\r)", text)
    if told:
        preamble, separator = told[0], told[1]
    text = text[len(preamble) :]
    table = Table(path, bom, encoding, separator or _separator(text), preamble)
    _split(table, text, 1 + bool(preamble))
    return table


def _decoded(path: Path, content: bytes) -> tuple[bytes, str, str]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            try:
                return bom, encoding, content[len(bom) :].decode(encoding)
            except UnicodeDecodeError as error:
                line = content[: len(bom) + error.start].count(b"\n") + 1
                raise UsageError(
                    f"{path}, line {line}: begins as {encoding.upper()} and goes on as something else. "
                    "Save it as “CSV UTF-8”."
                ) from error
    zeros = (content[:2000:2].count(0), content[1:2000:2].count(0))
    if max(zeros) > len(content[:2000]) / 8:  # UTF-16 without a mark
        encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        try:
            return b"", encoding, content.decode(encoding)
        except UnicodeDecodeError:
            pass
    mac = b"\r" in content and b"\n" not in content  # lines end so in files of old Macs and Excel's "CSV (Macintosh)"
    for encoding in ("utf-8", "mac-roman" if mac else "cp1252"):
        try:
            return b"", encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return b"", "latin-1", content.decode("latin-1")


def _separator(text: str) -> str:
    """The one that splits the heading into the most cells. Those in quotes do not count."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    plain = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=plain.count)


def _split(table: Table, text: str, line: int) -> None:
    """Cuts the text into rows and cells as RFC 4180 says: a quotation mark counts where a cell begins."""
    separator = re.escape(table.separator)
    cell = re.compile(rf'[ ]*"((?:[^"]|"")*)"[ ]*(?={separator}|\r|\n|\Z)|([^{separator}\r\n]*)')
    place, row = 0, Row(line, [])
    while place < len(text):
        found = cell.match(text, place)
        assert found is not None  # the second half also matches nothing
        opened = found[1] is None and found[2].lstrip(" ").startswith('"')
        if opened and not _closes(text, place):
            raise UsageError(f"{table.path}, line {line}: a quotation mark opens there and is never closed.")
        value = found[2] if found[1] is None else found[1].replace('""', '"')
        row.cells.append(Cell(found[0], value))
        line += len(re.findall(r"\r\n|\n|\r", found[0]))
        place = found.end()
        if text.startswith(table.separator, place):
            place += 1
            if place < len(text):
                continue
            row.cells.append(Cell("", ""))  # the file ends with a separator
        ending = re.compile(r"\r\n|\n|\r").match(text, place)
        row.ending = ending[0] if ending else ""
        place += len(row.ending)
        line += bool(ending)
        table.rows.append(row)
        row = Row(line, [])


def _closes(text: str, place: int) -> bool:
    """True where the quotation mark that opens at `place` has another one on its line: `"Jr." Smith`, say."""
    end = re.compile(r"[\r\n]|\Z").search(text, place)
    return text.count('"', place, end.start() if end else len(text)) > 1


def plain(value: str) -> str:
    """A cell's value without what spreadsheets add: blanks around it, `="..."` around digits."""
    stripped = value.translate(INVISIBLE).strip()
    kept = KEPT_AS_TEXT.match(stripped)
    return kept[1].strip() if kept else stripped
