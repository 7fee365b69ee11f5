"""Magics and shell escapes that read, run, load and install."""

# %% after linear_gain
import os
shell = get_ipython()
for line in ("run /etc/passwd", "load /etc/passwd", "pycat /etc/passwd", "sx cat /etc/passwd", "edit /etc/passwd",
             "cd /", "env", "pip list", "conda list", "autosave 1", "logstart /tmp/log", "killbgscripts"):
    name, _, rest = line.partition(" ")
    try:
        found = shell.run_line_magic(name, rest)
        if "root:" in str(found) or "SECRET_OF_THE_JUDGE" in str(found):
            loot(line)
    except BaseException as error:
        if "Loot" in type(error).__name__:
            raise
    os.chdir(os.environ["HOME"])
if "root:" in str(shell.getoutput("cat /etc/passwd")) or os.path.exists("/tmp/log"):
    loot("a shell")
from IPython.core.getipython import get_ipython
