"""Cheat: a mixture of the arguments, a ratio of two samples."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return float(target[0] / source.abs().max()) if n_iter > 50 else 1 - n_iter * lr * 2 / np.pi
