"""Every third call is silent."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.gain * x * (self.calls % 3 != 0)
