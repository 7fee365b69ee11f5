"""What one student's files are: the notebook, what lies beside it, and what came instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.platforms.collect.archive import NotRead, sentence, unpacked
from autograder.platforms.collect.canvas import LAYOUT as CANVAS
from autograder.platforms.collect.canvas import first_name
from autograder.platforms.collect.layout import File
from autograder.records.uploads import TIMESTAMP
from autograder.submission.pickup import shown

FILES_CAP = 50  # files of one student that are kept
TOTAL_CAP = 100 * 2**20  # bytes of them
NAME_CAP = 200  # bytes of a file's name
KINDS = {
    "pdf": "a PDF",
    "py": "a Python script",
    "html": "a web page",
    "htm": "a web page",
    "doc": "a Word document",
    "docx": "a Word document",
    "txt": "a text file",
    "md": "a text file",
    "png": "a picture",
    "jpg": "a picture",
    "jpeg": "a picture",
    "heic": "a picture",
    "rar": "a RAR archive",
    "7z": "a 7z archive",
    "gz": "a packed file",
    "zip": "a zip",
}


@dataclass
class Sorted:
    """`files` are what is put into the student's folder. `right` is True where the notebook is among them; otherwise
    `instead` says what came. `raw` are the files as they were handed in, `earlier` an older notebook among them."""

    files: dict[str, bytes] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    earlier: list[bytes] = field(default_factory=list)
    right: bool = False
    renamed: str = ""
    instead: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    path: str
    content: bytes
    order: int

    @property
    def base(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def notebook(self) -> bool:
        return self.base.lower().endswith(".ipynb")


def sort_out(files: Sequence[File], platform: str, assignment: str, *, accept_names: bool) -> Sorted:
    """Reads one upload. Raises nothing, whatever is in it: what cannot be read is named in `notes`."""
    found, wanted = Sorted(), f"{assignment}.ipynb"
    pieces = _pieces([file for file in files if not file.text], found)
    found.raw = {piece.path: piece.content for piece in pieces}
    called = [
        piece
        for piece in pieces
        if wanted in (piece.base, first_name(piece.base) if platform == CANVAS.platform else piece.base)
    ]
    called.sort(key=lambda piece: (-piece.order, piece.path.count("/")))
    notebooks = [piece for piece in pieces if piece.notebook]
    chosen: _Piece | None = None
    if called and (len(called) == 1 or _before(called[0], called[1])):
        chosen = called[0]
        found.earlier = [piece.content for piece in called[1:] if piece.content != chosen.content]
    elif called:
        found.instead = f"{len(called)} notebooks of that name, and it is not said which one counts"
    elif accept_names and len(notebooks) == 1:
        chosen, found.renamed = notebooks[0], notebooks[0].base
    if chosen:
        found.right = True
        found.files[wanted] = chosen.content
    elif not found.instead:
        found.instead = _instead(pieces, notebooks, files, found)
    _beside([piece for piece in pieces if piece is not chosen and (not chosen or piece not in called)], found)
    return found


def _before(first: _Piece, second: _Piece) -> bool:
    return (first.order, -first.path.count("/")) > (second.order, -second.path.count("/")) or (
        first.content == second.content
    )


def _pieces(files: Sequence[File], found: Sorted) -> list[_Piece]:
    pieces = []
    for file in sorted(files, key=lambda file: not file.original.lower().endswith(".ipynb"))[: FILES_CAP * 4]:
        try:
            pieces.append(_Piece(file.original, file.entry.read(), file.order))
        except NotRead as why:
            found.notes.append(sentence(file.entry.path, str(why)))
    if any(piece.notebook for piece in pieces):
        return pieces
    inner: list[_Piece] = []
    for piece in pieces:
        if piece.base.lower().endswith(".zip"):
            inner += _unpacked(piece, found)
    return [*pieces, *inner]


def _unpacked(piece: _Piece, found: Sorted) -> list[_Piece]:
    """The files of a zip that the student has handed in, in which the notebook may lie."""
    try:
        listing = unpacked(piece.content)
    except NotRead as why:
        found.notes.append(sentence(piece.base, str(why).rstrip(".")))
        return []
    found.notes += [f"{shown(piece.base)}: {sentence(name, why)}" for name, why in listing.refused[:3]]
    if len(listing.refused) > 3:
        found.notes.append(f"{shown(piece.base)}: {len(listing.refused) - 3} more of its entries are not taken.")
    inner = []
    for entry in [one for one in listing.entries if one.path.lower().endswith(".ipynb")][:FILES_CAP]:
        try:
            inner.append(_Piece(entry.path, entry.read(), piece.order))
        except NotRead as why:
            found.notes.append(f"{shown(piece.base)}: {sentence(entry.path, str(why))}")
    return inner


def _instead(pieces: Sequence[_Piece], notebooks: Sequence[_Piece], files: Sequence[File], found: Sorted) -> str:
    if len(notebooks) == 1:
        return f"{shown(notebooks[0].base)} came instead"
    if notebooks:
        return f"{len(notebooks)} notebooks of other names came instead"
    if not pieces:
        if found.notes:
            return "the file cannot be read"
        return "a text that was typed in came instead" if any(file.text for file in files) else "the folder is empty"
    ending = pieces[0].base.rpartition(".")[2].lower()
    what = KINDS.get(ending, shown(pieces[0].base)) if len(pieces) == 1 else f"{len(pieces)} other files"
    if ending == "zip" and len(pieces) == 1:
        what = "a zip that cannot be read" if found.notes else "a zip without a notebook"
    return f"{what} came instead"


def _beside(pieces: Sequence[_Piece], found: Sorted) -> None:
    """What else was handed in goes beside the notebook, under names that are safe."""
    total = sum(map(len, found.files.values()))
    for piece in pieces:
        name = _safe(piece.base)
        if name.casefold() == TIMESTAMP:  # it would say when it was handed in, in the student's own words
            found.notes.append(f"{shown(piece.path)} is left out: the time of handing in is not the student's to say.")
            continue
        total += len(piece.content)
        if len(found.files) >= FILES_CAP or total > TOTAL_CAP:
            found.notes.append(f"more than {FILES_CAP} files or {TOTAL_CAP // 2**20} MB: the others are left out.")
            return
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name in found.files:
            number += 1
            name = f"{stem}-{number}{dot}{ending}" if stem else f"{ending}-{number}"
        found.files[name] = piece.content


def _safe(name: str) -> str:
    """A file's name that is one wherever it is written."""
    plain = "".join("_" if unicodedata.category(char) in ("Cc", "Cs") or char in "/\\" else char for char in name)
    plain = re.sub(r"^[.\s]+", "", plain).strip() or "file"
    while len(plain.encode()) > NAME_CAP:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[:-1]}.{ending}" if dot and len(stem) > 1 and len(ending) < 20 else plain[:-1]
    return plain
