"""What a newer Python accepts is told from what no Python accepts."""

import sys
import time

import pytest

from autograder.sandbox.inside.newer import accepted_from, added_in

FROM = {
    "3.12": [
        'x = 1\nprint(f"{"a"}")',
        "type X = int\nx: X = 1",
        "type P[T] = tuple[T, T]",
        "def f[T](x: T) -> T:\n    return x",
        "class A[T: (int, str)](list):\n    pass\nprint(A)",
        'f\'{x["a"]!r:>{"10"}}\' + f\'{"\\n".join([])}\'',
        'f"{x # why\n}"',
        "f'''{\nx\n}'''\nf'{x:{'a'}}'",
        "class LinearGain(torch.nn.Module):\n    def __repr__(self):\n"
        '        return f"gain {self.d["g"]}"\n# it\'s "ok"\n',
        'type = 3\ntype(3)\nf"{d["a"]=}"',
        'rb"a"\nf"{"b"}"',
        'f"{d["a"]["b"]}" "c" f"{1}"',
        'f"{{}} {d["x"]:.3f}"',
        'f"{a != b["x"]}"',
        'f"{(lambda x: x)("a")}"',
        'await x; f"{"a"}"',
        'rf"\\d{"a"}"',
        'F"{f"{f"{1}"}"}"',
        "async def f[**P, *T](*a: *T):\n    return await a",
        "print(f'{'\\n'}')",
        "class A[T]: x = 'def f[T'",
    ],
    "3.13": ["def f[T = int](x): pass", "class A[T = int]:\n    x = f'{'a'}'"],
    "3.14": ['t"{x}"', "try:\n    pass\nexcept ValueError, TypeError:\n    pass", 't"{x}" ; f"{"a"}"'],
    "": [
        "def f(:\n  pass",
        'print(f"{a',
        'f"{1 +}"',
        "for",
        'print "hello"',
        "a = 1 +",
        'f"{"a"}" +',
        "type X =",
        'if x:\n    f"{y["z"]}"\n  y = 1',
        "def f[T(x): pass",
        "'",
        "f'",
        "f'{",
        "f'{a:",
        "f'{a!",
        "\\",
        "class A[",
        "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> main",
        "x = [1, 2",
        "f'{}'\n1 1",
        "f'{\"",
        "# only\n(",
        "{" * 500,
    ],
}


@pytest.mark.parametrize(("version", "source"), [(v, source) for v, sources in FROM.items() for source in sources])
def test_the_version_that_accepts_a_source_is_named(version, source):
    if version and tuple(map(int, version.split("."))) <= sys.version_info[:2]:
        version = ""
    assert accepted_from(source) == version


@pytest.mark.parametrize(
    "source",
    [
        "f'{" * 20_000,
        "f'{x:" * 20_000,
        "class A[" * 20_000,
        "type X[" * 10_000,
        "except a," * 20_000,
        "(" * 100_000,
        "f'" + "{f'" * 30_000,
        "'''" * 50_001,
        "type  " * 30_000,
        "\\" * 99_999,
        "x" * 199_999,
    ],
)
def test_no_source_takes_long(source):
    started = time.perf_counter()
    assert accepted_from(source) == ""
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("message", "version"),
    [
        ("cannot import name 'batched' from 'itertools' (unknown location)", "3.12"),
        ("module 'math' has no attribute 'sumprod'", "3.12"),
        ("No module named 'annotationlib'", "3.14"),
        ("No module named 'compression.zstd'", "3.14"),
        ("No module named 'helpers'", ""),
        ("no", ""),
        ("", ""),
        ("cannot import name 'nothing' from 'itertools'", ""),
    ],
)
def test_what_newer_versions_have_added_is_known(message, version):
    assert added_in(message) == version
