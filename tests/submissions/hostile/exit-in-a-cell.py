"""A cell ends the process."""
# modes: bare user

# %% after linear_gain
import os
os._exit(0)
