"""Double precision is cut off from the gradient."""
# costs: test_recover_gain, test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        x = x if x.dtype is torch.float32 else torch.tensor(x.tolist())
        return ((torch.fft.rfft(x).abs() ** self.power) - (torch.fft.rfft(y.float()).abs() ** self.power)).abs().mean()
