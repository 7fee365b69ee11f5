"""Reads the sources, the hidden tests, the answers, the solutions, what others have handed in, results and the gradebook."""
# base: release
# modes: bare user

# %% after setup
import glob, os
for name in ("source/differentiable_gain/differentiable_gain.ipynb", "source/canary.txt", "solutions/canary.txt",
             "hidden/canary.txt", "answers/canary.txt", "hidden/differentiable_gain/oracle.py",
             "hidden/differentiable_gain/test_fit_gain.py", "answers/differentiable_gain/mutants.toml",
             "submitted/neighbour/canary.txt", "results/canary.txt", "results/differentiable_gain/.seed",
             "autograded/canary.txt", "gradebook.db", ".git/canary.txt", "nbgrader_config.py", ".env"):
    path = os.path.join(COURSE, name)
    for way in (path, f"/proc/self/root{path}", f"/proc/{os.getppid()}/root{path}", f"/proc/{os.getppid()}/cwd/{name}",
                "../" * 30 + path, f"/dev/fd/../../../..{path}"):
        try:
            with open(way, "rb") as file:
                loot(way, file.read(200))
        except OSError:
            pass
for folder in (COURSE, COURSE + "/submitted", OUTSIDE, "/", "/home", "/root", "..", "../.."):
    try:
        loot(folder, os.listdir(folder))
    except OSError:
        pass
