"""Arguments with stray high bits, which a filter that compares half of them lets through."""
# base: release
# machine: x86_64
# modes: bare user

# %% after setup
import os, signal
HIGH = 1 << 32
def works(what, number, *arguments):
    returned, error = syscall(number, *arguments)
    if returned == 0 and number == 56:
        os._exit(0)
    if not (returned == -1 and error in (1, 38)):
        loot(what, returned, error)
works("prctl PDEATHSIG off", 157, 1 | HIGH, 0)
works("prctl DUMPABLE", 157, 4 | HIGH, 1)
works("prctl SECCOMP", 157, 22 | HIGH, 0, 0)
works("prctl THP", 157, 41 | HIGH, 0, 0, 0, 0)
works("prctl plain", 157, 4, 0)
works("prlimit64", 302, os.getppid() | HIGH, 7, 0, 0)
works("prlimit64 of none", 302, HIGH, 7, 0, 0)
works("fcntl SETOWN", 72, 1, 8 | HIGH, os.getppid())
works("fcntl SETSIG", 72, 1, 10 | HIGH, 9)
works("fcntl lease", 72, 1, 1024 | HIGH, 0)
works("ioctl TIOCSTI", 16, 0, 0x5412 | HIGH, 0)
works("clone without a thread", 56, signal.SIGCHLD | HIGH)
works("clone of a user", 56, 0x10000000 | signal.SIGCHLD)
works("clone3", 435, 0, 88)
works("socketpair", 53, 2 | HIGH, 1, 0, 0)
works("socket", 41, 1 | HIGH, 1, 0)
works("kill", 62, os.getppid() | HIGH, 0)
