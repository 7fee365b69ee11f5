"""The product and its two gradients are written by hand as an autograd function."""

# %% linear_gain
class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain):
        ctx.save_for_backward(x, gain)
        return x * gain

    @staticmethod
    def backward(ctx, upstream):
        x, gain = ctx.saved_tensors
        return upstream * gain, (upstream * x).sum().reshape(gain.shape).to(gain.dtype)


class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        return Scale.apply(x, self.gain)
