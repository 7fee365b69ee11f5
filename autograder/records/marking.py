"""The answers of a class to one question, to be marked by people: read, drawn for a second marker, and entered."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment, grade_id
from autograder.errors import GraderFault, UsageError
from autograder.records.agreement import Agreement
from autograder.records.gradebook import Gradebook
from autograder.records.marks import NEAR, read_marks
from autograder.records.results import class_seed, results_folder
from autograder.verdict import write_whole

SHARE = 10  # one answer of so many is for the second marker
FEWEST = 3  # answers for the second marker, where there are as many
OFFERED = 9  # comments that are offered again


@dataclass(frozen=True)
class Question:
    """What is asked: `text` stands above the answer, `scheme` is the instructor's own answer and how to mark."""

    name: str
    most: float
    text: str
    scheme: str


@dataclass(frozen=True)
class Answer:
    """One student's answer. `score` and `comment` are what a person has entered; `code` says that it is no prose."""

    student: str
    text: str
    code: bool
    score: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Agreed:
    """How far two markers agree. `pairs` are (student, first mark, second mark)."""

    drawn: int
    pairs: tuple[tuple[str, float, float], ...] = field(default_factory=tuple)

    @property
    def exact(self) -> int:
        return sum(abs(first - second) < NEAR for _, first, second in self.pairs)

    @property
    def mean_difference(self) -> float:
        """Second minus first, in points: above 0 the second marker is milder."""
        return round(statistics.fmean(second - first for _, first, second in self.pairs), 2) if self.pairs else 0.0

    @property
    def mean_distance(self) -> float:
        return round(statistics.fmean(abs(second - first) for _, first, second in self.pairs), 2) if self.pairs else 0.0


def question(assignment: Assignment, name: str) -> Question:
    """Raises `UsageError` for what is no question that people mark."""
    if name not in assignment.by_hand:
        known = ", ".join(assignment.by_hand) or "none"
        raise UsageError(f"{assignment.name} has no question {name!r} that people mark; there are: {known}.")
    cells = assignment.source.cells
    place = next(index for index, cell in enumerate(cells) if grade_id(cell) == name)
    above = next((cell.source for cell in reversed(cells[:place]) if cell.cell_type == "markdown"), "")
    return Question(name, assignment.by_hand[name], above, cells[place].source)


def answers(assignment: Assignment, asked: Question) -> list[Answer]:
    """The answers that people mark, in a drawn order that stays the same; those that were left empty are not there."""
    marks = read_marks(assignment)
    comments = _comments(assignment, asked.name)
    agreement = Agreement(assignment, marks)
    found = []
    for student, one in marks.items():
        mark = one.cells.get(asked.name)
        if mark is None or (mark.automatic is not None and mark.manual is None):
            continue
        text, code = _answer(agreement.notebook(student), asked.name)
        found.append(Answer(student, text, code, mark.manual, comments.get(student, "")))
    return sorted(found, key=lambda answer: _draw(assignment, asked, answer.student))


def offered(known: Sequence[Answer]) -> list[str]:
    """Comments that were given before, the most frequent first."""
    count = Counter(answer.comment.strip() for answer in known if answer.comment.strip())
    return [comment for comment, _ in count.most_common(OFFERED)]


def enter(assignment: Assignment, asked: Question, before: Answer, score: float | None, comment: str) -> Answer:
    """Enters a mark and a comment into the gradebook, in place of those of `before`.

    Raises `UsageError` for a mark that cannot be given, and where somebody else has marked it since.
    """
    _check(asked, score)
    with Gradebook(assignment) as gradebook:
        if not gradebook.mark(
            before.student, asked.name, score, comment or None, seen=(before.score, before.comment or None)
        ):
            raise UsageError("Somebody else has marked this answer since you opened it. Reload the page.")
    return replace(before, score=score, comment=comment)


def for_second_marker(assignment: Assignment, asked: Question, known: Sequence[Answer]) -> list[Answer]:
    """A drawn tenth of the answers, with the second marker's own marks in place of the first's."""
    given = _second_marks(assignment, asked)
    count = max(math.ceil(len(known) / SHARE), min(FEWEST, len(known)))
    drawn = sorted(known, key=lambda answer: _draw(assignment, asked, f"second {answer.student}"))[:count]
    return [
        replace(
            answer,
            score=given.get(answer.student, {}).get("score"),
            comment=given.get(answer.student, {}).get("comment", ""),
        )
        for answer in drawn
    ]


def enter_second(assignment: Assignment, asked: Question, before: Answer, score: float | None, comment: str) -> Answer:
    """Keeps the second marker's mark beside the results; the gradebook keeps the first one."""
    _check(asked, score)
    given = _second_marks(assignment, asked)
    given[before.student] = {"score": score, "comment": comment}
    write_whole(_second_path(assignment, asked), json.dumps(given, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return replace(before, score=score, comment=comment)


def agreed(assignment: Assignment, asked: Question) -> Agreed:
    """How far the second marker agrees with what stands in the gradebook."""
    known = answers(assignment, asked)
    first = {answer.student: answer.score for answer in known}
    drawn = for_second_marker(assignment, asked, known)
    pairs = [
        (answer.student, one, answer.score)
        for answer in drawn
        if answer.score is not None and (one := first[answer.student]) is not None
    ]
    return Agreed(len(drawn), tuple(sorted(pairs, key=lambda pair: (-abs(pair[1] - pair[2]), pair[0]))))


def _check(asked: Question, score: float | None) -> None:
    if score is not None and not 0 <= score <= asked.most:
        raise UsageError(
            f"{asked.name} has 0 to {asked.most:g} points. More is extra credit: enter it in the Formgrader."
        )


def _answer(path: Path, name: str) -> tuple[str, bool]:
    """The answer as it stands in `autograded/`, where it was cleaned, and whether it is code."""
    try:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
                return "".join(cell["source"]), cell["cell_type"] == "code"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraderFault(f"{path} cannot be read: {error}. Run “autograder grade” again.") from error
    raise GraderFault(f"{path} has no cell {name!r}. Run “autograder grade” again.")


def _comments(assignment: Assignment, name: str) -> dict[str, str]:
    with Gradebook(assignment) as gradebook:
        return gradebook.comments(name)


def _draw(assignment: Assignment, asked: Question, student: str) -> str:
    """Where an answer stands in the drawn order: no id and no alphabet can be read from it."""
    seed = class_seed(assignment.course, assignment.name)
    return hashlib.sha256(f"{seed}\0{asked.name}\0{student}".encode()).hexdigest()


def _second_path(assignment: Assignment, asked: Question) -> Path:
    return results_folder(assignment.course, assignment.name) / "marking" / f"{asked.name}.second.json"


def _second_marks(assignment: Assignment, asked: Question) -> dict[str, Any]:
    path = _second_path(assignment, asked)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise GraderFault(f"{path} cannot be read: {error}") from error
    return dict(found)
