"""What an audit grades: right answers, known mistakes and mutants, each a notebook."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from autograder.audit.mutants import Mutant, mutants
from autograder.course import answers as corpus
from autograder.course.answers import Answer
from autograder.course.assignment import Assignment


class Kind(StrEnum):
    reference = "reference"
    alternative = "alternative"
    misconception = "misconception"
    mutant = "mutant"
    equivalent = "equivalent"  # a mutant that is known to do the same as the reference


RIGHT = frozenset({Kind.reference, Kind.alternative, Kind.equivalent})


@dataclass(frozen=True)
class Case:
    """One notebook to grade. `costs` are the exercises it must cost, empty for what is right and for mutants.

    `touches` are the exercises that its cells can have an influence on; `varies` the checks of which the verdict is
    known to depend on what is asked.
    """

    kind: Kind
    name: str
    sentence: str
    costs: frozenset[str]
    touches: tuple[str, ...]
    notebook: str
    varies: frozenset[str] = frozenset()

    @property
    def right(self) -> bool:
        return self.kind in RIGHT


def cases(assignment: Assignment, exercise: str | None = None) -> list[Case]:
    """Everything there is to grade, or what has to do with one `exercise`. Raises `UsageError` without mutants."""
    reach = reached(assignment)
    whole = tuple(assignment.exercises)
    found = [_case(Kind.reference, Answer("reference", "The reference solution.", frozenset(), ()), whole)]
    for kind, folder in ((Kind.alternative, "alternatives"), (Kind.misconception, "misconceptions")):
        for answer in corpus.answers(assignment, folder):
            found.append(_case(kind, answer, _touched(answer, reach, whole)))
    for mutant in mutants(assignment):
        kind = Kind.equivalent if mutant.proof else Kind.mutant
        found.append(_case(kind, _answer(mutant), reach[mutant.cell]))
    return [
        replace(case, notebook=json.dumps(corpus.notebook(assignment, answer)))  # ten times as fast as with indents
        for case, answer in found
        if exercise is None or exercise in _concerns(case)
    ]


def mistakes(assignment: Assignment) -> list[str]:
    """The names of all known mistakes."""
    return [answer.name for answer in corpus.answers(assignment, "misconceptions")]


def _concerns(case: Case) -> Collection[str]:
    """The exercises that have to say something of a case: a mutant is killed by the first that its cell reaches.

    Those after it only use what that cell defines, and need not notice.
    """
    match case.kind:
        case Kind.misconception:  # also where what it says of its costs may be wrong: its own exercise comes first
            return case.costs | {*case.touches[:1]}
        case Kind.mutant:
            return case.touches[:1]
    return case.touches


def _case(kind: Kind, answer: Answer, touches: tuple[str, ...]) -> tuple[Case, Answer]:
    return Case(kind, answer.name, answer.sentence, answer.costs, touches, "", answer.varies), answer


def _answer(mutant: Mutant) -> Answer:
    return Answer(mutant.name, mutant.proof or mutant.operator, frozenset(), (("", mutant.cell, mutant.code),))


def _touched(answer: Answer, reach: Mapping[str, tuple[str, ...]], whole: tuple[str, ...]) -> tuple[str, ...]:
    """An answer that adds cells may do anything; one that replaces some reaches what they reach."""
    if any(place for place, _, _ in answer.cells):
        return whole
    touched = answer.costs.union(*(reach[name] for _, name, _ in answer.cells))
    return tuple(name for name in whole if name in touched)


def reached(assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """The exercises that each solution cell can have an influence on, in order.

    An exercise depends on the cells that define a name which its probes ask for, and on the cells that those use.
    """
    solved = {name: tree for name, code in corpus.reference(assignment).items() if (tree := _tree(code))}
    home = {defined: name for name, tree in solved.items() for defined in _defined(tree)}
    uses = {
        name: {home[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in home}
        for name, tree in solved.items()
    }
    reach: dict[str, list[str]] = {name: [] for name in corpus.reference(assignment)}
    for exercise in assignment.exercises:
        path = assignment.hidden / f"probe_{exercise.removeprefix('test_')}.py"
        asked = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        waiting = [home[name] for name in asked if name in home]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += uses[name]
        for name in seen:
            reach[name].append(exercise)
    return {name: tuple(exercises) for name, exercises in reach.items()}


def _tree(code: str) -> ast.Module | None:
    """None for a written answer."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return None


def _defined(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names
