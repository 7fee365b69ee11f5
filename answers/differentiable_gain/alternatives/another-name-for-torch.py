"""torch goes by another name, and temporary names are deleted."""

# %% before linear_gain
import torch as t
import torch.nn as nn

# %% linear_gain
class LinearGain(nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = nn.Parameter(t.tensor(float(gain)))

    def forward(self, x):
        return t.multiply(self.gain, x)

# %% after test_linear_gain
a = LinearGain(0.5)
print(a(orig_audio[:3]))
del a
