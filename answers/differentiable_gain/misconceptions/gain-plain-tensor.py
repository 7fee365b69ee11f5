"""The gain is a tensor with requires_grad but no Parameter, so the optimiser never sees it."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.tensor(float(gain), requires_grad=True)

    def forward(self, x):
        return self.gain * x
