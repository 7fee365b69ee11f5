"""The code that students wrote into the solution cells, ready to be compared."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from copydetect import CodeFingerprint
from copydetect.utils import get_token_coverage

from autograder.course.assignment import Assignment, grade_id, solution
from autograder.submission.submission import Submission

GRAM = 15  # characters, names and strings counted as one: a shorter passage that two share says nothing
LONGEST = 20_000  # characters of a cell that is compared; the longest right answers have about 2,000
LEAST = 30  # characters of a student's own, names counted as one: with fewer there is nothing to compare
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
ODD = "\ufffd"


@dataclass
class Code:
    """What stands in one solution cell, and which students have it, word for word or with other names.

    `grams` has the hash of each passage of GRAM characters that is the student's own, by the place where it starts;
    `own` is how many characters these cover.
    """

    fingerprint: CodeFingerprint
    students: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def grams(self) -> Mapping[int, list[int]]:
        found: Mapping[int, list[int]] = self.fingerprint.hash_idx
        return found

    @property
    def own(self) -> int:
        return int(self.fingerprint.token_coverage)

    @property
    def length(self) -> int:
        """Characters, with each name and each string counted as one, without blanks and comments."""
        return len(self.fingerprint.filtered_code)


def fingerprint(text: str, released: Iterable[int] = ()) -> CodeFingerprint:
    """copydetect's fingerprint of Python code: names do not count, nor do comments, blanks and the passages `released`.

    Every passage is kept (a window of 1), so the outcome does not depend on how Python hashes text in this run. The
    released ones are taken out here: copydetect would also take out what stands twice in the text.
    """
    made = CodeFingerprint("cell.py", GRAM, 1, language="python", fp=io.StringIO(text))
    known = made.hashes.intersection(released)
    made.hashes -= known
    for gram in known:
        del made.hash_idx[gram]
    if len(made.offsets):  # copydetect counts from 0 again after the name of a class
        made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])
    made.token_coverage = get_token_coverage(made.hash_idx, GRAM, len(made.filtered_code))
    return made


def released_grams(assignment: Assignment) -> frozenset[int]:
    """The passages that everybody was given: code cells, and code in the text."""
    found: set[int] = set()
    for cell in assignment.released.cells:
        texts = [cell.source] if cell.cell_type == "code" else FENCED.findall(cell.source)
        for text in texts:
            found |= fingerprint(text).hashes
    return frozenset(found)


def compared_cells(assignment: Assignment) -> list[str]:
    """The solution cells with code, by grade_id, in order."""
    return [name for name, cell in assignment.cells.items() if solution(cell) and cell.cell_type == "code"]


def texts_of(submission: Submission, assignment: Assignment) -> dict[str, str]:
    """What stands in each solution cell; where the answer stands elsewhere, all cells that the student has added."""
    by_name = {grade_id(cell): cell.source for cell in submission.notebook.cells if grade_id(cell)}
    added = "\n\n".join(
        cell.source for cell in submission.notebook.cells if cell.cell_type == "code" and not grade_id(cell)
    )
    return {
        name: _clean(added if name in submission.elsewhere else by_name[name]) for name in compared_cells(assignment)
    }


def _clean(text: str) -> str:
    """Line ends are those of Unix, and what could move a cursor or turn the writing is one sign."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char if char.isprintable() or char in "\n\t" else ODD for char in unix)
