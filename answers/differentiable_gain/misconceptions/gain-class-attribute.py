"""The parameter is an attribute of the class, not of the object, so parameters() is empty."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    gain = torch.nn.Parameter(torch.tensor(1.0))

    def __init__(self, gain=1.0):
        super().__init__()

    def forward(self, x):
        return self.gain * x
