"""Clocks run backwards and sleep returns at once."""

# %% after linear_gain
import time
for name in ("time", "monotonic", "perf_counter", "process_time", "time_ns"):
    setattr(time, name, lambda: -10**9)
