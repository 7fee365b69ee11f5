"""What lies in a zip or a folder that somebody else has filled: listed, checked and read so that nothing can escape.

Nothing is unpacked by name. An entry that is refused comes with a sentence, and the others are read all the same.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import UsageError
from autograder.submission.pickup import SIZE_CAP, shown

ENTRIES_CAP = 200_000  # entries of an archive
DIRECTORY_CAP = 64 * 2**20  # bytes of a zip's table of contents
TOTAL_CAP = 32 * 2**30  # bytes that an archive may unpack to
RATIO_CAP = 400  # times that an entry may grow, from RATIO_FREE bytes on
RATIO_FREE = 10 * 2**20
READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
UTF_8 = 0x800  # the flag of an entry whose name is UTF-8
UNICODE_PATH = 0x7075  # the extra field that has the name in UTF-8
JUNK = {
    "__macosx",
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
    ".ipynb_checkpoints",
    ".git",
    "system volume information",
    "$recycle.bin",
    "__pycache__",
}


class NotRead(Exception):
    """An entry that cannot be read; `str()` is why."""


@dataclass(frozen=True)
class Entry:
    """A file of an archive. `path` is relative, with `/` between its parts and nothing in it that leads out.

    `read` gives the content; it raises `NotRead` for what is damaged or too large.
    """

    path: str
    read: Callable[[], bytes] = field(compare=False)

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts


@dataclass
class Listing:
    """The files of an archive; `refused` has those that are not taken, with why. `junk` counts what systems add."""

    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    junk: int = 0


@contextmanager
def opened(path: Path) -> Iterator[Listing]:
    """The files of a zip or of a folder. Raises `UsageError`, with what to do, for one that cannot be read at all."""
    try:
        if path.is_dir():
            yield _of_folder(path)
            return
        with path.open("rb") as file:
            try:
                with _zip(file) as archive:
                    yield _of_zip(archive, path.stat().st_size)
            except NotRead as why:
                raise UsageError(f"{path} {why}") from why
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error


def unpacked(content: bytes) -> Listing:
    """The files of a zip that a student has handed in. Raises `NotRead` for one that cannot be read."""
    return _of_zip(_zip(io.BytesIO(content)), len(content))


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    start = file.read(4)
    for magic, kind in (
        (b"\x1f\x8b", "a gzip file"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a RAR archive"),
        (b"%PDF", "a PDF"),
    ):
        if start.startswith(magic):
            raise NotRead(f"is {kind}, and no zip. Pack it as a zip.")
    try:
        if _directory_size(file) > DIRECTORY_CAP:
            raise NotRead("has a table of contents that is too large to be read.")
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, NotImplementedError, EOFError) as error:
        why = "is not a zip" if start[:2] != b"PK" else "is damaged or was cut off"
        raise NotRead(f"{why}. Download it again.") from error
    if len(archive.infolist()) > ENTRIES_CAP:
        raise NotRead(f"has {len(archive.infolist())} entries, where {ENTRIES_CAP} are the most that are read.")
    return archive


def _directory_size(file: IO[bytes]) -> int:
    """Bytes of the table of contents as the end of the zip says; Python reads it as a whole."""
    file.seek(0, os.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 70_000))
    tail = file.read()
    place, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if place < 0:
        return 0  # Python will say that it is no zip
    (found,) = struct.unpack_from("<L", tail, place + 12)
    if found == 0xFFFFFFFF and wide >= 0:
        (found,) = struct.unpack_from("<Q", tail, wide + 40)
    return int(found)


def _of_zip(archive: zipfile.ZipFile, size: int) -> Listing:
    infos = archive.infolist()
    if sum(info.compress_size for info in infos) > size:
        raise NotRead("has entries that lie one over the other, as a zip bomb has. It is not read.")
    if sum(info.file_size for info in infos) > TOTAL_CAP:
        raise NotRead(f"would unpack to more than {TOTAL_CAP // 2**30} GB. It is not read.")
    listing, seen = Listing(), dict[str, int]()
    for info in infos:
        name = _name(info)
        why = None if info.is_dir() else _refusal(info)
        _add(listing, seen, name, why, info.is_dir() or name.endswith("/"), partial(_unzip, archive, info))
    return listing


def _refusal(info: zipfile.ZipInfo) -> str | None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "is a link to somewhere else, and links are not followed"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "is not a regular file"
    if info.flag_bits & ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in READ_METHODS:
        return f"is packed in a way that is not read (method {info.compress_type})"
    if info.file_size > SIZE_CAP:
        return f"is too large: {info.file_size / 2**20:.1f} MB, where {SIZE_CAP // 2**20} are the most that is read"
    if info.file_size > RATIO_FREE and info.file_size > RATIO_CAP * max(1, info.compress_size):
        return f"would unpack to more than {RATIO_CAP} times its size, as a zip bomb does"
    return None


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            content = file.read(SIZE_CAP + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError, struct.error) as error:
        raise NotRead("is damaged") from error
    if len(content) > SIZE_CAP:
        raise NotRead("is too large")
    return content


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name: UTF-8 where it can be, whatever the zip says of it, else the old code page of zips."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == UNICODE_PATH and size > 5 and len(extra) >= 4 + size:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    if info.flag_bits & UTF_8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _of_folder(root: Path) -> Listing:
    listing, seen, waiting = Listing(), dict[str, int](), [root]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            path = Path(entry.path)
            name = path.relative_to(root).as_posix()
            if entry.is_dir(follow_symlinks=False):
                if entry.name.casefold() in JUNK:
                    listing.junk += 1
                else:
                    waiting.append(path)
                continue
            why = None
            if entry.is_symlink():
                why = "is a link to somewhere else, and links are not followed"
            elif not entry.is_file(follow_symlinks=False):
                why = "is not a regular file"
            elif entry.stat(follow_symlinks=False).st_size > SIZE_CAP:
                why = f"is too large: {SIZE_CAP // 2**20} MB are the most that is read"
            _add(listing, seen, name, why, False, partial(_read, path))
            if len(listing.entries) > ENTRIES_CAP:
                raise UsageError(f"{root} has more than {ENTRIES_CAP} files.")
    listing.entries.sort(key=lambda entry: entry.path)
    return listing


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotRead("is not a regular file")
            content = file.read(SIZE_CAP + 1)
    except OSError as error:
        raise NotRead(f"cannot be read: {error.strerror or error}") from error
    if len(content) > SIZE_CAP:
        raise NotRead("is too large")
    return content


def _add(
    listing: Listing, seen: dict[str, int], raw: str, why: str | None, folder: bool, read: Callable[[], bytes]
) -> None:
    name = unicodedata.normalize("NFC", raw.encode("utf-8", "replace").decode("utf-8"))
    if "\\" in name and "/" not in name:
        name = name.replace("\\", "/")  # some programs on Windows write it so
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if any(part.startswith("._") or part.casefold() in JUNK for part in parts):
        listing.junk += 1
        return
    if name.startswith("/") or re.match(r"[A-Za-z]:[/\\]", name) or ".." in parts or not parts:
        listing.refused.append((name, "has a path that leads out of the archive"))
    elif any(unicodedata.category(char) == "Cc" for char in name):
        listing.refused.append((name, "has control characters in its name"))
    elif folder:
        return
    elif why:
        listing.refused.append(("/".join(parts), why))
    else:
        path = "/".join(parts)
        if path in seen:
            listing.refused.append((path, "is there twice; the last one counts"))
            listing.entries[seen[path]] = Entry(path, read)
        else:
            seen[path] = len(listing.entries)
            listing.entries.append(Entry(path, read))


def sentence(name: str, why: str) -> str:
    """What is said of an entry that was refused."""
    parts = [shown(part).strip("“”") for part in name.split("/")]
    return f"“{'/'.join(parts)}” {why}."
