"""Compiles cells. What is done with the instructor's own cells is done once, before the first fork."""

from __future__ import annotations

import ast
import inspect
from types import CodeType
from typing import Any, NamedTuple

from IPython.core.compilerop import CachingCompiler, code_name
from stack_data.core import Source


class Compiled(NamedTuple):
    """The code of one statement, and what it was compiled under."""

    code: CodeType
    filename: str
    symbol: str
    flags: int


class Compiler(CachingCompiler):  # type: ignore[misc]
    """IPython's compiler, which knows cells that it has been given before. The name of a cell is a hash of its text."""

    flags: int

    def __init__(self) -> None:
        super().__init__()
        self._trees: dict[tuple[str, int], ast.Module] = {}

    def prepare(self, cell: str, flags: int) -> None:
        """Parses and compiles a cell, statement by statement as IPython runs it, under `flags` beside its own."""
        filename = self.cache(cell)
        Source.for_filename(filename)  # what a traceback through it needs
        tree = super().ast_parse(cell, filename)
        before = self.flags
        for statement in tree.body:
            last = statement is tree.body[-1] and isinstance(statement, ast.Expr)
            symbol, alone = ("single", ast.Interactive([statement])) if last else ("exec", ast.Module([statement], []))
            with self.extra_flags(flags):
                compiled = Compiled(super().__call__(alone, filename, symbol), filename, symbol, self.flags)
            if self.flags != before:  # a `from __future__`, which has to work where it stands
                self.flags = before
                return
            vars(statement)["compiled"] = compiled
        self._trees[cell, before] = tree

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"/{code_name(transformed_code, 0)}"  # from the root: the working folder may be gone, or endlessly deep

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        name = str(super().cache(transformed_code, number, raw_code))
        # Where it lies is asked for each frame of a traceback, and else looked for in every module there is.
        inspect.modulesbyfile[name] = "__main__"
        return name

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        # A tree is given once: transformers that student code registers may change it.
        return self._trees.pop((source, self.flags), None) or super().ast_parse(source, filename, symbol)

    def __call__(self, source: Any, filename: str, symbol: str, **keywords: Any) -> CodeType:
        if isinstance(source, ast.Module | ast.Interactive) and len(source.body) == 1:
            compiled: Compiled | None = getattr(source.body[0], "compiled", None)
            if compiled and compiled[1:] == (filename, symbol, self.flags):
                return compiled.code
        code: CodeType = super().__call__(source, filename, symbol, **keywords)
        return code
