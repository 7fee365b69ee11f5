"""Every bin is turned onto the real axis by its own angle."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    @staticmethod
    def magnitude(x):
        X = torch.fft.rfft(x)
        unit = torch.polar(torch.ones_like(X.real), -X.detach().angle())
        return (X * unit).real.clamp(min=0)

    def forward(self, x, y):
        d = self.magnitude(x) ** self.power - self.magnitude(y) ** self.power
        return (torch.relu(d) + torch.relu(-d)).mean()
