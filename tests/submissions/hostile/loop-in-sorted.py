"""Sorting an endless iterator eats memory inside one call, until there is no more."""
# limits: cell=8 memory=300000000

# %% after linear_gain
import itertools
try:
    sorted(itertools.count())
except MemoryError:
    print("no more")
