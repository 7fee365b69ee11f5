"""There is a gain for every sample of the signal instead of one gain for all of them."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.full((sr // 2,), float(gain)))

    def forward(self, x):
        return self.gain * x
