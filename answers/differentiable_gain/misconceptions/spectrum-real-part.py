"""The real part of the spectrum is used instead of its magnitude, so the phase still matters."""
# costs: test_spectral_loss, test_recover_gain
# varies: test_recover_gain::test_stops_when_told

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        X = torch.fft.rfft(x).real.abs() ** self.power
        Y = torch.fft.rfft(y).real.abs() ** self.power
        return (X - Y).abs().mean()
