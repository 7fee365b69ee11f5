"""The output is interpolated between silence and the input."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.zeros(()) + gain)

    def forward(self, x):
        silence = torch.zeros_like(x)
        return torch.lerp(silence, x, self.gain.to(x.dtype))
