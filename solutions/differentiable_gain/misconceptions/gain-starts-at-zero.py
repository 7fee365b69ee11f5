"""The default gain is 0, where the spectral loss has no slope, so the fit never leaves it."""
# costs: test_linear_gain, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=0.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x
