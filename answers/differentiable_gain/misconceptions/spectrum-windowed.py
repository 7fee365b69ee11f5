"""A Hann window with a mean of 1 is applied before the transform, which nobody asked for."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        window = 2 * torch.hann_window(x.shape[-1], dtype=x.dtype)
        X = torch.fft.rfft(window * x).abs() ** self.power
        Y = torch.fft.rfft(window * y).abs() ** self.power
        return (X - Y).abs().mean()
