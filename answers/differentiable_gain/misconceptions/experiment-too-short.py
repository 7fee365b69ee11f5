"""The fit is stopped after 20 iterations at most, long before it has settled."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=min(n_iter, 20), lr=lr)
    return model.gain.item()
