"""The gain has no default value, so LinearGain() raises."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
