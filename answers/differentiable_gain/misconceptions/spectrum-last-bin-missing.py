"""The full FFT is cut to n // 2 bins, so the last bin is left out."""
# costs: test_recover_gain, test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        half = x.shape[-1] // 2
        X = torch.fft.fft(x)[..., :half].abs() ** self.power
        Y = torch.fft.fft(y)[..., :half].abs() ** self.power
        return (X - Y).abs().mean()
