"""What an audit has judged is kept, so that the next one judges only what a change can touch.

An entry is a file in `.audit/ASSIGNMENT/` of the course, named by a hash of all that decides it: the notebook, the
questions (seeds, exercises, threads), the hidden tests of the exercises that the answer can reach with the files that
they share, the source notebook, the kit and the libraries. So there is no entry that is out of date, and the folder can
be deleted at any time. A file that is damaged is written anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from autograder.audit.examine import Examined, Seen, Task
from autograder.audit.leaks import Leak
from autograder.course.assignment import Assignment
from autograder.judging.grader import versions_that_must_match
from autograder.verdict import Status, Verdict, write_whole

FOLDER = ".audit"


class Cache:
    """The entries of one assignment; `used` are the names of those that this audit has to do with."""

    def __init__(self, assignment: Assignment) -> None:
        self.folder = assignment.course / FOLDER / assignment.name
        self._hidden = dict(assignment.hidden_files)
        facts = {
            **versions_that_must_match(assignment),
            "hidden_tests_sha256": "",
            "source": _sha256(assignment.source_path.read_bytes()),
        }
        self._facts = json.dumps(facts, sort_keys=True)
        self._used: set[str] = set()

    def known(self, task: Task) -> Examined | None:
        """What was kept of this very task; None where there is nothing, or nothing that can be read."""
        try:
            text = (self.folder / self._name(task)).read_text(encoding="utf-8")
            return _read(task, json.loads(text))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, task: Task, one: Examined) -> None:
        if one.status is Status.grader_error:
            return
        if not self.folder.is_dir():
            write_whole(self.folder.parent / ".gitignore", "*\n")
        write_whole(self.folder / self._name(task), json.dumps(_written(one)) + "\n")

    def tidy(self) -> None:
        """Deletes what no task of this audit has asked for."""
        for path in self.folder.glob("*.json"):
            if path.name not in self._used:
                path.unlink(missing_ok=True)

    def _name(self, task: Task) -> str:
        case = task.case
        decides = [
            self._facts,
            self._tests(case.touches),
            case.kind,
            case.notebook,
            task.seeds,
            task.threads,
            task.asked,
        ]
        name = f"{_sha256(json.dumps(decides).encode())}.json"
        self._used.add(name)
        return name

    def _tests(self, exercises: Iterable[str]) -> str:
        """A hash of the hidden tests of these exercises, and of what all of them share."""
        digest = hashlib.sha256()
        own = {file for name in exercises for file in (f"{name}.py", f"probe_{name.removeprefix('test_')}.py")}
        for name, content in self._hidden.items():
            if name in own or not name.startswith(("test_", "probe_")):
                digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _written(one: Examined) -> dict[str, Any]:
    return {
        "status": one.status,
        "reason": one.reason,
        "seconds": one.seconds,
        "leaks": [[leak.where, leak.what] for leak in one.leaks],
        "seen": [
            [seed, [[told.check, told.verdict, told.admitted, told.refused] for told in seen]]
            for seed, seen in one.seen.items()
        ],
    }


def _seen(check: str, verdict: str, admitted: list[tuple[str, float]], refused: tuple[str, float] | None) -> Seen:
    return Seen(
        check,
        Verdict(verdict),
        tuple((str(name), float(ratio)) for name, ratio in admitted),
        (str(refused[0]), float(refused[1])) if refused else None,
    )


def _read(task: Task, kept: dict[str, Any]) -> Examined:
    """Raises `ValueError`, `KeyError` or `TypeError` for what is no entry."""
    seen = {int(seed): tuple(_seen(*one) for one in told) for seed, told in kept["seen"]}
    if kept["status"] == Status.graded and set(seen) != set(task.seeds):
        raise ValueError("an entry of other seeds")
    return Examined(
        task.case,
        task.threads,
        Status(kept["status"]),
        str(kept["reason"]),
        seen,
        tuple(Leak(str(where), str(what)) for where, what in kept["leaks"]),
        float(kept["seconds"]),
    )
