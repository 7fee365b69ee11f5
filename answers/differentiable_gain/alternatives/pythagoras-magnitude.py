"""The magnitude comes from real and imaginary part by Pythagoras."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        def spectrum(signal):
            parts = torch.view_as_real(torch.fft.rfft(signal))
            return torch.sqrt(parts.square().sum(-1) + 1e-20) ** self.power

        return (spectrum(x) - spectrum(y)).abs().mean()
