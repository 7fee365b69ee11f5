"""What was collected, of whom and from where: `downloaded/ASSIGNMENT/uploads.json`, and the versions beside it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.folder import settings
from autograder.errors import GraderFault
from autograder.files import laid_out
from autograder.verdict import write_whole

SCHEMA = 1
TIMESTAMP = "timestamp.txt"
BEGUN = ".collecting-"  # how the name of a student's folder begins that is not whole yet


@dataclass(frozen=True)
class Upload:
    """One student's upload as it was collected.

    Arguments:
        platform: of which layout the archive was; `key`: how the platform knows the student.
        paths: of the files in the archive, as the platform named them.
        time: when it was handed in (UTC, without a zone), or None.
        order: a later upload of the same student has a larger one, where the platform gives one.
        digest: names every byte of the files as they were handed in.
        right: True where the notebook is among them; otherwise `instead` says what came.
        of: whose upload it is, where a member of the student's group has handed it in.
    """

    platform: str
    key: str
    name: str
    archive: str
    paths: tuple[str, ...]
    late: bool
    time: datetime | None
    order: int
    digest: str
    right: bool
    instead: str
    of: str | None = None

    def to_data(self) -> dict[str, Any]:
        return {**asdict(self), "paths": list(self.paths), "time": self.time.isoformat(" ") if self.time else None}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Upload:
        time = datetime.fromisoformat(data["time"]) if data["time"] else None
        return cls(**{**data, "paths": tuple(data["paths"]), "time": time})


@dataclass
class Uploads:
    """All uploads of an assignment, by student. `folder` is where the record and the versions lie; `individual` is True
    once two members of a group have handed in each their own."""

    folder: Path
    students: dict[str, Upload] = field(default_factory=dict)
    individual: bool = False

    @property
    def path(self) -> Path:
        return self.folder / "uploads.json"

    def save(self) -> None:
        students = {name: one.to_data() for name, one in sorted(self.students.items())}
        data = {"schema": SCHEMA, "individual": self.individual, "students": students}
        write_whole(self.path, laid_out(data, 2) + "\n")


def read_uploads(course: Path, assignment: str) -> Uploads:
    """The record of what was collected, empty where nothing was. Raises `GraderFault` for one that is damaged."""
    named = settings(course)
    downloaded = str(named.config.get("ZipCollectApp", {}).get("downloaded_directory", "downloaded"))
    uploads = Uploads(course / downloaded / assignment)
    try:
        data = json.loads(uploads.path.read_bytes())
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']}")
        uploads.individual = bool(data["individual"])
        uploads.students = {str(name): Upload.from_data(one) for name, one in data["students"].items()}
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraderFault(
            f"{uploads.path} is damaged ({error}). Move it away and collect the archives again."
        ) from error
    return uploads


def digest(files: Mapping[str, bytes]) -> str:
    """Names every byte of these files."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{len(name.encode())}:{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def place(target: Path, files: Mapping[str, bytes], time: datetime | None, versions: Path) -> Path | None:
    """Puts a student's files where the grader looks, all at once; what was there before is kept in `versions`.

    Gives the folder of that version, None where there was nothing. Raises `GraderFault` where it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.is_symlink():
            raise GraderFault(f"{target.parent} is a link to somewhere else. Remove it.")
        for begun in target.parent.glob(f"{BEGUN}*"):  # of a run that was killed
            shutil.rmtree(begun)
        fresh = target.parent / f"{BEGUN}{secrets.token_hex(4)}"
        fresh.mkdir()
        for name, content in files.items():
            write_whole(fresh / name, content)
        if time is not None:
            write_whole(fresh / TIMESTAMP, stamped(time))
        kept = keep(target, versions)
        os.rename(fresh, target)
    except OSError as error:
        raise GraderFault(f"{target} cannot be written: {error.strerror or error}.") from error
    return kept


def keep(target: Path, versions: Path) -> Path | None:
    """Moves what lies at `target` to the next free number in `versions`."""
    if not os.path.lexists(target):
        return None
    versions.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name) for path in versions.iterdir() if path.name.isdigit()), default=0)
    shutil.move(target, versions / str(number))
    return versions / str(number)


def keep_earlier(files: Mapping[str, bytes], time: datetime | None, versions: Path) -> None:
    """Keeps an upload that does not count, once."""
    names = {*files, *([TIMESTAMP] if time else [])}
    for path in versions.iterdir() if versions.is_dir() else ():
        if {one.name for one in path.iterdir()} == names and all(
            (path / name).read_bytes() == content for name, content in files.items()
        ):
            return
    place(
        versions
        / str(
            1 + max((int(path.name) for path in versions.iterdir() if path.name.isdigit()), default=0)
            if versions.is_dir()
            else 1
        ),
        files,
        time,
        versions,
    )


def stamped(time: datetime) -> str:
    """A time as nbgrader writes it into timestamp.txt."""
    return f"{time.isoformat(' ')} UTC"
