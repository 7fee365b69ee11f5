"""An assignment on its way to a place where its course folder is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.folder import Folders


@dataclass(frozen=True)
class Bundle:
    """What grading needs of an assignment: the source notebook and the hidden tests, by their paths."""

    name: str
    notebook: bytes
    hidden_files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, assignment: Assignment) -> Bundle:
        return cls(assignment.name, assignment.source_path.read_bytes(), assignment.hidden_files)

    @property
    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each file with its path in a course folder of the usual layout."""
        yield f"source/{self.name}/{self.name}.ipynb", self.notebook
        for name, content in self.hidden_files:
            yield f"hidden/{self.name}/{name}", content

    def unpacked(self, course: Path) -> Assignment:
        """The assignment in a course folder of its own, which is made."""
        for name, content in self.files:
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            (course / name).write_bytes(content)
        return arrived(self.name, course)


def arrived(name: str, course: Path) -> Assignment:
    """An assignment that was unpacked into `course`, where no configuration has a say."""
    return Assignment(name, course, Folders.standard(course))
