"""The full FFT is taken, and its first n // 2 + 1 bins are kept."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def magnitude(self, x):
        bins = x.shape[-1] // 2 + 1
        return torch.fft.fft(x, dim=-1)[..., :bins].abs().pow(self.power)

    def forward(self, x, y):
        return torch.mean(torch.abs(self.magnitude(x) - self.magnitude(y)))
