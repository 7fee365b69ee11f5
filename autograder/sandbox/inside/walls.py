"""The walls around a child: what is shut, in which order, and what a Python program still has to read."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.inside import capabilities, landlock, seccomp

FILE_CAP = 256 * 2**20  # bytes of one file a child may write
THREADS_CAP = 256
OPEN_FILES_CAP = 256
SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/sys/devices/system/cpu",
)
OWN_PROC = ("cmdline", "comm", "environ", "limits", "maps", "smaps", "stat", "statm", "status")  # no net, root, mounts
PROC = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
FIRST_UID = 0x40000000  # above every account; each template process of root gives its children a uid of their own


@dataclass(frozen=True)
class Walls:
    """What every child of a template process gets. `bpf` is None where no walls were asked for.

    Root's children get a `uid` of their own, or stay root without any capability (`powerless`).
    """

    readable: tuple[str, ...] = ()
    listable: tuple[str, ...] = ()
    bpf: bytes | None = None
    uid: int | None = None
    powerless: bool = False

    @property
    def names(self) -> list[str]:
        inner = ["landlock", "seccomp"] if self.bpf is not None else []
        root = ["uid"] if self.uid is not None else ["capabilities"] if self.powerless else []
        return [*inner, *root, "rlimits"]


def build(secrets: Sequence[str]) -> Walls:
    """The inner walls, ready to be raised in children. Raises OSError when this system lacks one of them."""
    landlock.check_available()
    readable, listable = around((*SYSTEM, *python_paths()), secrets)
    uid = _own_uid() if os.geteuid() == 0 else None
    powerless = os.geteuid() == 0 and uid is None
    if powerless:
        _check_open_to_root(python_paths())
    return Walls(readable, listable, seccomp.compile_filter(), uid, powerless)


def limit(memory: int, uid: int | None) -> None:
    """The limits that hold in every child, walls or not. `memory` is in bytes, beyond what the process has now."""
    needed, hard = _address_space() + memory, resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise OSError(
            f"this account may have {hard / 2**30:.1f} GB of memory (ulimit -v), where a submission needs "
            f"{needed / 2**30:.1f}. Raise it, or lower c.AutograderLimits.memory"
        )
    _limit(resource.RLIMIT_AS, needed)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, FILE_CAP)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES_CAP)
    # the kernel does not hold the machine's root to this one
    _limit(resource.RLIMIT_NPROC, THREADS_CAP + (_threads_of_this_user() if uid is None else 0))


def raise_walls(walls: Walls, scratch: str) -> None:
    """Shuts this process in, for good. Raises OSError, and then no student code may run."""
    if walls.uid is not None:
        os.setgroups([])
        os.setresgid(walls.uid, walls.uid, walls.uid)
        os.setresuid(walls.uid, walls.uid, walls.uid)
    if walls.powerless:
        capabilities.drop_all()
    landlock.die_with_parent()  # a change of uid undoes it
    if walls.bpf is None:
        return
    landlock.no_new_privileges()
    own = f"/proc/{os.getpid()}"
    landlock.restrict(
        (*walls.readable, *PROC, *(f"{own}/{name}" for name in OWN_PROC)),
        [scratch],
        DEVICES,
        (*walls.listable, f"{own}/fd", f"{own}/task"),
    )
    seccomp.load(walls.bpf)


def python_paths() -> list[str]:
    """The folders of this Python's standard library and packages."""
    found = sysconfig.get_paths()
    paths = {os.path.realpath(found[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    base = os.path.join(sys.base_prefix, "lib")
    library = (
        {os.path.join(base, name) for name in os.listdir(base) if name.startswith("libpython")}
        if os.path.isdir(base)
        else set()
    )
    return sorted(paths | library)


def around(paths: Iterable[str], secrets: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(paths to read, folders to list) that cover `paths` but nothing beneath a secret.

    A Landlock rule covers all that lies beneath a folder, so a folder that holds a secret is replaced by what else
    is in it.
    """
    hidden = [Path(os.path.realpath(secret)) for secret in secrets]
    readable: list[str] = []
    listable: list[str] = []
    rest = [Path(os.path.realpath(path)) for path in paths]
    seen: set[Path] = set()  # a link in a folder may lead back to it
    while rest:
        path = rest.pop()
        if path in seen or any(path == secret or secret in path.parents for secret in hidden):
            continue
        seen.add(path)
        if any(path in secret.parents for secret in hidden):
            listable.append(str(path))
            rest += [Path(os.path.realpath(entry)) for entry in path.iterdir()]
        else:
            readable.append(str(path))
    return tuple(sorted(set(readable))), tuple(sorted(set(listable)))


def _own_uid() -> int | None:
    """A uid that nobody else has, for children of root; None where they cannot be given one or could not read Python.

    Each template process draws its own: pids are alike in namespaces.
    """
    uid = FIRST_UID + int.from_bytes(os.urandom(3))
    given = capabilities.effective().issuperset(capabilities.TO_GIVE_A_UID)
    if given and _mapped(uid) and all(_closed_to_others(path) is None for path in python_paths()):
        return uid
    return None


def _mapped(uid: int) -> bool:
    """True where this number means something here; a container may know few uids."""

    def known(line: str) -> bool:
        first, _, count = map(int, line.split())
        return first <= uid < first + count

    return all(any(map(known, Path(f"/proc/self/{name}").read_text().splitlines())) for name in ("uid_map", "gid_map"))


def _closed_to_others(path: str) -> Path | None:
    """The folder on the way to `path` that keeps other users out."""
    return next((folder for folder in _way(path) if not folder.stat().st_mode & 0o001), None)


def _check_open_to_root(paths: Iterable[str]) -> None:
    """Raises PermissionError when a user keeps out even root, once it has no capabilities."""
    for folder in (folder for path in paths for folder in _way(path)):
        found = folder.stat()
        bit = 0o100 if found.st_uid == 0 else 0o010 if found.st_gid == 0 else 0o001
        if not found.st_mode & bit:
            raise PermissionError(
                f"students' code could not read this Python: {folder} is closed to others, and bubblewrap, which would "
                f"show it, does not work here. Open it with: chmod o+x {folder}"
            )


def _way(path: str) -> list[Path]:
    """The folders that must be passed to read `path`, itself included, from the root on."""
    return [folder for folder in [*reversed(Path(path).parents), Path(path)] if folder.is_dir()]


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _threads_of_this_user() -> int:
    """The limit counts them together, whichever processes they are in."""
    count = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{process}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{process}/task"))
    return count


def _address_space() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
