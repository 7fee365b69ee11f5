"""A hook makes the gradient of the gain smaller, so descent is slower than it should be."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.gain.register_hook(lambda grad: 0.2 * grad)

    def forward(self, x):
        return self.gain * x
