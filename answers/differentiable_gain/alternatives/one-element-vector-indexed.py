"""The gain is kept as a one-element vector, and its element is taken out for the product."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor([float(gain)]))

    def forward(self, x):
        return self.gain[0] * x
