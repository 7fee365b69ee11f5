"""A course folder as its nbgrader_config.py describes it."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader

from autograder.course.limits import Limits
from autograder.errors import UsageError
from autograder.files import closed

SECTION = "AutograderLimits"
FOLDERS = "Autograder"  # c.Autograder.hidden_directory = "hidden" and so on: what nbgrader has no option for
STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"
OWN = ("hidden", "answers", "results")
SYSTEM_FOLDERS = frozenset(
    {  # that file systems, network drives and archives put beside those of students
        "__MACOSX",
        "@eaDir",
        "System Volume Information",
        "$RECYCLE.BIN",
        "lost+found",
        "#recycle",
        "#snapshot",
        "@Recycle",
        "@Recently-Snapshot",
        "Network Trash Folder",
        "Temporary Items",
        "__pycache__",
        "RECYCLER",
    }
)
UNFIT = frozenset("?%[]*{}$")  # in the path of a course: nbgrader makes patterns and addresses of it
PATTERN = frozenset("[*?")  # nbgrader looks for a student's files with these as a pattern, and finds none
ID_CAP = 240  # bytes of a student's id: file names may have 255, and some are longer than the id


def settings(course: Path) -> Any:
    """nbgrader's application object for the folder: `.coursedir` has the folders and the database.

    Raises `UsageError` for a configuration that fails: nbgrader itself would go on without it, in another course.
    """
    where = str(course.absolute())
    unfit = sorted(UNFIT.intersection(where))
    if unfit or not where.isprintable():
        raise UsageError(
            f"The folder {where!r} has {' '.join(unfit) or 'a control character'} in its name, with which "
            "nbgrader does not find what belongs to a course. Rename it."
        )

    class OfCourse(NbGrader):  # type: ignore[misc]
        """Reads the configuration of this course, wherever it is asked from."""

        load_cwd_config = False

        @property
        def config_file_paths(self) -> list[str]:
            here = os.getcwd()
            return [str(course), *(path for path in super().config_file_paths if path not in (here, str(course)))]

    app = OfCourse()
    app.log.setLevel("ERROR")
    app.raise_config_file_errors = True
    try:
        app.initialize([], root=str(course))
    except Exception as error:
        raise UsageError(f"nbgrader_config.py cannot be read: {type(error).__name__}: {error}") from error
    app.log.setLevel("ERROR")
    return app


@dataclass(frozen=True)
class Folders:
    """Where a course keeps its things: absolute paths. `Folders.of(course)` asks the configuration.

    `source` to `solutions` belong to the instructor, the rest holds students' work. `gradebook` is the database, where
    it is a file.
    """

    source: Path
    release: Path
    hidden: Path
    answers: Path
    solutions: Path
    submitted: Path
    autograded: Path
    results: Path
    feedback: Path
    gradebook: Path | None

    @classmethod
    def of(cls, course: Path) -> Folders:
        """The folders of a course as its configuration names them.

        Raises `UsageError` for a configuration that cannot be read, or that lays students' work out in another way than
        folder, student, assignment.
        """
        return _folders(course, _stamp(course))

    @classmethod
    def _asked(cls, course: Path) -> Folders:
        app = settings(course)
        known = app.coursedir
        if known.directory_structure != STRUCTURE:
            raise UsageError(
                f"c.CourseDirectory.directory_structure is {known.directory_structure!r} in "
                f"nbgrader_config.py; the kit knows only {STRUCTURE!r}. Leave the line out."
            )
        root = Path(known.root).absolute()
        section = dict(app.config.get(FOLDERS, {}))
        own = {}
        for name in OWN:
            value = section.get(f"{name}_directory", name)
            if not isinstance(value, str | Path) or not str(value).strip():
                raise UsageError(f"c.{FOLDERS}.{name}_directory must be the name of a folder, not {value!r}.")
            own[name] = root / value
        url = str(known.db_url)
        file = url.partition("?")[0].removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        return cls(
            root / known.source_directory,
            root / known.release_directory,
            own["hidden"],
            own["answers"],
            root / known.solution_directory,
            root / known.submitted_directory,
            root / known.autograded_directory,
            own["results"],
            root / known.feedback_directory,
            root / file if file else None,
        )

    @classmethod
    def standard(cls, course: Path) -> Folders:
        """The folders of a course without any configuration."""
        return cls(
            source=course / "source",
            release=course / "release",
            hidden=course / "hidden",
            answers=course / "answers",
            solutions=course / "solutions",
            submitted=course / "submitted",
            autograded=course / "autograded",
            results=course / "results",
            feedback=course / "feedback",
            gradebook=course / "gradebook.db",
        )

    @property
    def secret(self) -> Iterator[Path]:
        """What no student code may read: all but what is released to students."""
        yield from (
            self.source,
            self.hidden,
            self.answers,
            self.solutions,
            self.submitted,
            self.autograded,
            self.feedback,
            self.results,
        )
        if self.gradebook:
            yield self.gradebook


@lru_cache(64)
def _folders(course: Path, stamp: object) -> Folders:
    return Folders._asked(course)


def configured(course: Path) -> Any:
    """What `settings` gives, read once as long as nbgrader_config.py stays the same. It is shared: change nothing."""
    return _configured(course, _stamp(course))


@lru_cache(16)
def _configured(course: Path, stamp: object) -> Any:
    return settings(course)


def _stamp(course: Path) -> object:
    """Changes when the configuration does."""
    config = course / "nbgrader_config.py"
    stamp = config.stat() if config.is_file() else None
    return (stamp.st_mtime_ns, stamp.st_size) if stamp else None


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


def warm_imports(course: Path) -> list[str]:
    """Modules that the template process imports once, so that submissions need not: `c.Autograder.warm_imports`.

    Raises `UsageError` for what is no list of module names.
    """
    names = settings(course).config.get(FOLDERS, {}).get("warm_imports", [])
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f'c.{FOLDERS}.warm_imports must be a list of module names, such as ["pandas"], not {names!r}.')
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise UsageError(f"c.{FOLDERS}.warm_imports: {name!r} is not the name of a module.")
    return list(names)


def submitted(course: Path, assignment: str) -> dict[str, Path]:
    """The folder of each student who has one in `submitted/`, by student id, sorted."""
    root = Folders.of(course).submitted
    try:
        with os.scandir(root) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError as error:
        raise closed(root) from error
    return {
        entry.name: Path(entry.path) / assignment
        for entry in entries
        if (entry.is_dir() or entry.is_symlink())  # a link will be refused
        and not entry.name.startswith(".")
        and entry.name not in SYSTEM_FOLDERS
    }


def stray(course: Path, folder: Path) -> bool:
    """True for a folder in `submitted/` that has no folder of any assignment of the course: it may be no student's.

    `folder` is what `submitted` gives: that of one assignment, in the folder which is meant.
    """
    if folder.parent.is_symlink():
        return False
    try:
        known = {path.name for path in Folders.of(course).source.iterdir()} | {folder.name}
        return known.isdisjoint(os.listdir(folder.parent))
    except OSError:
        return False  # it will be said what it is


def shared(course: Path) -> bool:
    """True where several members of staff write to the course: `c.CourseDirectory.groupshared`."""
    return bool(settings(course).coursedir.groupshared)


def unusable(student: str) -> str | None:
    """Why nothing can be graded under this name: nbgrader or the file system would stumble over it, class and all."""
    try:
        length = len(student.encode())
    except UnicodeEncodeError:
        return "The name of this folder is not text in UTF-8. Give it the student's id."
    if length > ID_CAP:
        return f"The name of this folder has more than {ID_CAP} bytes. Give it the student's id."
    if not PATTERN.isdisjoint(student):
        return (
            "The name of this folder has one of [ * ? in it, which nbgrader takes for a pattern. Give it the "
            "student's id."
        )
    if any(unicodedata.category(char) == "Cc" for char in student):
        return "The name of this folder holds line ends or other control characters. Give it the student's id."
    return None
