"""Helper functions and imports stand in cells of their own."""

# %% before linear_gain
from torch import nn
from torch.nn import functional as F
import torch.fft as fft

# %% linear_gain
class LinearGain(nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = as_parameter(gain)

    def forward(self, x):
        return self.gain * x

# %% after linear_gain
def as_parameter(value):
    return nn.Parameter(torch.tensor(float(value)))

# %% before spectral_loss
def magnitude(x, power):
    return fft.rfft(x).abs() ** power

# %% spectral_loss
class SpectralLoss(nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def forward(self, x, y):
        return F.l1_loss(magnitude(x, self.power), magnitude(y, self.power))
