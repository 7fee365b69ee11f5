"""What can be said of probes before anything is asked: whether they compile and have what they use."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator

KNOWN = frozenset({*vars(builtins), "__name__", "__file__", "__doc__"})


def probe_faults(source: str, asked: Iterable[str] = ()) -> Iterator[str]:
    """Sentences about what is wrong with the text of a probe file; none where all is well.

    Arguments:
        source: the text of `probe_EXERCISE.py`.
        asked: the probes that tests name; each must be a function of the file that takes `notebook` first.
    """
    try:
        tree = ast.parse(source)
        table = symtable.symtable(source, "probe", "exec")
    except (SyntaxError, ValueError) as error:
        yield f"It is not Python: {error}."
        return
    defined = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    starred = any(
        isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names) for node in ast.walk(tree)
    )
    if not starred:
        seen: set[str] = set()
        for name, line in _loaded(tree, table):
            if name not in defined and name not in KNOWN and name not in seen:
                seen.add(name)
                yield f"Line {line} uses the name {name}, which is defined nowhere. Define it, or mend the spelling."
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in asked:
        if name in functions:
            arguments = functions[name].args
            if not (arguments.posonlyargs or arguments.args or arguments.vararg):
                yield f"The probe {name} takes no argument; the first one is the notebook."
        elif name not in defined:
            yield f"There is no probe {name}, which a test asks for. Write it, or mend the name."


def _loaded(tree: ast.AST, table: symtable.SymbolTable) -> Iterator[tuple[str, int]]:
    """Global names that are read, each with its line."""
    names = set(_globals(table))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield node.id, node.lineno


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    at_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (at_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)
