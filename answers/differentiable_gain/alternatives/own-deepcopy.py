"""The model says itself how it is copied."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x

    def __deepcopy__(self, memo):
        twin = LinearGain(self.gain.item())
        return twin.to(self.gain.dtype)
