"""A smooth L1 loss is used."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain(1.0)
    fit_gain(model, torch.nn.SmoothL1Loss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
