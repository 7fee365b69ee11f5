"""A short-time transform with frames of 32 samples is used instead of one over the whole signal."""
# costs: test_spectral_loss, test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def spectrum(self, x):
        window = torch.ones(32, dtype=x.dtype)
        return torch.stft(x, 32, window=window, center=False, return_complex=True).abs() ** self.power

    def forward(self, x, y):
        return (self.spectrum(x) - self.spectrum(y)).abs().mean()
