"""One model serves every call, so each fit begins where the last one ended."""
# costs: test_phase_shift

# %% phase_shift_experiment
shared_model = LinearGain()


def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    fit_gain(shared_model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    return shared_model.gain.item()
