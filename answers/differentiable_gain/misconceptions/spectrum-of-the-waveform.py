"""There is no Fourier transform: the loss compares the waveforms."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        return (x.abs() ** self.power - y.abs() ** self.power).abs().mean()
