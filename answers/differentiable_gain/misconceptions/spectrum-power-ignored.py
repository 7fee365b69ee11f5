"""The power is stored but never used."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        return (torch.fft.rfft(x).abs() - torch.fft.rfft(y).abs()).abs().mean()
