"""forward passes the signal on, and a forward hook applies the gain."""

# %% linear_gain
def apply_gain(module, args, output):
    return module.gain * output


class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.register_forward_hook(apply_gain)

    def forward(self, x):
        return x
