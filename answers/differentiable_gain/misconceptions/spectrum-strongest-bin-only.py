"""Only the strongest bin of the target is compared."""
# costs: test_spectral_loss, test_recover_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x).abs() ** self.power
        Y = torch.fft.rfft(y).abs() ** self.power
        peak = Y.argmax(dim=-1, keepdim=True)
        return (X - Y).abs().gather(-1, peak).mean()
