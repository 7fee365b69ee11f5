#!/usr/bin/env python3
"""without_namespaces.py COMMAND...: runs a command where no namespace can be made, as in most containers.

A seccomp filter lets unshare, setns, mount, pivot_root and clone with a CLONE_NEW flag fail with EPERM, clone3 with
ENOSYS (the C library then uses clone). It stays with every process that the command starts. Linux on x86-64.
"""

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # of classic BPF
NUMBER, FIRST_ARGUMENT = 0, 16  # offsets in seccomp_data
CLONE, CLONE3, REFUSED = 56, 435, (272, 308, 165, 155)  # unshare, setns, mount, pivot_root
NEW_NAMESPACES = 0x7E020080  # CLONE_NEW: time, mount, cgroup, UTS, IPC, user, PID, network


def program() -> bytes:
    steps = [(LOAD, 0, 0, NUMBER)]
    for number in REFUSED:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, EPERM)]
    steps += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, ENOSYS)]
    steps += [(EQUAL, 0, 3, CLONE), (LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += [(ANY_BIT, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, EPERM)]
    steps += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def main() -> None:
    if len(sys.argv) < 2 or platform.machine() != "x86_64":
        sys.exit("without_namespaces.py COMMAND...: on Linux on x86-64 only")
    code = ctypes.create_string_buffer(program())
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program()) // 8, ctypes.addressof(code)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(PR_SET_SECCOMP, FILTER, head, 0, 0):
        sys.exit(f"without_namespaces.py: {os.strerror(ctypes.get_errno())}")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
