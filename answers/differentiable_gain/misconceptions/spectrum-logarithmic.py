"""Logarithms of the magnitudes are compared instead of the magnitudes."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.log(torch.fft.rfft(x).abs() ** self.power + 1e-3)
        Y = torch.log(torch.fft.rfft(y).abs() ** self.power + 1e-3)
        return (X - Y).abs().mean()
