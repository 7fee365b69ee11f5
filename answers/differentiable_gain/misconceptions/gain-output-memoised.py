"""The output of the first call is kept and returned again."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.y = None

    def forward(self, x):
        if self.y is None:
            self.y = self.gain * x
        return self.y
