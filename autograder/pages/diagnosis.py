"""What `autograder doctor` shows."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.sandbox import bubblewrap
from autograder.sandbox.selftest import Finding, failures

WALLS = {
    "bubblewrap": "own file system, processes and network",
    "landlock": "which files can be opened",
    "seccomp": "which system calls can be made",
    "uid": "as root: another user",
    "capabilities": "or else: none of root's powers",
    "rlimits": "memory, file sizes, open files",
}


def walls(standing: Sequence[str], findings: Sequence[Finding]) -> RenderableType:
    """A line a wall, then whatever does not hold."""
    grid = Table("wall", "what it is for", "tried", "", box=SIMPLE_HEAD, header_style="bold")
    for name, purpose in WALLS.items():
        tried = [finding for finding in findings if finding.wall == name]
        held = sum(finding.held for finding in tried)
        count = f"{held} of {len(tried)} held" if tried else ""
        if name in standing:
            broken = held < len(tried)
            grid.add_row(name, purpose, count, Text("broken" if broken else "stands", "red" if broken else "green"))
        else:
            grid.add_row(name, purpose, count, Text(_why_not(name), "yellow"))
    needed = [finding for finding in findings if finding.wall is None]
    grid.add_row("", "what student code needs", f"{sum(f.held for f in needed)} of {len(needed)} work", "")
    broken_ones = failures(list(findings))
    lines = [Text(f"✗ {what}", "red") for what in broken_ones]
    verdict = (
        "Student code must not be run here."
        if broken_ones
        else "Student code can be run here: every wall that is needed stands."
    )
    return Group(grid, *_which_bubblewrap(standing), *lines, Text(verdict, "bold red" if broken_ones else "bold green"))


def _which_bubblewrap(standing: Sequence[str]) -> list[Text]:
    used = bubblewrap.found() if "bubblewrap" in standing else None
    return [Text(f"bubblewrap {used.version}: {used.program}")] if used else []


def _why_not(name: str) -> str:
    if name == "bubblewrap":
        if bubblewrap.works():
            return "not used"
        return "better, but may not start here" if bubblewrap.programs() else "better: install bubblewrap"
    if name in ("uid", "capabilities"):
        return "not needed" if os.geteuid() == 0 else "not needed: not run as root"
    return "missing"
