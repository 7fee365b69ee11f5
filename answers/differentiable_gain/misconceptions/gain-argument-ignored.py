"""The argument of LinearGain is ignored: every model starts at 1."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return self.gain * x
