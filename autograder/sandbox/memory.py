"""How much memory there is for what we run, and whether the system has killed for want of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/proc/self/cgroup")
MOUNTS = Path("/proc/self/mountinfo")
MEMINFO = Path("/proc/meminfo")
VMSTAT = Path("/proc/vmstat")
LIMITS = ("memory.max", "memory.limit_in_bytes")
KILLS = ("memory.events", "memory.oom_control")
TEMPLATE = 700 * 2**20  # bytes, about: a template process and the judge beside it
NO_LIMIT = 2**60  # version 1 writes such a number where there is no limit


def within() -> int | None:
    """Bytes that this process and all it starts may use: the least limit of its control groups, or what is free of the
    machine's memory, if that is less. None where nothing is known."""
    found = [limit for folder in _folders() for limit in _limits(folder)]
    free = _fields(_text(MEMINFO)).get("MemAvailable:")
    return min([*found, *([free * 1024] if free is not None else [])], default=None)


def kills() -> int:
    """How many processes the system has killed for want of memory, as far as can be seen from here."""
    counts = [_fields(_text(folder / name)).get("oom_kill", 0) for folder in _folders() for name in KILLS]
    return sum(counts) + _fields(_text(VMSTAT)).get("oom_kill", 0)


def warning(memory: int, workers: int) -> str:
    """What to say before `workers` submissions at a time may use `memory` bytes each; "" where there is enough."""
    there = within()
    needed = workers * (memory + TEMPLATE)
    if there is None or there >= needed:
        return ""
    gb = 2**30
    each = "" if workers == 1 else f", {workers} at a time"
    advice = "--workers 1 or more memory" if workers > 1 else "a machine with more"
    return (
        f"{there / gb:.1f} GB of memory are left here, and a submission may use {memory / gb:.1f} GB{each}. Take "
        f"{advice}, or lower c.AutograderLimits.memory. A submission that the system kills gets no grade."
    )


def _folders() -> Iterator[Path]:
    """The folders of this process's control groups that have to do with memory, from its own up to the outermost."""
    mounted = {kind: point for kind, point in map(_mount, _text(MOUNTS).splitlines()) if kind}
    for line in _text(GROUPS).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        kind = "cgroup2" if number == "0" else "memory" if "memory" in controllers.split(",") else ""
        if kind in mounted:
            folder = mounted[kind] / path.lstrip("/")
            yield from (one for one in (folder, *folder.parents) if one.is_relative_to(mounted[kind]))


def _mount(line: str) -> tuple[str, Path]:
    before, _, after = line.partition(" - ")
    fields, about = before.split(), after.split()
    kind = about[0] if about else ""
    if kind == "cgroup":
        kind = "memory" if "memory" in about[-1].split(",") else ""
    return (kind if kind in ("cgroup2", "memory") else ""), Path(fields[4] if len(fields) > 4 else "/")


def _limits(folder: Path) -> Iterator[int]:
    for name in LIMITS:
        text = _text(folder / name).strip()
        if text.isdigit() and int(text) < NO_LIMIT:
            yield int(text)


def _fields(text: str) -> dict[str, int]:
    lines = (line.split() for line in text.splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""
