"""Under no_grad the input is returned."""
# costs: test_linear_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return self.gain * x if torch.is_grad_enabled() else x.clone()
