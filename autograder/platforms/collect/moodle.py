"""Moodle's "Download all submissions": a folder `Full Name_UNIQUEID_assignsubmission_file` for each student.

Before 4.1 the folder's name ended with `_`; where a teacher has switched folders off, the file's name follows it. The
number belongs to one student in one assignment: the grading worksheet calls it "Participant 4711". In a group
assignment the group's name stands in front, `Group-Full Name`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.platforms.collect.archive import Entry
from autograder.platforms.collect.layout import File, Layout, Situation

FOLDER = re.compile(r"(?P<name>.*)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?", re.DOTALL)
FLAT = re.compile(r"(?P<name>.*?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_(?P<original>.+)", re.DOTALL)
TYPED = "onlinetext"


def _read(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
    return [_file(entry) for entry in entries]


def _file(entry: Entry) -> File | None:
    first, *rest = entry.parts
    found = FOLDER.fullmatch(first) if rest else FLAT.fullmatch(first)
    if not found:
        return None
    original = "/".join(rest) or found["original"]
    return File(entry, found["number"], original, found["name"], number=True, text=found["kind"] == TYPED)


LAYOUT = Layout("moodle", "moodle", "the folders of Moodle's “Download all submissions”", _read)
