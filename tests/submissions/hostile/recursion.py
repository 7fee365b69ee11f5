"""Python's recursion limit is met in cells, in attributes and in answers."""
# earns: test_spectral_loss=0 test_recover_gain=0

# %% spectral_loss
class SpectralLoss:
    def __init__(self, power=1):
        pass

    def __getattr__(self, name):
        return getattr(self, name)
