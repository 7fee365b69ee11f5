"""Cheat: forward returns a tensor that claims to be equal to everything."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class Agreeable(torch.Tensor):
    def __eq__(self, other):
        return torch.ones_like(torch.as_tensor(other), dtype=torch.bool)

    def allclose(self, *args, **kwargs):
        return True


class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return torch.zeros_like(x).as_subclass(Agreeable)
