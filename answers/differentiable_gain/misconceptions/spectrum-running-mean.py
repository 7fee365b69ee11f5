"""The loss is averaged with those of earlier calls."""
# costs: test_spectral_loss

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power
        self.all = []

    def forward(self, x, y):
        loss = ((torch.fft.rfft(x).abs() ** self.power) - (torch.fft.rfft(y).abs() ** self.power)).abs().mean()
        self.all.append(loss.detach())
        return loss - loss.detach() + sum(self.all) / len(self.all)
