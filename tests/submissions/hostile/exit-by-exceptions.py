"""SystemExit, KeyboardInterrupt, GeneratorExit and a bare BaseException, in cells and in answers."""
# earns: test_spectral_loss=0 test_recover_gain=0

# %% after setup
raise SystemExit(0)

# %% after helpers
exit()

# %% before linear_gain
raise KeyboardInterrupt

# %% after linear_gain
raise type("Own", (BaseException,), {})

# %% spectral_loss
class SpectralLoss(torch.nn.Module):
    raised = [SystemExit, KeyboardInterrupt, GeneratorExit, type("Own", (BaseException,), {})]

    def __init__(self, power=1):
        super().__init__()

    def forward(self, x, y):
        self.raised.append(self.raised.pop(0))
        raise self.raised[0]
