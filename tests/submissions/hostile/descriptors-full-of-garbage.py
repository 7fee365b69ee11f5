"""Garbage is written to every descriptor that there is."""

# %% after linear_gain
import os
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        os.write(fd, b"24.0\n" * 100)
    except OSError:
        pass
