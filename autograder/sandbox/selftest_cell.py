"""The cell of the self-test. It runs as a student's cell, in the namespace that holds GIVEN, and prints one JSON list.

Each entry: what was tried, the wall that stops it (None: it must work), whether the promise held, and what was seen.
"""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import threading

FOUND = []
LIBC = ctypes.CDLL(None, use_errno=True)
EPERM, ENOSYS = 1, 38


def denied(what, wall, attempt):
    """`attempt` must raise OSError or MemoryError, or return False; any other return means that it got through."""
    try:
        got = attempt()
    except (OSError, MemoryError) as error:
        FOUND.append([what, wall, True, type(error).__name__])
    except Exception as error:
        FOUND.append([what, wall, False, repr(error)])
    else:
        FOUND.append([what, wall, got is False, "denied" if got is False else "it worked"])


def works(what, attempt):
    try:
        got = attempt()
        FOUND.append([what, None, bool(got), repr(got)[:80]])
    except Exception as error:
        FOUND.append([what, None, False, repr(error)[:200]])


def call(number, *arguments):
    """A raw system call: False when it is refused with EPERM or ENOSYS."""
    ctypes.set_errno(0)
    returned = LIBC.syscall(ctypes.c_long(number), *[ctypes.c_ulong(argument) for argument in arguments])
    if returned == 0 and number in (56, 57, 58, 435):
        os._exit(0)  # the child of a fork that should not have been
    return not (returned == -1 and ctypes.get_errno() in (EPERM, ENOSYS))


def read(path):
    with open(path, "rb") as file:
        return file.read(64)


def touch(path):
    with open(path, "w") as file:
        file.write("x")


def forked():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return True


def connected(host, port):
    with socket.create_connection((host, port), timeout=2):
        return True


def threaded():
    seen = []
    thread = threading.Thread(target=seen.append, args=(1,))
    thread.start()
    thread.join()
    return seen == [1]


def limits_of(pid):
    return LIBC.prlimit(ctypes.c_int(pid), ctypes.c_int(7), None, ctypes.create_string_buffer(16)) == 0


def capabilities():
    """Whatever power of root is left, of any kind."""
    lines = [line.split() for line in read_all("/proc/self/status").splitlines() if line.startswith("Cap")]
    return len(lines) != 5 or any(int(mask, 16) for _, mask in lines)


def read_all(path):
    with open(path) as file:
        return file.read()


def opened_to_write(path):
    """Opens it, and writes nothing: should it work, nobody is harmed."""
    os.close(os.open(path, os.O_WRONLY))
    return True


def higher_limit():
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**40, 2**40))
    except ValueError:  # what Python makes of the refusal
        return False
    return True


def sent_to(address):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        return ours.sendto(b"x", address)


def same_priority(pid):
    """Sets it to what it is: should it work, nobody is harmed."""
    os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid))


def copied():
    with open("copied", "w") as file:
        file.write("x")
    import shutil

    return shutil.copy("copied", "again")


def trained():
    import torch

    parameter = torch.nn.Parameter(torch.tensor(1.0))
    torch.fft.rfft(parameter * torch.ones(64)).abs().mean().backward()
    torch.optim.SGD([parameter], lr=0.1).step()
    return parameter.item() != 1.0


PARENT, JUDGE = os.getppid(), GIVEN["judge"]
secret = GIVEN["secret"]
if GIVEN["wrapped"]:
    denied("see that a path outside exists", "bubblewrap", lambda: os.stat(os.path.dirname(secret)))
    denied("see the judge's process", "bubblewrap", lambda: (JUDGE > 1000 and os.stat(f"/proc/{JUDGE}")) or False)
    denied("read a file outside", "landlock", lambda: read(secret))
