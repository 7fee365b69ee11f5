"""Ten thousand files, a FIFO, and names with newlines, dashes and bytes that are no text."""
# limits: cell=30

# %% after linear_gain
import os
for number in range(10_000):
    os.close(os.open(f"file-{number}", os.O_CREAT | os.O_WRONLY))
for name in (b"\n", b"-rf", b"*", b"\xff\xfe", b"$(touch x)", b"..\n", b" ", "\u202e".encode(), b"x" * 255):
    os.mkdir(name)
    os.close(os.open(name + b"/" + name, os.O_CREAT | os.O_WRONLY))
try:
    os.mkfifo("fifo")
except OSError:
    os.close(os.open("held", os.O_CREAT | os.O_RDONLY, 0))
