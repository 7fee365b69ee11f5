"""The transform always has 512 points, so longer signals are cut and shorter ones padded."""
# costs: test_spectral_loss, test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x, n=512).abs() ** self.power
        Y = torch.fft.rfft(y, n=512).abs() ** self.power
        return (X - Y).abs().mean()
