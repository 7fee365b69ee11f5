"""A torch.nn.Linear layer takes the place of the gain: its weight is random and has another name."""
# costs: test_linear_gain, test_phase_shift, test_recover_gain

# %% linear_gain
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.linear = torch.nn.Linear(1, 1, bias=False)

    def forward(self, x):
        return self.linear(x.unsqueeze(-1)).squeeze(-1)
