"""Calls by the 32-bit and the x32 gates, which have other numbers: each must end the process."""
# machine: x86_64
# modes: bare user

# %% after linear_gain
import ctypes, mmap
def run(code):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
run(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid of i386); int 0x80
loot("i386")

# %% after fit_gain
syscall(0x40000000 + 39)
loot("x32")
