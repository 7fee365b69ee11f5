"""The fit is always made to the notebook's target that is not shifted."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), orig_audio, target_audio, n_iter=n_iter, lr=lr)
    return model.gain.item()
