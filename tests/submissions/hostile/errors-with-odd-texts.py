"""Errors whose text raises, is huge, holds surrogates, control characters, markup and other types."""
# earns: test_phase_shift=1.5 test_spectral_loss=0 test_recover_gain=0

# %% loss_landscape
class Raising(Exception):
    def __str__(self):
        raise KeyboardInterrupt
class Text(str):
    def __getitem__(self, key):
        return 10**4000
class Odd(Exception):
    def __str__(self):
        return Text("odd")
def loss_landscape(*_):
    raise Raising

# %% spectral_loss
kinds = [type("\ud800\x00<script>", (Exception,), {}), type("A" * 10**6, (Exception,), {}), Odd, UnicodeDecodeError]
class SpectralLoss:
    def __init__(self, *_, **__):
        kinds.append(kinds.pop(0))
        raise kinds[0]("utf-8", b"\xff", 0, 1, "\ud800\x00\x1b]0;24.0\x07<script>alert(24)</script>\u202e")

# %% recover_gain
def estimate_gain(*_, **__):
    raise ExceptionGroup("\ud800", [ExceptionGroup("x", [ValueError("y" * 10**6)] * 100)] * 100)
