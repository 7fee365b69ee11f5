"""A regular expression that backtracks for longer than the sun will shine."""
# limits: cell=2.5 question=5 submission=40

# %% after linear_gain
import re
re.match(r"(a+)+$", "a" * 60 + "b")
