"""Landlock: which files a process and its threads may still open, from now on. See landlock(7)."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import struct
from collections.abc import Iterable

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system call numbers, the same on every architecture
RULE_PATH_BENEATH = 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
ABI_NEEDED = 3  # 2 covers moves between folders, 3 truncation

READ_FILE, READ_DIR = 1 << 2, 1 << 3
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
IOCTL_DEV = 1 << 15  # ABI 5
ALL_3 = (1 << 15) - 1
ALL_5 = ALL_3 | IOCTL_DEV
FOR_FILES = READ_FILE | WRITE_FILE | TRUNCATE | (1 << 0) | IOCTL_DEV
TCP = 0b11  # ABI 4: bind and connect
SCOPES = 0b11  # ABI 6: abstract Unix sockets and signals to processes outside


class Unavailable(OSError):
    """The kernel has no Landlock, or too little of it."""


def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    return max(0, int(LIBC.syscall(CREATE_RULESET, None, 0, 1)))


def check_available() -> None:
    """Raises `Unavailable`, with what mends it, where the kernel has no Landlock or too old a one."""
    found = abi()
    if found >= ABI_NEEDED:
        return
    why = errno.ENOSYS if found else ctypes.get_errno()
    if why == errno.EOPNOTSUPP:
        raise Unavailable("Landlock is switched off. Add landlock to the list lsm= of the kernel's command line")
    if why == errno.EPERM:
        raise Unavailable("Landlock is refused to this container. Start it with: --security-opt seccomp=unconfined")
    raise Unavailable(f"Landlock ABI {ABI_NEEDED} is needed, this kernel has {found}. Use Linux 6.2 or newer")


def no_new_privileges() -> None:
    """No program started from here on gains a privilege; what an unprivileged filter needs."""
    _check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def die_with_parent() -> None:
    """This process is killed when the one that forked it ends, however it ends."""
    _check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str], listable: Iterable[str]) -> None:
    """From now on files beneath `readable` can be read, beneath `writable` anything; nothing else can be opened.

    `devices` can be read and written. Of `listable` folders only the names can be read. What does not exist is
    passed over. Raises `Unavailable`.
    """
    check_available()
    version = abi()
    handled = ALL_5 if version >= 5 else ALL_3
    fields = [handled, TCP if version >= 4 else 0, SCOPES if version >= 6 else 0]
    length = {3: 1, 4: 2, 5: 2}.get(version, 3)
    attributes = struct.pack(f"={length}Q", *fields[:length])
    ruleset = LIBC.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    _check(ruleset)
    try:
        for paths, rights in (
            (readable, READ_FILE | READ_DIR),
            (writable, handled & ~IOCTL_DEV),
            (devices, READ_FILE | WRITE_FILE),
            (listable, READ_DIR),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _check(LIBC.syscall(RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= FOR_FILES
            rule = struct.pack("=Qi", rights, fd)
            _check(LIBC.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0))
        finally:
            os.close(fd)


def _check(returned: int) -> None:
    if returned < 0:
        number = ctypes.get_errno()
        raise Unavailable(number, f"Landlock: {os.strerror(number)}")
