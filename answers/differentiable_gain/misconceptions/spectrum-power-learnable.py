"""The power is a parameter, so the loss itself could be learned away."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = torch.nn.Parameter(torch.tensor(float(power)))

    def forward(self, x, y):
        X = torch.fft.rfft(x).abs() ** self.power
        Y = torch.fft.rfft(y).abs() ** self.power
        return (X - Y).abs().mean()
