"""A loss that keeps all its inputs a million times."""
# earns: test_spectral_loss=0 test_recover_gain=0
# limits: cell=10 question=5 submission=30 memory=500000000

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()

    def forward(self, x, y):
        return torch.stack([x.reshape(-1)[0] * torch.ones(10**6) for _ in range(10**5)]).mean()
