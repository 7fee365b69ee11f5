"""Small changes to the reference solution, which the hidden tests should notice.

cosmic-ray's operators make the general ones. `answers/ASSIGNMENT/mutants.toml` adds those of the subject, and
names the changes that change nothing, each with its proof.
"""

from __future__ import annotations

import ast
import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograder.audit.behaviours import behaviours
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError

FILE = "mutants.toml"
BEHAVIOUR = "a behaviour"  # how the mutants are called that change what a caller sees, not the text


@dataclass(frozen=True)
class Mutant:
    """`was` and `becomes` are the lines that differ. `proof` says why it is right all the same, if it is."""

    cell: str
    operator: str
    was: str
    becomes: str
    code: str
    proof: str = ""

    @property
    def name(self) -> str:
        return f"{self.cell}: {self.was or '(nothing)'} → {self.becomes or '(nothing)'}"


def mutants(assignment: Assignment) -> list[Mutant]:
    """All of them, no two alike. Raises `GraderFault` where `mutants.toml` does not fit the reference."""
    path = assignment.answers / FILE
    told = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    reference = {name: code for name, code in corpus.reference(assignment).items() if _parses(code)}
    found: dict[tuple[str, str], Mutant] = {}
    for cell, code in reference.items():
        for mutant in [
            *_generated(cell, _plain(code)),
            *_of_the_subject(cell, _plain(code), told),
            *_wrapped(cell, _plain(code)),
        ]:
            found.setdefault((cell, mutant.code), mutant)
    unknown = told.get("change", {}).keys() - reference.keys()
    if unknown:
        raise GraderFault(f"{path} changes {sorted(unknown)[0]}, which is no solution cell with code.")
    proofs = {(known["cell"], known["was"], known["becomes"]): known["proof"] for known in told.get("equivalent", [])}
    made = [
        replace(mutant, proof=proofs.pop((mutant.cell, mutant.was, mutant.becomes), "")) for mutant in found.values()
    ]
    if proofs:
        raise GraderFault(f"{path} lists an equivalent that is not among the mutants: {sorted(proofs)[0]}")
    return made


def _generated(cell: str, code: str) -> Iterator[Mutant]:
    """What cosmic-ray's operators make; those that ask for a variable's name, and then draw at random, are left out."""
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator, operator_names
    except ImportError:
        raise UsageError("The audit needs cosmic-ray: pip install 'autograder-assignment-kit[audit]'") from None
    nodes = list(ast_nodes(get_ast(code)))
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments():
            continue
        places = sum(1 for node in nodes for _ in operator().mutation_positions(node))
        for occurrence in range(places):  # each parses the code again
            mutated = mutate_code(code, operator(), occurrence)
            if mutated is not None and _parses(mutated) and _plain(mutated) != code:
                yield _mutant(cell, name.removeprefix("core/"), code, _plain(mutated))


def _of_the_subject(cell: str, code: str, told: dict[str, Any]) -> Iterator[Mutant]:
    """Each change at each place where its text stands, and at all of them at once."""
    for what, find, put in told.get("change", {}).get(cell, []):
        pieces = code.split(find)
        if len(pieces) == 1:
            raise GraderFault(f"{FILE}: there is no {find!r} in {cell}:\n{code}")
        versions = {put.join(pieces)}
        for place in range(1, len(pieces)):
            versions.add(find.join(pieces[:place]) + put + find.join(pieces[place:]))
        for version in sorted(versions):
            if not _parses(version):
                raise GraderFault(f"{FILE}: {put!r} is not Python in {cell}:\n{version}")
            if _plain(version) != code:
                yield _mutant(cell, what, code, _plain(version))


def _wrapped(cell: str, code: str) -> Iterator[Mutant]:
    for made in behaviours(code):
        yield Mutant(cell, BEHAVIOUR, made.name, made.what, made.code)


def _mutant(cell: str, operator: str, code: str, mutated: str) -> Mutant:
    lines = [line for line in difflib.ndiff(code.splitlines(), mutated.splitlines()) if line[0] in "+-"]
    was, becomes = (" ⏎ ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return Mutant(cell, operator, was, becomes, mutated)


def _plain(code: str) -> str:
    """The code as Python itself would write it, without docstrings, so that no two mutants differ in looks alone."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True
