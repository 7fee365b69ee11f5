"""The shifted target is moved back into phase before the fit, so there is no phase shift left."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    shifts = [torch.dot(source, torch.roll(target, k)) for k in range(len(source))]
    target = torch.roll(target, int(np.argmax(shifts)))
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
