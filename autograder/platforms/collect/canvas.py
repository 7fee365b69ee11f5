"""Canvas's "Download Submissions": `sortablename[_LATE]_USERID_FILEID_original.ext`, all in one folder.

The name is lower case without punctuation, and two students may share one: the pair of numbers says whose a file is. A
FILEID is given out once, so a larger one is a later upload. A file handed in again has `-1` before its ending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.platforms.collect.archive import Entry
from autograder.platforms.collect.layout import File, Layout, Situation

FIELDS = r"(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<original>.+)"
NAMED = re.compile(rf"(?P<name>[^_]*?){FIELDS}", re.DOTALL)
NAMED_OTHERWISE = re.compile(rf"(?P<name>.*){FIELDS}", re.DOTALL)  # with underscores in the name: the last pair
ANONYMOUS = re.compile(
    r"(?P<name>anon)(?P<late>_LATE)?_(?P<user>[A-Za-z0-9]+)_(?P<file>\d+)_(?P<original>.+)", re.DOTALL
)
WRITTEN = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<original>(?:text|link)\.html)", re.DOTALL)
AGAIN = re.compile(r"-\d{1,3}(?=\.[^.]+$)")


def _read(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
    return [_file(entry) for entry in entries]


def _file(entry: Entry) -> File | None:
    if len(entry.parts) != 1:
        return None
    # A name has no underscore, so the first pair counts: `1_notes.ipynb` is how a student may call a file.
    pairs = [found for found in (kind.fullmatch(entry.path) for kind in (NAMED, ANONYMOUS, NAMED_OTHERWISE)) if found]
    found = pairs[0] if pairs else WRITTEN.fullmatch(entry.path)
    if not found:
        return None
    name, fields = found["name"], found.groupdict()
    return File(
        entry,
        found["user"],
        found["original"],
        "" if name == "anon" else name,
        number=True,
        late=bool(found["late"]),
        order=int(fields.get("file") or 0),
        text=not pairs,
    )


def first_name(original: str) -> str:
    """The name of a file before Canvas put a number to it because it was handed in again."""
    return AGAIN.sub("", original)


LAYOUT = Layout("canvas", "canvas", "the files of Canvas's “Download Submissions”", _read)
