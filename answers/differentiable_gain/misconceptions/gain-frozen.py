"""The parameter is made with requires_grad=False, so it has no gradient and cannot learn."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)), requires_grad=False)

    def forward(self, x):
        return self.gain * x
