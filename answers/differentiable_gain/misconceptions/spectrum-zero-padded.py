"""The signals are padded to four times their length before the transform."""
# costs: test_spectral_loss, test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        n = 4 * x.shape[-1]
        X = torch.fft.rfft(x, n=n).abs() ** self.power
        Y = torch.fft.rfft(y, n=n).abs() ** self.power
        return (X - Y).abs().mean()
