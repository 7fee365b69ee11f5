"""The outer wall: bubblewrap around the template process, where it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

SCRATCH_CAP = 512 * 2**20  # bytes of all files of all children of a template process together
KIT = "/kit"  # where the child's own code stands inside
ROOT_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER")
SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/usr/share/fonts", "/etc/ld.so.cache", "/etc/localtime",
          "/etc/fonts", "/sys/devices/system/cpu")
LINKS = ("/lib", "/lib64")


@cache
def works() -> bool:
    """True where bubblewrap is installed and may make namespaces."""
    if not sys.platform.startswith("linux") or shutil.which("bwrap") is None:
        return False
    try:
        command = ["bwrap", *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def command(secrets: Sequence[str], environment: dict[str, str], scratch: str) -> list[str]:
    """What to put before a Python command so that it sees this Python, `KIT` and an empty scratch, and no network."""
    package = Path(__file__).resolve().parent
    prefixes = {os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    bound = _outermost(path for path in (*SYSTEM, *prefixes) if os.path.exists(path))
    arguments = ["bwrap", *_namespaces(), "--clearenv"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(SCRATCH_CAP), "--perms", "0755", "--tmpfs", scratch]
    for folder in sorted({str(parent) for path in bound for parent in Path(path).parents} - {"/"}):
        arguments += ["--dir", folder]  # else bubblewrap makes them so that only the owner gets through
    for path in bound:
        arguments += ["--ro-bind", path, path]
    for link in LINKS:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            arguments += ["--ro-bind", link, link]
    for secret in (os.path.realpath(secret) for secret in secrets):
        if os.path.isdir(secret) and any(secret.startswith(path + os.sep) for path in bound):
            arguments += ["--tmpfs", secret]
    arguments += ["--ro-bind", str(package.parent / "__init__.py"), f"{KIT}/autograder/__init__.py",
                  "--ro-bind", str(package), f"{KIT}/autograder/sandbox", "--remount-ro", "/", "--chdir", scratch]
    if os.geteuid() == 0:
        arguments += ["--cap-drop", "ALL"]
        for capability in ROOT_CAPABILITIES:
            arguments += ["--cap-add", capability]
    return arguments


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie beneath another."""
    unique = sorted(set(paths))
    return [path for path in unique if not any(path.startswith(other + os.sep) for other in unique)]


def _namespaces() -> list[str]:
    """As root without a user namespace, so that children can be given a uid that is really another."""
    shared = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
              "--die-with-parent", "--new-session"]
    return shared if os.geteuid() == 0 else ["--unshare-user", *shared]
