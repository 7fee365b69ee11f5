"""The default value of the gain is a parameter, of which each model takes a copy."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=torch.nn.Parameter(torch.tensor(1.0))):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.as_tensor(gain, dtype=torch.float32).detach().clone())

    def forward(self, x):
        return self.gain * x
