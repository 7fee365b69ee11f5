"""The transform is normalised with norm="ortho"."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x, norm="ortho").abs() ** self.power
        Y = torch.fft.rfft(y, norm="ortho").abs() ** self.power
        return (X - Y).abs().mean()
