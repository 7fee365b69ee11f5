"""The gain has the shape (1, 1, 1) and is reshaped in forward."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.full((1, 1, 1), float(gain)))

    def forward(self, x):
        return (self.gain.reshape(()) * x)
