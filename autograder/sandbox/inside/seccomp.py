"""seccomp: which system calls a child may still make. The list says what is allowed; all else fails with EPERM.

The filter is compiled by libseccomp once, in the template process, and loaded in each child. Values are compared
in all 64 bits and only to allow, so a value with stray high bits is refused, never let through.
"""

from __future__ import annotations

import ctypes
import errno
import os
import tempfile

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
KILL_PROCESS, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
ACT_BADARCH = 2
EQUAL, MASKED_EQUAL = 4, 7
CLONE_THREAD = 0x00010000
AF_UNIX = 1

FILES = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek open openat creat close close_range
stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir
fchdir dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait
epoll_pwait epoll_pwait2 eventfd eventfd2 mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 symlink
symlinkat link linkat truncate ftruncate fallocate fsync fdatasync fadvise64 readahead copy_file_range sendfile
flock umask statfs fstatfs getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
"""
MEMORY_AND_THREADS = """
mmap munmap mremap mprotect madvise msync mincore brk membarrier get_mempolicy futex futex_waitv set_tid_address
set_robust_list get_robust_list rseq arch_prctl exit exit_group sched_yield sched_getaffinity sched_getparam
sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu restart_syscall
"""
TIME_SIGNALS_IDENTITY = """
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times getrusage sysinfo uname getrandom
getitimer setitimer alarm timerfd_create timerfd_settime timerfd_gettime pause rt_sigaction rt_sigprocmask
rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack getpid getppid gettid getuid geteuid getgid
getegid getgroups getresuid getresgid getpgrp getpgid getsid getpriority getrlimit setrlimit wait4 waitid
"""
CONNECTED = "recvfrom recvmsg getsockopt getsockname getpeername shutdown"  # on sockets that it has, it makes none
PRETENDED = """
chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat
"""  # Landlock does not cover them, and copying a file calls them: they do nothing and say it went well

FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)  # dup, flags, locks, pipe size; no owner, signal or lease
IOCTL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
PRCTL = (15, 16, 0x53564D41)  # a thread's name, a mapping's name


class _Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


class Unavailable(OSError):
    """There is no libseccomp, or the kernel does not take the filter."""


def compile_filter() -> bytes:
    """The filter as BPF, for `load`. Raises `Unavailable`."""
    try:
        library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError as error:
        raise Unavailable("libseccomp.so.2 is missing. On Debian and Ubuntu: apt-get install libseccomp2") from error
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Compare),
    ]
    context = ctypes.c_void_p(library.seccomp_init(ERRNO | errno.EPERM))
    try:
        library.seccomp_attr_set(context, ACT_BADARCH, ctypes.c_uint32(KILL_PROCESS))
        for name, action, compares in _rules():
            number = library.seccomp_syscall_resolve_name(name.encode())
            if number < 0:
                continue  # not a call of this architecture, or unknown to this libseccomp: refused by default
            array = (_Compare * max(1, len(compares)))(*compares)
            if library.seccomp_rule_add_array(context, action, number, len(compares), array) != 0:
                raise Unavailable(f"libseccomp does not take the rule for {name}")
        with tempfile.TemporaryFile() as file:
            if library.seccomp_export_bpf(context, file.fileno()) != 0:
                raise Unavailable("libseccomp cannot write the filter")
            file.seek(0)
            return file.read()
    finally:
        library.seccomp_release(context)


def _rules() -> list[tuple[str, int, list[_Compare]]]:
    rules: list[tuple[str, int, list[_Compare]]] = []
    for names in (FILES, MEMORY_AND_THREADS, TIME_SIGNALS_IDENTITY, CONNECTED):
        rules += [(name, ALLOW, []) for name in names.split()]
    rules += [(name, ERRNO | 0, []) for name in PRETENDED.split()]
    for name, argument, values in (("fcntl", 1, FCNTL), ("ioctl", 1, IOCTL), ("prctl", 0, PRCTL)):
        rules += [(name, ALLOW, [_Compare(argument, EQUAL, value, 0)]) for value in values]
    rules += [
        ("clone", ALLOW, [_Compare(0, MASKED_EQUAL, CLONE_THREAD, CLONE_THREAD)]),  # a thread, no process
        ("clone3", ERRNO | errno.ENOSYS, []),  # its flags lie in memory: the C library falls back to clone
        ("socketpair", ALLOW, [_Compare(0, EQUAL, AF_UNIX, 0)]),  # asyncio wakes itself up with one
        ("sendto", ALLOW, [_Compare(4, EQUAL, 0, 0)]),  # to the other end, to no address
        ("prlimit64", ALLOW, [_Compare(0, EQUAL, 0, 0)]),  # its own limits only
    ]
    return rules


def load(filter_bytes: bytes) -> None:
    """Restricts this process for good; `no_new_privileges` comes first. Raises `Unavailable`."""
    program = _Program(len(filter_bytes) // 8, filter_bytes)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise Unavailable(number, f"seccomp: {os.strerror(number)}")
