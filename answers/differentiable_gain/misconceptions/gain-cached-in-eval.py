"""eval() freezes a copy of the gain for speed."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.frozen = float(gain)

    def forward(self, x):
        return self.gain * x if self.training else self.gain - self.gain.detach() + self.frozen * x
