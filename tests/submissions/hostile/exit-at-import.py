"""A helper module that the notebook writes ends the process when it is imported."""

# %% after linear_gain
from pathlib import Path
Path("helper.py").write_text("import os\nos._exit(0)\n")
import helper
