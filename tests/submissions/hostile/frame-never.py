"""The question is read and never answered."""
# earns: test_spectral_loss=0
# limits: cell=20 question=1 submission=20

# %% after setup
import time
lie(lambda answer, arrays: time.sleep(3600), "test_spectral_loss")
