"""The parameter is registered by name and made with torch.full."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        self.register_parameter("gain", torch.nn.Parameter(torch.full((), gain, dtype=torch.float32)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.mul(x, self.gain)
