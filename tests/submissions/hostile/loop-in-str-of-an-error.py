"""The text of the student's error never ends."""
# earns: test_spectral_loss=0 test_recover_gain=0
# limits: cell=2 question=1 submission=16

# %% spectral_loss
class Endless(Exception):
    def __str__(self):
        while True:
            pass

class SpectralLoss:
    def __init__(self, power=1):
        raise Endless
