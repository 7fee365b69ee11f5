"""The best gain is computed from a projection, and no descent is made."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return float(torch.dot(source, target) / torch.dot(source, source))
