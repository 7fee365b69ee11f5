"""What root may do beyond an ordinary user: read it, and give all of it up. See capabilities(7)."""

from __future__ import annotations

import ctypes
import os
import struct

SETGID, SETUID = 6, 7
CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETPCAP = 0, 1, 3, 5, 8
TO_GIVE_A_UID = (SETUID, SETGID, CHOWN, KILL, DAC_OVERRIDE, FOWNER)  # to children, and to clean up after them
LAST = 63  # the kernel has room for no more
PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 23, 24, 47, 4
VERSION_3 = 0x20080522
LIBC = ctypes.CDLL(None, use_errno=True)


class NotDropped(OSError):
    """A capability is left that this process may not give up."""


def effective() -> frozenset[int]:
    """The numbers of the capabilities that this process can use now."""
    with open("/proc/self/status") as status:
        mask = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))
    return frozenset(number for number in range(LAST + 1) if mask >> number & 1)


def drop_all() -> None:
    """Gives up every capability for good, also for programs started later. Raises `NotDropped`.

    Root is then the owner of root's files and nothing more. The bounding set comes first: emptying it takes one.
    """
    for number in range(LAST + 1):
        if LIBC.prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 and LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            raise _refused(f"capability {number} cannot be taken out of the bounding set")
    if LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0:
        raise _refused("the ambient capabilities cannot be cleared")
    if LIBC.capset(struct.pack("=Ii", VERSION_3, 0), struct.pack("=6I", 0, 0, 0, 0, 0, 0)) != 0:
        raise _refused("the capabilities cannot be dropped")


def _refused(what: str) -> NotDropped:
    number = ctypes.get_errno()
    return NotDropped(number, f"{what}: {os.strerror(number)}")
