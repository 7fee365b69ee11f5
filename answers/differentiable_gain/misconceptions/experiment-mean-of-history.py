"""The mean of all gains along the way is returned instead of the final one."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return float(np.mean(fit_gain(LinearGain(), torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)))
