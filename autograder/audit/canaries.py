"""A copy of the hidden tests with canaries in it: words that nobody but the judge should ever see."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from pathlib import Path

from autograder.course.assignment import Assignment

CANARY = "canary-7f3e21"


def with_canaries(assignment: Assignment, folder: Path) -> Assignment:
    """The assignment with a copy of its hidden tests in a folder below `folder`: the same verdicts, and canaries
    wherever text can be.

    In comments, constants, docstrings, assertion messages, and errors that tests raise; in oracles and probes too.
    """
    shutil.copytree(assignment.hidden, folder / assignment.name, ignore=shutil.ignore_patterns("__pycache__"))
    copied = Assignment(assignment.name, assignment.course, replace(assignment.folders, hidden=folder))
    for path in copied.hidden.rglob("*.py"):
        tree = _Planter().visit(ast.parse(path.read_text(encoding="utf-8")))
        constant = ast.parse(f"CANARY_CONSTANT = {CANARY + '-constant'!r}").body
        tree.body = [*tree.body, *constant]
        path.write_text(f"# {CANARY}-comment\n{ast.unparse(ast.fix_missing_locations(tree))}\n", encoding="utf-8")
    return copied


class _Planter(ast.NodeTransformer):
    """Every other assertion becomes an error that is raised."""

    def __init__(self) -> None:
        self._count = 0

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        self._count += 1
        if self._count % 2:
            return ast.Assert(node.test, ast.Constant(f"{CANARY}-message"))
        error = ast.Call(ast.Name("AssertionError", ast.Load()), [ast.Constant(f"{CANARY}-error")], [])
        return ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Raise(error)], [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            first.value.value += f"\n\n{CANARY}-docstring"
        return node
