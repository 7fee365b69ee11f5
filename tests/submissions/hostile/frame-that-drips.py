"""The frame comes byte by byte and never ends."""
# earns: test_spectral_loss=0
# limits: cell=20 question=1 submission=20

# %% after setup
import itertools, struct, time
def drip(answer, arrays):
    yield b"AGK1" + struct.pack("!II", 1000, 0)
    while True:
        time.sleep(0.05)
        yield b"{"
lie(drip, "test_spectral_loss")
