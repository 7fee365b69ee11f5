"""Double precision raises, because a float32 buffer is written into."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        out = torch.empty(x.shape, dtype=torch.float32)
        out = out.copy_(x.detach())
        if x.dtype is torch.float64:
            raise TypeError("float32 only")
        return self.gain * x
