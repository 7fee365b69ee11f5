"""A null pointer is read."""

# %% after linear_gain
import ctypes
ctypes.string_at(0)
