"""All models share one parameter, so making or training one of them changes the others."""
# costs: test_linear_gain

# %% linear_gain
shared_gain = torch.nn.Parameter(torch.tensor(1.0))


class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        shared_gain.data.fill_(gain)
        self.gain = shared_gain

    def forward(self, x):
        return self.gain * x
