"""Compares the code of a class, cell by cell, and says beside each pair how usual it is to share so much."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.course.class_list import class_list
from autograder.course.folder import submitted
from autograder.errors import GraderFault, UsageError
from autograder.similar.codes import (
    GRAM,
    LEAST,
    LONGEST,
    Code,
    compared_cells,
    fingerprint,
    released_grams,
    texts_of,
)
from autograder.submission import submission

NEAR = 0.8  # of both students' own code is shared: it is called nearly the same
FEW, PART = 3, 0.02  # what more others than this share (a number, or this part of the class) is usual in the class
ROWS = 512  # codes that are looked at together, which bounds the memory
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Near:
    """One cell that two students have nearly the same.

    Arguments:
        cell: its grade_id.
        share: the part of their own code that they share, 0 to 1, of the one who shares less.
        right: how many of the right answers share as much with one of the two.
        of_right: how many right answers to this cell there are.
        others: how many others of the class share as much with one of the two.
        own: characters of their own code, names counted as one, of the one who has more.
        texts: what stands in the cell, of the first and of the second student.
    """

    cell: str
    share: float
    right: int
    of_right: int
    others: int
    own: int
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two students and the cells that they have nearly the same."""

    students: tuple[str, str]
    cells: tuple[Near, ...]


@dataclass(frozen=True)
class Usual:
    """Code that is the same, but for names, for more than a few of the class."""

    cell: str
    code: Code
    right: int
    of_right: int


@dataclass
class Compared:
    """What came of it. `left_out` says (who, why) of what could not be compared; `in_groups` counts the pairs that
    handed in together; `released` are the passages that everybody was given."""

    students: list[str]
    cells: list[str]
    pairs: list[Pair] = field(default_factory=list)
    usual: list[Usual] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    in_groups: int = 0
    released: frozenset[int] = frozenset()


def compare(assignment: Assignment) -> Compared:
    """Compares everything in `submitted/`. No student code is run.

    Raises `UsageError` where nothing has been handed in, or no solution cell holds code.
    """
    cells = compared_cells(assignment)
    if not cells:
        raise UsageError(f"{assignment.name} has no solution cell with code, so there is nothing to compare.")
    folders = submitted(assignment.course, assignment.name)
    if not folders:
        raise UsageError(f"Nothing has been handed in: {assignment.folders.submitted} has no folder of a student.")
    released = released_grams(assignment)
    compared = Compared([], cells, released=released)
    found = _read(assignment, compared)
    near: dict[tuple[str, str], list[Near]] = defaultdict(list)
    for cell in cells:
        codes = _codes(((who, code[cell]) for who, code in found.items()), released, compared.left_out, cell)
        rights = _codes(_right(assignment, cell), released, [], cell)
        for students, one in _in_cell(cell, codes, rights, len(found), compared.usual):
            near[students].append(one)
    groups = {one.id: one.group for one in class_list(assignment.course) or () if one.group}
    for (first, second), each in near.items():
        if first in groups and groups[first] == groups.get(second):
            compared.in_groups += 1
        else:
            compared.pairs.append(Pair((first, second), tuple(each)))
    compared.pairs.sort(key=_order)
    compared.usual.sort(key=lambda one: (cells.index(one.cell), -len(one.code.students)))
    return compared


def _order(pair: Pair) -> tuple[object, ...]:
    """First those who share most cells, then what is least usual, then what is longest."""
    return (
        -len(pair.cells),
        sum(one.right + one.others for one in pair.cells),
        -sum(one.own for one in pair.cells),
        pair.students,
    )


def _read(assignment: Assignment, compared: Compared) -> dict[str, dict[str, str]]:
    """What each student has in each cell; who cannot be read is noted."""
    found = {}
    for student, folder in submitted(assignment.course, assignment.name).items():
        try:
            found[student] = texts_of(submission.read(folder, student, assignment), assignment)
        except submission.Missing:
            continue  # has not handed in, which is no news here
        except (submission.NotGradable, GraderFault) as fault:
            compared.left_out.append((student, str(fault)))
        except Exception as fault:  # whatever one notebook finds in us, the others are still compared
            compared.left_out.append((student, f"The notebook cannot be read: {type(fault).__name__}."))
    compared.students = list(found)
    return found


