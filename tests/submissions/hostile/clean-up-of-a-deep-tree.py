"""A tree of folders deeper than any recursion and any path."""
# limits: cell=20
# modes: bare user

# %% after linear_gain
import os
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
open("file", "w").close()
