"""A null pointer is read."""
# modes: bare user

# %% after linear_gain
import ctypes
ctypes.string_at(0)
