"""The gain is kept as a Python float, which has no gradient."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = float(gain)

    def forward(self, x):
        return self.gain * x
