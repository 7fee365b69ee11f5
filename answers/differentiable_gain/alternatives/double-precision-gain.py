"""The gain is stored in double precision."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.as_tensor(gain, dtype=torch.float64))

    def forward(self, x):
        return x * self.gain
