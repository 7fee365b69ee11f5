"""Names of types and texts of errors with millions of characters."""
# earns: test_phase_shift=0 test_recover_gain=0

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return type("A" * 10**6, (), {})()

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return type("A" * 10**6, (), {})()

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    raise ValueError("A" * 10**6)
