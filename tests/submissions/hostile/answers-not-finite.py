"""NaN, infinities and numbers so large that their difference overflows, as float and as tensors."""
# earns: test_phase_shift=0 test_recover_gain=0 test_spectral_loss=0

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    return -1.7976931348623157e308

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.full(gains.shape, 1.7e308, dtype=torch.float64)

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    values = [1.7e308, -1.7e308, float("inf"), float("nan"), 5e-324]

    def __init__(self, power=1):
        super().__init__()

    def forward(self, x, y):
        self.values.append(self.values.pop(0))
        return x.double().sum() * 0 + self.values[0]

# %% recover_gain
values = [1.7e308, -1.7e308, float("inf"), float("nan"), 5e-324]
def estimate_gain(source, target, n_iter=300, lr=0.01):
    values.append(values.pop(0))
    return values[0]
