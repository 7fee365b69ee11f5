"""Takes all the memory there is, again and again."""
# limits: cell=10 memory=500000000
# modes: bare user

# %% after linear_gain
hoard = []
try:
    while True:
        hoard.append(bytearray(2**24))
except MemoryError:
    held = len(hoard) * 2**24
    del hoard
if held > 2**31:
    loot("memory", held)
