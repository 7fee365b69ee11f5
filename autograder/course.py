"""A course folder as its nbgrader_config.py describes it."""

from __future__ import annotations

import math
import os
import unicodedata
from dataclasses import fields
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader

from autograder.errors import UsageError
from autograder.sandbox.sandbox import Limits

SECTION = "AutograderLimits"
ID_CAP = 240  # bytes of a student's id: file names may have 255, and some are longer than the id


def settings(course: Path) -> Any:
    """nbgrader's application object for the folder: `.coursedir` has the folders and the database.

    Raises `UsageError` for a configuration that fails: nbgrader itself would go on without it, in another course.
    """
    app = NbGrader()
    app.log.setLevel("ERROR")
    app.raise_config_file_errors = True
    try:
        app.initialize([], root=str(course))
    except Exception as error:
        raise UsageError(f"nbgrader_config.py cannot be read: {type(error).__name__}: {error}") from error
    app.log.setLevel("ERROR")
    return app


def limits(course: Path) -> Limits:
    """What a submission may use: `c.AutograderLimits.cell = 60` and so on, in seconds and bytes.

    Raises `UsageError` for a limit that does not exist or is not a positive number.
    """
    section = dict(settings(course).config.get(SECTION, {}))
    known = {field.name for field in fields(Limits)}
    for name, value in section.items():
        if name not in known:
            raise UsageError(f"c.{SECTION}.{name} is not a limit; there are {', '.join(sorted(known))}.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise UsageError(f"c.{SECTION}.{name} must be a positive number, not {value!r}.")
    return Limits(**section)


def submitted(course: Path, assignment: str) -> dict[str, Path]:
    """The folder of each student who has one in `submitted/`, by student id, sorted."""
    root = course / "submitted"
    if not root.is_dir():
        return {}
    return {entry.name: Path(entry.path) / assignment for entry in sorted(os.scandir(root), key=lambda e: e.name)
            if (entry.is_dir() or entry.is_symlink()) and not entry.name.startswith(".")}  # a link will be refused


def unusable(student: str) -> str | None:
    """Why nothing can be graded under this name: nbgrader or the file system would stumble over it, class and all."""
    try:
        length = len(student.encode())
    except UnicodeEncodeError:
        return "The name of this folder is not text in UTF-8. Give it the student's id."
    if length > ID_CAP:
        return f"The name of this folder has more than {ID_CAP} bytes. Give it the student's id."
    if any(unicodedata.category(char) == "Cc" for char in student):
        return "The name of this folder holds line ends or other control characters. Give it the student's id."
    return None
