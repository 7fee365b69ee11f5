"""Many cells, none of which takes long, together take far longer than a submission may."""
# base: release
# limits: cell=2 question=2 submission=2
# cells: 70

# %% after setup
import time
time.sleep(0.4)
