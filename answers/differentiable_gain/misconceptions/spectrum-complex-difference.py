"""The magnitude is taken after the subtraction, so the phase still matters."""
# costs: test_spectral_loss, test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain
# varies: test_recover_gain::test_stops_when_told

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        return ((torch.fft.rfft(x) - torch.fft.rfft(y)).abs() ** self.power).mean()
