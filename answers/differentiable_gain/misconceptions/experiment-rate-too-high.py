"""With a learning rate of 1, whatever lr is, the gain swings back and forth and never settles."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=1.0)
    return model.gain.item()
