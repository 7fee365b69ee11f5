"""The final loss is returned instead of the final gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    return torch.nn.L1Loss()(model(source), target).item()
