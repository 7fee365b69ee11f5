"""One complex FFT of x + iy, taken apart by its symmetry."""

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        n = x.shape[-1]
        Z = torch.fft.fft(torch.complex(x.double(), y.double()))
        mirrored = torch.roll(Z.flip(-1), 1, -1).conj()
        X = ((Z + mirrored) / 2)[..., : n // 2 + 1]
        Y = ((Z - mirrored) / 2j)[..., : n // 2 + 1]
        return (X.abs() ** self.power - Y.abs() ** self.power).abs().mean()
