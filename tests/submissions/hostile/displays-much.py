"""Huge texts, metadata and pictures, and objects whose text never ends or raises."""

# %% after linear_gain
display({"text/plain": "24.0" * 10**7}, raw=True)

# %% after fit_gain
display({"text/plain": "24.0"}, metadata={"text/plain": {"a": "b" * 10**7}}, raw=True)

# %% before spectral_loss
class Odd:
    def __repr__(self):
        raise KeyboardInterrupt

    _repr_html_ = _repr_png_ = _repr_mimebundle_ = __repr__
display(Odd())
Odd()

# %% after spectral_loss
display({"text/plain": object(), 24: b"x", None: {1, 2}}, raw=True)
