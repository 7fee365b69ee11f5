"""The hidden tests as they are written where a grader runs them inside the student's notebook.

The same questions and the same judgement, called from an autograded cell: what stock nbgrader and otter-grader execute.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.sandbox.inside.child import Notebook, _arrays
from autograder.testing import MARK, Observation

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the hidden tests are a package of this folder


class Asker:
    """The `attempt` of a hidden test, without a sandbox."""

    def __init__(self, probes: Path, names: dict[str, Any]) -> None:
        self._notebook = Notebook(names)
        self._probes: dict[str, Any] = {}
        exec(compile(probes.read_text(encoding="utf-8"), str(probes), "exec"), self._probes)

    def ask(self, probe: str, **values: Any) -> Observation:
        given = {
            name: torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value
            for name, value in values.items()
        }
        observed = self._probes[probe](self._notebook, **given)
        arrays = dict(_arrays(observed))
        return Observation({name: value for name, value in observed.items() if name not in arrays}, arrays)

    def ask_each(self, probe: str, asked: Sequence[Mapping[str, Any]]) -> list[Observation]:
        return [self.ask(probe, **values) for values in asked]


def check(assignment: str, exercise: str, names: dict[str, Any], seed: int = 1) -> None:
    """Runs every hidden test of an exercise on the names that a notebook has defined. Raises when one does not pass."""
    module = importlib.import_module(f"hidden.{assignment}.{exercise}")
    tests = {name: test for name, test in vars(module).items() if hasattr(test, MARK)}
    failed = []
    for name, test in tests.items():
        asker = Asker(ROOT / "hidden" / assignment / f"probe_{exercise.removeprefix('test_')}.py", names)
        given = {"attempt": asker, "draw": np.random.default_rng([seed, zlib.crc32(f"{exercise}::{name}".encode())])}
        try:
            test(**{key: given[key] for key in test.__code__.co_varnames[: test.__code__.co_argcount]})
        except Exception as error:
            failed.append(f"{name}: {type(error).__name__}")
    if failed:
        raise AssertionError("; ".join(failed))
