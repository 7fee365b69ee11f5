"""Objects that run code wherever they are unpickled or copied."""
# base: release

# %% after setup
import os
class Bomb:
    def __reduce__(self):
        return os.system, (f"touch {OUTSIDE}/unpickled {COURSE}/unpickled",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __deepcopy__ = lambda self, memo: Bomb()
bomb = Bomb()

# %% fit_gain
def fit_gain(*_, **__):
    return [bomb]

# %% loss_landscape
def loss_landscape(*_):
    return np.array([bomb], dtype=object)

# %% phase_shift_experiment
def estimate_gain_l1(*_, **__):
    return bomb

# %% spectral_loss
SpectralLoss = Bomb

# %% recover_gain
def estimate_gain(*_, **__):
    return bomb
