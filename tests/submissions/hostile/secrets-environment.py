"""Looks for the judge's environment in Python's, in C's, in the process's first one, and in its own memory."""
# base: release
# modes: bare user

# %% after setup
import ctypes, os, re
name = "SECRET_OF_THE_" + "JUDGE"
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
found = [os.environ.get(name), libc.getenv(name.encode())]
for value in found:
    if value:
        loot("environment", value)
for path in ("/proc/self/environ", "/proc/thread-self/environ", f"/proc/{os.getpid()}/environ"):
    try:
        if name.encode() in open(path, "rb").read():
            loot(path)
    except OSError:
        pass
