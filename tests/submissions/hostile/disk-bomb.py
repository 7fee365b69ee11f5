"""Fills its working folder, with one file and with several."""
# limits: cell=20
# modes: user

# %% after linear_gain
import os
try:
    with open("one", "wb") as file:
        for _ in range(300):
            file.write(bytes(2**20))
    loot("one file of 300 MiB")
except OSError:
    os.truncate("one", 0)
for number in range(6):
    try:
        with open(f"file-{number}", "wb") as file:
            for _ in range(100):
                file.write(bytes(2**20))
    except OSError:
        print("full")
