"""The power is applied to the difference instead of to each spectrum."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x).abs()
        Y = torch.fft.rfft(y).abs()
        return ((X - Y).abs() ** self.power).mean()
