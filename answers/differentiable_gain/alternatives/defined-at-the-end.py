"""Everything is written into one cell at the end of the notebook."""

# %% linear_gain
# see the end
# %% fit_gain
# see the end
# %% loss_landscape
# see the end
# %% phase_shift_experiment
# see the end
# %% spectral_loss
# see the end
# %% recover_gain
# see the end
# %% after test_recover_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return history


def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * source, target) for g in gains])


class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        return (torch.fft.rfft(x).abs() ** self.power - torch.fft.rfft(y).abs() ** self.power).abs().mean()


def estimate_gain(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, SpectralLoss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()


def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
