"""In evaluation mode the gain is turned into a number, so nothing can be learned."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return (self.gain if self.training else self.gain.item()) * x
