"""All builtins go, after everything has been defined."""
# earns: test_linear_gain=0 test_fit_gain=0 test_phase_shift=0 test_spectral_loss=0 test_recover_gain=0

# %% after recover_gain
import builtins
for name in list(vars(builtins)):
    delattr(builtins, name)
