"""Signals, priorities, limits and tracing of the judge, the template, groups and everybody."""
# base: release
# modes: bare user

# %% after setup
import ctypes, os, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
def works(what, attempt):
    try:
        if attempt() not in (-1, False):
            loot(what)
    except OSError:
        pass
for pid in (os.getppid(), JUDGE):
    works("kill", lambda: os.kill(pid, 0))
    works("killpg", lambda: os.killpg(pid, 0))
    works("queue", lambda: syscall(129, pid, 0, 0)[0])
    works("tgkill", lambda: syscall(234, pid, pid, 0)[0])
    works("tkill", lambda: syscall(200, pid, 0)[0])
    works("pidfd", lambda: os.pidfd_open(pid))
    works("ptrace", lambda: libc.ptrace(0x4206, pid, 0, 0))
    works("read memory", lambda: syscall(310, pid, 0, 0, 0, 0, 0)[0])
    works("limits", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE))
    works("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)))
    works("affinity", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(pid)))
    works("scheduler", lambda: os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0)))
    works("compare", lambda: syscall(312, os.getpid(), pid, 0, 0, 0)[0])
works("kill all", lambda: os.kill(-1, 0))
works("kill group", lambda: os.kill(0, 0))
works("own session", lambda: os.setsid())
works("be root", lambda: os.setuid(0) if os.getuid() else -1)
works("new root", lambda: os.chroot("."))
