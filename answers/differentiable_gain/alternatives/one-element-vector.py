"""The gain is kept as a one-element vector."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.ones(1) * gain)

    def forward(self, x):
        return self.gain * x