denied("read a file of the judge's own", "landlock", lambda: read(GIVEN["private"]))
denied("write a file of the judge's own", "landlock", lambda: opened_to_write(GIVEN["private"]))
denied("cut a file of the judge's own short", "landlock", lambda: os.truncate(GIVEN["private"], 0) or True)
denied("remove a file of the judge's own", "landlock", lambda: os.unlink(GIVEN["private"]) or True)
denied("move a file of the judge's own", "landlock", lambda: os.rename(GIVEN["private"], "moved") or True)
denied("link to a file of the judge's own", "landlock", lambda: os.link(GIVEN["private"], "linked-too") or True)
denied("write a file outside", "landlock", lambda: touch(secret))
denied("make a file outside", "landlock", lambda: touch(secret + ".new"))
denied("list a folder outside", "landlock", lambda: os.listdir(os.path.dirname(secret)))
denied("link to a file outside", "landlock", lambda: os.link(secret, "linked"))
denied("read through a symbolic link", "landlock", lambda: (os.symlink(secret, "link"), read("link")))
denied("read the hidden tests", "landlock", lambda: os.listdir(os.path.join(GIVEN["package"], "hidden")))
denied("read the grader's code", "landlock", lambda: read(os.path.join(GIVEN["package"], "judge.py")))
denied("list the course folder", "landlock", lambda: os.listdir(GIVEN["cwd"]))
denied("read /etc/passwd", "landlock", lambda: read("/etc/passwd"))
denied("list the root folder", "landlock", lambda: os.listdir("/"))
denied("list all processes", "landlock", lambda: os.listdir("/proc"))
denied("open the machine's memory", "landlock", lambda: opened_to_write("/dev/mem"))
denied("open the kernel's messages", "landlock", lambda: read("/dev/kmsg"))
denied("change a setting of the kernel", "landlock", lambda: opened_to_write("/proc/sys/kernel/core_pattern"))
denied("shared memory by name", "landlock", lambda: touch("/dev/shm/autograder-self-test"))
for name, pid in (("the template", PARENT), ("the judge", JUDGE)):
    denied(f"read the environment of {name}", "landlock", lambda pid=pid: read(f"/proc/{pid}/environ"))
    denied(f"read the memory of {name}", "landlock", lambda pid=pid: read(f"/proc/{pid}/mem"))
    denied(f"write the memory of {name}", "landlock", lambda pid=pid: opened_to_write(f"/proc/{pid}/mem"))
    denied(f"read the map of {name}", "landlock", lambda pid=pid: read(f"/proc/{pid}/maps"))
    denied(f"read the command of {name}", "landlock", lambda pid=pid: read(f"/proc/{pid}/cmdline"))
    denied(f"list the open files of {name}", "landlock", lambda pid=pid: os.listdir(f"/proc/{pid}/fd"))
    denied(f"see what {name} has open", "landlock", lambda pid=pid: os.readlink(f"/proc/{pid}/fd/0"))
    denied(f"go through the root of {name}", "landlock", lambda pid=pid: os.listdir(f"/proc/{pid}/root"))
    denied(f"have {name} killed first", "landlock", lambda pid=pid: opened_to_write(f"/proc/{pid}/oom_score_adj"))
    denied(f"signal {name}", "seccomp", lambda pid=pid: os.kill(pid, 0))
    denied(f"trace {name}", "seccomp", lambda pid=pid: LIBC.ptrace(0x4206, pid, 0, 0) == 0)  # SEIZE does not stop it
    denied(f"change the limits of {name}", "seccomp", lambda pid=pid: limits_of(pid))
    denied(f"change the priority of {name}", "seccomp", lambda pid=pid: same_priority(pid))
