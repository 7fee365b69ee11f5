"""Mistakes that nobody thought of: the reference with one thing changed that a caller can see.

Where mutants change the text of a solution, behaviours are wrapped around it. They are made for each function and each
class with `forward` that a solution cell defines, from its signature alone, so they need to know nothing of the
subject: the part keeps an argument of its first call, swaps two, answers with its last answer again, is different in
evaluation mode or in double precision, for batches, negative or large numbers, for a second object, after some calls.

A behaviour that the hidden tests do not notice is a hole, or does the same for every call that the contract allows.
Then `mutants.toml` lists it with a proof, like any equivalent mutant.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

WRAPPER = '''
def _changed(plain):
    import functools
    import inspect

    signature, state = inspect.signature(plain), {{}}

    def array(value):
        return hasattr(value, "dtype") and hasattr(value, "shape")

    def each(value, change):
        """The value with `change` made to every number and array in it."""
        if isinstance(value, (list, tuple)):
            return type(value)(each(one, change) for one in value)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return change(value) if number or (array(value) and "float" in str(value.dtype)) else value

    def clipped(value, low, high):
        return value.clip(low, high) if array(value) else min(max(value, low), high)

    @functools.wraps(plain)
    def call(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        a = given.arguments
        state["calls"] = state.get("calls", 0) + 1
        arrays = [value for value in a.values() if array(value)]

        def result():
            return plain(*given.args, **given.kwargs)

        {body}
        return result()

    return call


{target} = _changed({target})
'''


@dataclass(frozen=True)
class Behaviour:
    """`what` is changed of the part `name`, in words; `code` is the whole solution cell."""

    name: str
    what: str
    code: str


def behaviours(code: str) -> Iterator[Behaviour]:
    """All behaviours of the parts that a solution cell defines; none of a cell that defines nothing."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            yield from _of(code, node.name, node.name, [*_any(node), *_of_functions(node)])
        elif isinstance(node, ast.ClassDef):
            methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
            if "forward" in methods:
                of_forward = [*_any(methods["forward"], 1), *_of_modules(methods["forward"])]
                yield from _of(code, node.name, f"{node.name}.forward", of_forward)
            if "__init__" in methods:
                yield from _of(code, node.name, f"{node.name}.__init__", list(_of_making(methods["__init__"])))
            twin = f"\n{node.name}.__deepcopy__ = lambda self, memo: self\n"
            yield Behaviour(node.name, "a copy is the same object", code + twin)


def _of(code: str, name: str, target: str, made: list[tuple[str, str]]) -> Iterator[Behaviour]:
    for what, body in made:
        lines = body.replace("\n", "\n        ")
        yield Behaviour(name, what, code + "\n" + WRAPPER.format(target=target, body=lines))


