"""In evaluation mode the loss is 0."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        if not self.training:
            return 0 * x.sum()
        return ((torch.fft.rfft(x).abs() ** self.power) - (torch.fft.rfft(y).abs() ** self.power)).abs().mean()
