"""The C library aborts; Python's stack overflows for real; an illegal instruction runs."""

# %% after linear_gain
import os
os.abort()

# %% after fit_gain
import sys, threading
sys.setrecursionlimit(10**9)
def deeper(*x):
    return [deeper(*x) for _ in [0]]
deeper()

# %% before spectral_loss
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(b"\x0f\x0b")
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
