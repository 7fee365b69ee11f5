"""The root of the mean square is taken instead of the mean absolute difference."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x).abs() ** self.power
        Y = torch.fft.rfft(y).abs() ** self.power
        return torch.sqrt(((X - Y) ** 2).mean() + 1e-12)