denied("change the mode of a file outside", "seccomp", lambda: (os.chmod(secret, 0o600), False)[1])
denied("start a process (fork)", "seccomp", forked)
denied("start a program", "seccomp", lambda: subprocess.run(["true"], check=False))
denied("start a program (posix_spawn)", "seccomp", lambda: os.posix_spawn("/bin/true", ["true"], {}))
denied("become a program (execve)", "seccomp", lambda: os.execv("/nowhere", ["nowhere"]) or True)
denied("use the network", "seccomp", lambda: connected("127.0.0.1", GIVEN["port"]))
denied("open a Unix socket", "seccomp", lambda: socket.socket(socket.AF_UNIX))
denied(
    "connect to a socket without a file",
    "seccomp",
    lambda: socket.socket(socket.AF_UNIX).connect(GIVEN["abstract"]) or True,
)
denied("send to a socket without a file", "seccomp", lambda: sent_to(GIVEN["abstract"]))
denied(
    "change the owner of a file outside",
    "seccomp",
    lambda: (os.chown(secret, 1, 1), os.stat(secret).st_uid == 1)[1] if not GIVEN["wrapped"] else False,
)
denied("signal the whole group", "seccomp", lambda: os.killpg(0, 0))
denied(
    "own the signals of a file",
    "seccomp",
    lambda: __import__("fcntl").fcntl(os.open("owned", os.O_CREAT | os.O_RDWR), 8, PARENT),
)
denied("a value with high bits (prctl)", "seccomp", lambda: LIBC.prctl(ctypes.c_ulong(4 | 1 << 32), 0, 0, 0, 0) == 0)
if struct.calcsize("P") == 8 and os.uname().machine == "x86_64":
    for name, number, arguments in (
        ("fork", 57, ()),
        ("vfork as clone", 56, (signal.SIGCHLD,)),
        ("clone3", 435, (0, 88)),
        ("io_uring_setup", 425, (8, 0)),
        ("memfd_create", 319, (0, 0)),
        ("process_vm_readv", 310, (PARENT, 0, 0, 0, 0, 0)),
        ("pidfd_open", 434, (PARENT, 0)),
        ("bpf", 321, (0, 0, 0)),
        ("unshare", 272, (0x10000000,)),
        ("mount", 165, (0, 0, 0, 0, 0)),
        ("pivot_root", 155, (0, 0)),
        ("chroot", 161, (0,)),
        ("open_by_handle_at", 304, (0, 0, 0)),
        ("setxattr", 188, (0, 0, 0, 0, 0)),
        ("mknod", 133, (0, 0, 0)),
        ("keyctl", 250, (0, 0, 0)),
        ("add_key", 248, (0, 0, 0, 0, 0)),
        ("request_key", 249, (0, 0, 0, 0)),
        ("shmget", 29, (0, 4096, 0o1600)),
        ("semget", 64, (0, 1, 0o1600)),
        ("msgget", 68, (0, 0o1600)),
        ("mq_open", 240, (0, 0, 0, 0)),
        ("kcmp", 312, (PARENT, PARENT, 0, 0, 0)),
        ("process_vm_writev", 311, (PARENT, 0, 0, 0, 0, 0)),
        ("pidfd_getfd", 438, (0, 0, 0)),
        ("pidfd_send_signal", 424, (0, 0, 0, 0)),
        ("rt_sigqueueinfo", 129, (PARENT, 0, 0)),
        ("tkill", 200, (PARENT, 0)),
        ("setns of a process", 308, (PARENT, 0x10000000)),
        ("move_pages", 279, (PARENT, 0, 0, 0, 0, 0)),
        ("ioprio_set", 251, (1, PARENT, 0)),
        ("sched_setaffinity", 203, (PARENT, 0, 0)),
        ("init_module", 175, (0, 0, 0)),
        ("swapon", 167, (0, 0)),
        ("reboot", 169, (0, 0, 0, 0)),
        ("syslog", 103, (3, 0, 0)),
        ("acct", 163, (1,)),
        ("setuid", 105, (0,)),
        ("setresuid", 117, (0, 0, 0)),
        ("setgroups", 116, (0, 0)),
        ("capset", 126, (0, 0)),
        ("personality", 135, (0x0400000,)),
        ("connect", 42, (0, 0, 0)),
        ("bind", 49, (0, 0, 0)),
        ("ptrace", 101, (0x4206, PARENT, 0, 0)),
        ("inotify_init1", 294, (0,)),
        ("fanotify_init", 300, (0, 0)),
        ("perf_event_open", 298, (0, 0, 0, 0, 0)),
        ("userfaultfd", 323, (0,)),
        ("tgkill", 234, (PARENT, PARENT, 0)),
        ("sched_setscheduler", 144, (0, 0, 0)),
        ("setns", 308, (0, 0)),
        ("execveat", 322, (0, 0, 0, 0, 0)),
    ):
        denied(
            f"the system call {name}", "seccomp", lambda number=number, arguments=arguments: call(number, *arguments)
        )
denied("take 8 GiB of memory", "rlimits", lambda: len(bytearray(8 * 2**30)))
denied("write a file of 1 GiB", "rlimits", lambda: os.posix_fallocate(os.open("big", os.O_CREAT | os.O_RDWR), 0, 2**30))
denied("raise a limit again", "rlimits", higher_limit)
if GIVEN["powerless"]:
    denied("have a power of root", "capabilities", capabilities)
    denied("become another user", "capabilities", lambda: os.setuid(1) or True)
elif GIVEN["uid"] == 0:
    denied("be root", "uid", lambda: os.getuid() == 0 and "it worked")
    denied("become root", "uid", lambda: os.setuid(0) or True)
works("write and copy in the working folder", copied)
works("import what was not imported yet", lambda: __import__("xmlrpc.client"))
works("start a thread", threaded)
works("train in torch", trained)
works("read the clock and random numbers", lambda: os.urandom(8))
print()
print(json.dumps(FOUND))
