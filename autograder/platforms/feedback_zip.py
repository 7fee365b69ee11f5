"""Feedback pages as the zip that a platform takes back.

Canvas finds the student of a file by the pair of numbers in its name, and Moodle by the name of its folder: both are
those of the download, which `autograder collect` has kept.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.records.uploads import Upload, Uploads, read_uploads
from autograder.verdict import write_whole

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same pages are the same zip
MOODLE = re.compile(r"(?P<folder>.+?_\d+_assignsubmission_[a-z]+_?)(?:/.*|[^/]*)", re.DOTALL)


@dataclass(frozen=True)
class Packed:
    """A zip, where each student's page is in it, and who is left out because their platform takes no such zip."""

    content: bytes
    names: Mapping[str, str]
    left_out: tuple[str, ...]


def pack(pages: Mapping[str, bytes], uploads: Uploads, assignment: str) -> Packed:
    """Puts pages into the layout of the platform from which the submissions came.

    Arguments:
        pages: the page of each student, HTML.
        uploads: what was collected, from `read_uploads`. Where nothing was, a student's page is `ID/ASSIGNMENT.html`.
        assignment: its name.

    Where a class came from Canvas or Moodle, students who were not collected from there are left out, for the platform
    would not know whose their pages are.
    """
    platforms = {one.platform for student, one in uploads.students.items() if student in pages} & {"canvas", "moodle"}
    names: dict[str, str] = {}
    for student in sorted(pages):
        upload = uploads.students.get(student)
        place = _place(upload, assignment) if upload else None
        if place is None and not platforms:
            place = f"{student}/{assignment}.html"
        if place is not None and place not in names.values():
            names[student] = place
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, name in names.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, pages[student], zipfile.ZIP_DEFLATED)
    return Packed(packed.getvalue(), names, tuple(student for student in sorted(pages) if student not in names))


def write_pages(assignment: Assignment, pages: Mapping[str, Path], path: Path) -> Packed:
    """Writes the zip of these pages, whole or not at all, as the platform takes it that the class was collected from.

    Raises `GraderFault` where a page cannot be read or the zip not be written.
    """
    try:
        content = {student: page.read_bytes() for student, page in pages.items()}
    except OSError as error:
        raise GraderFault(f"{error.filename} cannot be read: {error.strerror or error}.") from error
    packed = pack(content, read_uploads(assignment.course, assignment.name), assignment.name)
    write_whole(path, packed.content)
    return packed


def _place(upload: Upload, assignment: str) -> str | None:
    """Where the platform looks for this student's page; None where it takes none. A group has one, its member's who has
    handed in."""
    if not upload.paths or upload.of:
        return None
    path = max(upload.paths, key=lambda one: one.lower().endswith(".ipynb"))
    if upload.platform == "canvas":
        return re.sub(r"(\.[^./]+)?$", ".html", path, count=1)
    if upload.platform == "moodle":
        found = MOODLE.fullmatch(path)
        return f"{found['folder'].rstrip('_')}/{assignment}.html" if found else None
    return None
