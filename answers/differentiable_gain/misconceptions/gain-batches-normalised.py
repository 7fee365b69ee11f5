"""Batches are divided by their number of signals."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x if x.dim() < 2 else self.gain * x / x.shape[0]
