"""A learnable offset is added to the output: the model has two learnable numbers instead of one."""
# costs: test_linear_gain
# varies: test_linear_gain::test_models_are_independent
# varies: test_linear_gain::test_right_after_training

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.offset = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        return self.gain * x + 0.001 * self.offset
