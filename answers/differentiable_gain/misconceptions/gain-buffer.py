"""The gain is registered as a buffer, which is stored with the module but never learned."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.register_buffer("gain", torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x
