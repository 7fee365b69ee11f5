"""Everything takes long, and nothing takes too long: that is no fault."""
# limits: cell=20 question=12 submission=60

# %% after linear_gain
import time
time.sleep(2)

# %% after recover_gain
_quick = estimate_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    time.sleep(0.3)
    return _quick(source, target, n_iter=n_iter, lr=lr)
