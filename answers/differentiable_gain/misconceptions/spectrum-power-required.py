"""The power has no default value, so SpectralLoss() raises."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x).abs() ** self.power
        Y = torch.fft.rfft(y).abs() ** self.power
        return (X - Y).abs().mean()
