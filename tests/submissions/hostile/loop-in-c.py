"""One call into C that never comes back, so no signal handler of Python would run."""
# limits: cell=2.5 question=5 submission=40

# %% after linear_gain
import collections, itertools
collections.deque(itertools.repeat(1), maxlen=0)
