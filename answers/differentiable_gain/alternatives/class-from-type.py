"""The class is made by a call of type(), with lambdas for methods."""

# %% linear_gain
def _init(self, gain=1.0):
    torch.nn.Module.__init__(self)
    for name, value in {"gain": gain}.items():
        setattr(self, name, torch.nn.Parameter(torch.tensor(value, dtype=torch.float32)))


LinearGain = type(
    "LinearGain",
    (torch.nn.Module,),
    {"__init__": _init, "forward": lambda self, x: self.gain * x},
)
