"""Warnings and log lines are written to stderr along the way."""

# %% before linear_gain
import logging
import warnings

log = logging.getLogger("student")
log.addHandler(logging.StreamHandler())
log.setLevel(logging.INFO)

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        if not isinstance(gain, float):
            warnings.warn(f"gain {gain!r} is turned into a float", UserWarning, stacklevel=2)
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x

# %% after test_linear_gain
log.info("a gain of one half: %s", LinearGain(0.5)(orig_audio[:2]).tolist())
warnings.warn("a warning of no consequence")
