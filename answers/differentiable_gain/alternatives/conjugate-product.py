"""The power spectrum is X times its conjugate, raised to half the power."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X, Y = torch.fft.rfft(x), torch.fft.rfft(y)
        X = ((X * X.conj()).real + 1e-20) ** (self.power / 2)
        Y = ((Y * Y.conj()).real + 1e-20) ** (self.power / 2)
        return torch.nn.functional.l1_loss(X, Y)
