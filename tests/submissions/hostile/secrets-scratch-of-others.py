"""Looks for what other submissions, other children and the template have left in temporary places."""
# base: release
# modes: bare user

# %% after setup
import glob, os, tempfile
here = os.getcwd()
number, count = os.path.basename(here).split("-")
for other in [f"{number}-{n}" for n in range(int(count) + 3) if str(n) != count] + ["matplotlib", "profile_default", ""]:
    path = os.path.join(os.path.dirname(here), other)
    try:
        loot(path, os.listdir(path))
    except OSError:
        pass
    try:
        open(os.path.join(path, "mark"), "w").close()
        loot("written", path)
    except OSError:
        pass
for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", tempfile.gettempdir() + "/.."):
    try:
        loot(place, os.listdir(place))
    except OSError:
        pass
