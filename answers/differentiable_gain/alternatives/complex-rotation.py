"""The gain is the real part of a product of complex numbers."""

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        gain = self.gain.to(torch.float64)
        return (torch.complex(gain, torch.zeros_like(gain)) * x.to(torch.complex128)).real.to(x.dtype)
