"""The zip that Gradescope takes: the kit, one assignment, and the versions that it is graded with here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from autograder.course.assignment import Assignment
from autograder.course.bundle import Bundle
from autograder.course.folder import limits
from autograder.platforms.gradescope import TERMS
from autograder.platforms.gradescope.options import options
from autograder.records.results import class_seed
from autograder.sandbox.sandbox import PACKAGE
from autograder.verdict import write_whole

KIT = "autograder-assignment-kit"
SCRIPTS = ("setup.sh", "run_autograder")  # what Gradescope starts, at the root of the zip
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same content is the same zip


def write_zip(assignment: Assignment, path: Path) -> None:
    """Writes the zip whole or not at all. It holds solutions, hidden tests and the seed of the class, so that its owner
    alone may read it.

    Raises `UsageError` for a configuration that cannot be read, `GraderFault` where the file cannot be written.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_files(assignment)):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = (0o100755 if name in SCRIPTS else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    write_whole(path, packed.getvalue(), mode=0o600)


def _files(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    here = Path(__file__).parent
    yield from ((name, (here / name).read_bytes()) for name in SCRIPTS)
    chosen = options(assignment.course)
    index = chosen.torch_index
    for name, lines in (
        ("requirements.txt", [*([f"--extra-index-url {index}"] if index else []), *required()]),
        ("constraints.txt", pinned(cpu=bool(index))),
    ):
        yield name, "".join(f"{line}\n" for line in lines).encode()
    # In the place of nbgrader_config.py, which may say how to get into a database.
    terms = {
        "assignment": assignment.name,
        "seed": class_seed(assignment.course, assignment.name),
        "limits": asdict(limits(assignment.course)),
        "isolation": "auto",
        "gradescope": asdict(chosen),
    }
    yield TERMS, json.dumps(terms, indent=2).encode() + b"\n"
    yield from ((f"course/{name}", content) for name, content in Bundle.of(assignment).files)
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"kit/{path.relative_to(PACKAGE.parent)}", path.read_bytes()


def required() -> list[str]:
    """What the kit says that it needs to grade."""
    return sorted(text for text in distribution(KIT).requires or () if _wanted(Requirement(text), ""))


def pinned(*, cpu: bool = False) -> list[str]:
    """The version of every package that grading imports, as it is installed here: others might grade otherwise.

    With `cpu` it is PyTorch's build for the CPU and no other: that one has a mark behind its version.
    A line counts where the Python there can have that version. Another 3.11 may be too old for some.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(KIT, "")]  # a name, and an extra of it or none
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        installed = distribution(name)
        version = installed.version.split("+")[0]  # torch says which build it is; another machine may need another
        if cpu and name == "torch":
            version += "+cpu"
        pythons = SpecifierSet(",".join(installed.metadata.get_all("Requires-Python", [])))  # not all say it
        marker = " and ".join(sorted(f'python_full_version {one.operator} "{one.version}"' for one in pythons))
        found[name] = f"{name}=={version}" + (f" ; {marker}" if marker else "")
        for wanted in map(Requirement, installed.requires or ()):
            if _wanted(wanted, extra):
                waiting += [(canonicalize_name(wanted.name), more) for more in ("", *wanted.extras)]
    del found[KIT]
    return [line for _, line in sorted(found.items())]


def _wanted(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
