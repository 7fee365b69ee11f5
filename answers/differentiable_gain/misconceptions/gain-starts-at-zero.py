"""The default gain is 0, where the spectral loss has no slope, so the fit never leaves it."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=0.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
