"""The first gain of the history is returned instead of the last."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return fit_gain(LinearGain(), torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)[0]