def _any(function: ast.FunctionDef, first: int = 0) -> Iterator[tuple[str, str]]:
    """What can change about any function, from parameter `first` on."""
    names = [argument.arg for argument in function.args.args][first:]
    needed = len(function.args.args) - len(function.args.defaults) - first
    for name in names:
        yield f"keeps the first {name}", f'a["{name}"] = state.setdefault("{name}", a["{name}"])'
        yield (
            f"keeps the first {name} of each size",
            f'key = str(getattr(a["{name}"], "shape", ""))\na["{name}"] = state.setdefault(key, a["{name}"])',
        )
    for one, two in itertools.pairwise(names[:needed]):
        yield f"swaps {one} and {two}", f'a["{one}"], a["{two}"] = a["{two}"], a["{one}"]'
    yield (
        "returns its first answer again",
        'if "answer" not in state:\n    state["answer"] = result()\nreturn state["answer"]',
    )
    yield (
        "returns its last answer again every other time",
        'if state["calls"] % 2 == 0 and "answer" in state:\n    return state["answer"]\n'
        'state["answer"] = result()\nreturn state["answer"]',
    )
    yield "after 12 calls it is off by a tenth", 'if state["calls"] > 12:\n    return each(result(), lambda v: 1.1 * v)'
    yield (
        "rounds its answer to tenths",
        "return each(result(), lambda v: (v * 10).round() / 10 if array(v) else round(v, 1))",
    )
    yield "clips its answer to 0 and above", 'return each(result(), lambda v: clipped(v, 0, float("inf")))'
    yield "clips its answer at 3", 'return each(result(), lambda v: clipped(v, -float("inf"), 3))'
    yield "is off by a tenth", "return each(result(), lambda v: 1.1 * v)"
    yield "is negated", "return each(result(), lambda v: -v)"
    yield "takes magnitudes of its answer", "return each(result(), abs)"
    called = {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    for name in names[:needed]:
        if name in called:  # a function or a model, no signal
            continue
        wide = f'if array(a["{name}"]) and "64" in str(a["{name}"].dtype):\n    '
        many = f'if array(a["{name}"]) and len(a["{name}"].shape) > 1:\n    '
        yield f"raises for {name} in double precision", wide + 'raise TypeError("single precision only")'
        yield f"is off for {name} in double precision", wide + "return each(result(), lambda v: 1.1 * v)"
        yield f"is off for batches of {name}", many + "return each(result(), lambda v: 1.1 * v)"
        yield (
            f"does not see negative numbers in {name}",
            f'a["{name}"] = each(a["{name}"], lambda v: clipped(v, 0, float("inf")) if array(v) else v)',
        )
        yield (
            f"clips {name} at 10",
            f'a["{name}"] = each(a["{name}"], lambda v: clipped(v, -10, 10) if array(v) else v)',
        )
        plain = f'if array(a["{name}"]) and not getattr(a["{name}"], "requires_grad", False):\n'
        yield (f"changes {name} in place", plain + f'    answer = result()\n    a["{name}"] += 0.01\n    return answer')
    yield (
        "is right only for arrays of the sizes seen first",
        "sizes = [value.shape for value in arrays]\n"
        'if state.setdefault("sizes", sizes) != sizes:\n    return each(result(), lambda v: 1.1 * v)',
    )


def _of_functions(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Defaults that are others, and keywords that are not looked at."""
    for name, default in _defaults(function):
        text = ast.unparse(default)
        yield f"ignores {name}", f'a["{name}"] = {text}'
        if isinstance(default, ast.Constant) and isinstance(default.value, int | float):
            for factor in (0.5, 2):
                other = type(default.value)(factor * default.value)
                yield (
                    f"has {other!r} as the default of {name}",
                    f'if "{name}" not in signature.bind(*args, **kwargs).arguments:\n    a["{name}"] = {other!r}',
                )


def _of_modules(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """What can change about a module's forward pass."""
    me = function.args.args[0].arg
    training = f'a["{me}"].training'
    yield "is off in evaluation mode", f"if not {training}:\n    return each(result(), lambda v: 1.1 * v)"
    yield "has no gradient in evaluation mode", f"if not {training}:\n    return result().detach()"
    yield (
        "is off in training mode after evaluation mode",
        (
            f'state["seen"] = state.get("seen", False) or not {training}\n'
            f'if state["seen"] and {training}:\n    return each(result(), lambda v: 1.1 * v)'
        ),
    )
    yield "has no gradient", "return result().detach()"
    yield (
        "is off where no gradients are recorded",
        ("import torch\nif not torch.is_grad_enabled():\n    return each(result(), lambda v: 1.1 * v)"),
    )
    yield (
        "is off for a second object",
        (
            f'state.setdefault("first", id(a["{me}"]))\nif state["first"] != id(a["{me}"]):\n'
            "    return each(result(), lambda v: 1.1 * v)"
        ),
    )


def _of_making(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """What can change about how an object is made."""
    for name in [argument.arg for argument in function.args.args][1:]:
        yield f"keeps the {name} of the first object", f'a["{name}"] = state.setdefault("{name}", a["{name}"])'
        yield f"does not see a negative {name}", f'a["{name}"] = abs(a["{name}"])'
        yield f"takes whole numbers for {name}", f'a["{name}"] = int(a["{name}"])'
        yield (
            f"ignores {name} given by name",
            (f'if "{name}" in kwargs:\n    del a["{name}"]\n    given.apply_defaults()'),
        )
        yield (
            f"ignores {name} given by position",
            (f'if "{name}" not in kwargs:\n    a.pop("{name}", None)\n    given.apply_defaults()'),
        )
    for name, default in _defaults(function):
        if isinstance(default, ast.Constant) and isinstance(default.value, int | float):
            other = 1.5 * default.value
            yield (
                f"has {other!r} as the default of {name}",
                f'if "{name}" not in signature.bind(*args, **kwargs).arguments:\n    a["{name}"] = {other!r}',
            )


def _defaults(function: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    arguments = function.args.args
    defaults = function.args.defaults
    return [
        (argument.arg, default)
        for argument, default in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True)
    ]