def _right(assignment: Assignment, cell: str) -> Iterator[tuple[str, str]]:
    """The right answers to one cell that were written for it, by name: the reference and the alternatives."""
    yield "reference", corpus.reference(assignment)[cell]
    for answer in corpus.answers(assignment, "alternatives"):
        for place, name, code in answer.cells:
            if not place and name == cell:
                yield answer.name, code


def _codes(
    given: Iterable[tuple[str, str]], released: frozenset[int], left_out: list[tuple[str, str]], cell: str
) -> list[Code]:
    """Each code once, with those who have it. Left out is what is too long, or has nothing of one's own."""
    found: dict[str, Code] = {}
    by_text: dict[str, Code] = {}
    for student, text in given:
        if len(text) > LONGEST:
            left_out.append((student, f"{cell} has {len(text)} characters, and {LONGEST} are the most compared."))
            continue
        code = by_text.get(text)
        if code is None:
            made = fingerprint(text, released)
            code = by_text[text] = found.setdefault(made.filtered_code, Code(made))
        code.students.append(student)
        code.texts[student] = text
    return [code for code in found.values() if code.own >= LEAST]


def _in_cell(
    cell: str, codes: Sequence[Code], rights: Sequence[Code], students: int, usual: list[Usual]
) -> Iterator[tuple[tuple[str, str], Near]]:
    """The pairs who have this cell nearly the same, where not many have it."""
    shares, with_right = both(codes, codes), both(codes, rights)
    weight = np.array([len(code.students) for code in codes])
    right = np.array([len(code.students) for code in rights])
    few = usual_from(students)
    for at, code in enumerate(codes):
        if len(code.students) - 2 > few:
            usual.append(Usual(cell, code, int(right[with_right[at] >= 1].sum()), int(right.sum())))
    for first, second in zip(*np.nonzero(np.triu(shares >= NEAR)), strict=True):
        share = float(shares[first, second])
        others = int(weight[(shares[first] >= share) | (shares[second] >= share)].sum()) - 2
        if others > few:
            continue
        as_much = int(right[(with_right[first] >= share) | (with_right[second] >= share)].sum())
        one, two = codes[first], codes[second]
        own = max(one.own, two.own)
        every = itertools.combinations(one.students, 2) if one is two else itertools.product(one.students, two.students)
        for a, b in every:
            texts = {a: one.texts[a], b: two.texts[b]}
            low, high = sorted((a, b))
            found = (texts[low], texts[high])
            yield (low, high), Near(cell, share, as_much, int(right.sum()), others, own, found)


def usual_from(students: int) -> int:
    """How many others may share as much in a class of so many, before it is usual there."""
    return max(FEW, int(PART * students))


def both(codes: Sequence[Code], others: Sequence[Code]) -> Shares:
    """The part of their own code that two share, of the one who shares less, for each of `codes` and each of `others`.

    It is what copydetect's `compare_files` gives for each pair, for all of them at once.
    """
    covered = _covered(codes, others)
    return np.minimum(covered, (covered if others is codes else _covered(others, codes)).T)


def _covered(codes: Sequence[Code], others: Sequence[Code]) -> Shares:
    """The part of each code's own characters that lies in a passage which each of `others` has too."""
    shares = np.zeros((len(codes), len(others)))
    for start in range(0, len(others), ROWS):
        some = others[start : start + ROWS]
        having: dict[int, list[int]] = defaultdict(list)
        for at, other in enumerate(some):
            for gram in other.grams:
                having[gram].append(at)
        known = {gram: np.array(here) for gram, here in having.items()}
        for row, code in enumerate(codes):
            shares[row, start : start + ROWS] = _coverage(code, known, len(some)) / code.own
    return shares


def _coverage(code: Code, having: Mapping[int, npt.NDArray[np.int_]], others: int) -> Shares:
    """How many characters of the code lie in a passage that each of the others has; `having` says who has which."""
    starts = np.zeros(
        (code.length + GRAM, others), bool
    )  # a passage that is shared starts here, GRAM rows further down
    for gram, places in code.grams.items():
        here = having.get(gram)
        if here is not None:
            starts[np.ix_(np.array(places) + GRAM, here)] = True
    counts = np.cumsum(starts, axis=0, dtype=np.uint16)
    covered: Shares = (counts[GRAM:] > counts[:-GRAM]).sum(axis=0)
    return covered
