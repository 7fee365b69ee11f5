"""LinearGain inherits its parameter from a general base class with an abstract effect."""

# %% linear_gain
from __future__ import annotations

import abc


class Effect(torch.nn.Module, abc.ABC):
    def __init__(self, **settings: float) -> None:
        super().__init__()
        for name, value in settings.items():
            self.register_parameter(name, torch.nn.Parameter(torch.tensor(float(value))))

    @abc.abstractmethod
    def effect(self, x: torch.Tensor) -> torch.Tensor: ...

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.effect(x)


class LinearGain(Effect):
    def __init__(self, gain: float | int = 1.0) -> None:
        super().__init__(gain=gain)

    def effect(self, x: torch.Tensor) -> torch.Tensor:
        return self.gain * x
