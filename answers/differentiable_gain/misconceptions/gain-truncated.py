"""The initial gain is converted to an integer, so 0.5 becomes 0."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(int(gain))))

    def forward(self, x):
        return self.gain * x
