"""Links that lead the grader's clean-up outside: symbolic and hard, to files and folders, and swapped for folders."""
# modes: bare user

# %% after linear_gain
import os
for name, target in (("a", OUTSIDE), ("b", COURSE), ("c", OUTSIDE + "/secret.txt"), ("d", "/"), ("e", ".."), ("f", "f"), ("g", KIT)):
    os.symlink(target, name)
os.makedirs("folder/inner")
os.symlink(OUTSIDE, "folder/inner/out")
try:
    os.link(OUTSIDE + "/secret.txt", "hard")
    loot("a hard link")
except OSError:
    pass
here = os.getcwd()
try:
    os.rename(here, here + "-moved")
    os.symlink(OUTSIDE, here)
    loot("moved")
except OSError:
    pass
