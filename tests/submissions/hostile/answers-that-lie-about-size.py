"""A parameter that says it has more numbers than there are: an integer beyond every float."""
# earns: test_linear_gain=4.5

# %% after recover_gain
class Lying(torch.nn.Parameter):
    def numel(self):
        return 10**400
def __init__(self, gain=1.0):
    torch.nn.Module.__init__(self)
    self.gain = Lying(torch.tensor(float(gain)))
LinearGain.__init__ = __init__
