"""The gain starts at a random number instead of the one that was asked for."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(0.5 * torch.rand(()))

    def forward(self, x):
        return self.gain * x
