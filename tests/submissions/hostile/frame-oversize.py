"""The frame claims to be four gigabytes long, and then sends a little."""
# earns: test_spectral_loss=0

# %% after setup
import struct
lie(lambda answer, arrays: b"AGK1" + struct.pack("!II", 2**32 - 1, 2**32 - 1) + b"x" * 1000, "test_spectral_loss")
