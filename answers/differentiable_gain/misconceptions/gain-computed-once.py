"""The factor is computed in the constructor, so forward never sees the trained gain."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.factor = 1.0 * self.gain

    def forward(self, x):
        return self.factor * x
