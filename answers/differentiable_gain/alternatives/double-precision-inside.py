"""The loss is computed in double precision and handed back in the precision of the estimate."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x.double()).abs() ** self.power
        Y = torch.fft.rfft(y.double()).abs() ** self.power
        return (X - Y).abs().mean().to(x.dtype)
