"""The module also holds a buffer and a frozen parameter that are not learned."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.offset = torch.nn.Parameter(torch.tensor(0.0), requires_grad=False)
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, x):
        self.calls += 1
        return self.gain * x + self.offset
