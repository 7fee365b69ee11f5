"""The model counts its calls and shows its gain."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x * self.gain

    def extra_repr(self):
        return f"gain={self.gain.item()}"
