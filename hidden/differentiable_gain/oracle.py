"""What the answers should be, in NumPy float64, independent of torch and of the solution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from autograder.testing import Floats, Observation, Tolerance

SINGLE = Tolerance(
    "single precision",
    2e-5,
    "float32 has a relative rounding error of 6e-8; sums of up to 300 products, in any order, stay below "
    "300 * 6e-8 = 1.8e-5 of the sum of their magnitudes, which is the scale given.",
)
SPECTRUM = Tolerance(
    "single precision spectrum",
    4e-5,
    "a float32 FFT of n samples is off by about 6e-8 * log2(n) of the largest bin, below 1e-6 here; a power of 3 "
    "triples it, and magnitudes from squares under a root or from a DFT by matrix product add a factor of 10.",
)
TRAJECTORY = Tolerance(
    "single precision descent",
    2e-5,
    "each of at most 60 steps rounds the gain, 60 * 6e-8 = 4e-6 of it in all, and the gradient, a sum of at most 250 "
    "products, 250 * 6e-8 = 1.5e-5 of the way gone; 300 steps come with a sum of 100 products. The scale is the way "
    "gone plus the largest gain.",
)
ONE_STEP = Tolerance(
    "one optimiser step",
    1.6,
    "descent at a fixed rate on an L1 loss never settles: it swings about the answer by one step, lr * mean|slope|, "
    "and may end anywhere within it. The questions put it in the middle of a step (`halfway`): right answers are "
    "half a step off, and what is three times as far is refused. The scale is the step.",
)

Gradient = Callable[[float], float]


def descend(gradient: Gradient, start: float, lr: float, n_iter: int) -> tuple[Floats, float]:
    """Plain gradient descent: the values before each of `n_iter` steps, and the final one."""
    history, value = [], start
    for _ in range(n_iter):
        history.append(value)
        value = value - lr * gradient(value)
    return np.array(history), value


def agrees(
    seen: Observation, history: npt.ArrayLike, final: float, names: tuple[str, str] = ("history", "final")
) -> bool:
    """Whether what came back is this trajectory."""
    history = np.asarray(history, dtype=np.float64)
    way = np.abs(np.diff([*history, final])).sum() + np.abs([*history, final]).max()
    return bool(
        TRAJECTORY.admits(seen.array(names[0], history.shape), history, scale=way)
        and TRAJECTORY.admits(seen.number(names[1]), final, scale=way)
    )


def halfway(start: float, step: float, steps: int, up: bool = False) -> float:
    """The gain that descent by constant steps, down or `up` from `start`, steps over in the middle after `steps`."""
    return start + (1 if up else -1) * (steps + 0.5) * step


def loss(
    kind: str, estimate: Floats, target: Floats, weight: Floats | None = None, tilt: Floats | None = None
) -> float:
    """The losses that `probe_fit_gain` and `probe_phase_shift` hand to student code."""
    off = estimate - target
    match kind:
        case "l1":
            return float(np.abs(off).mean())
        case "mse":
            return float((off**2).mean())
        case "esr":  # error-to-signal ratio: swap the arguments and it is another number
            return float((off**2).sum() / (target**2).sum())
        case "drawn":
            assert weight is not None
            assert tilt is not None
            return float((weight * off**2 + tilt * estimate).mean())
    raise ValueError(kind)


def gain_gradient(
    kind: str, source: Floats, target: Floats, weight: Floats | None = None, tilt: Floats | None = None
) -> Gradient:
    """d loss(gain * source, target) / d gain, as a function of the gain."""

    def gradient(gain: float) -> float:
        off = gain * source - target
        match kind:
            case "l1":
                slope = np.sign(off) / off.size
            case "mse":
                slope = 2 * off / off.size
            case "esr":
                slope = 2 * off / (target**2).sum()
            case "drawn":
                assert weight is not None
                assert tilt is not None
                slope = (2 * weight * off + tilt) / off.size
            case _:
                raise ValueError(kind)
        return float((slope * source).sum())

    return gradient


def magnitudes(signal: npt.ArrayLike) -> Floats:
    """|rfft| along the last dimension, unnormalised."""
    return np.abs(np.fft.rfft(np.asarray(signal, dtype=np.float64), axis=-1))


def spectral_loss(estimate: npt.ArrayLike, target: npt.ArrayLike, power: float = 1) -> float:
    return float(np.abs(magnitudes(estimate) ** power - magnitudes(target) ** power).mean())


def spectral_gradient(estimate: npt.ArrayLike, target: npt.ArrayLike, power: float = 1) -> Floats:
    """d spectral_loss / d estimate, by the chain rule through the DFT; no bin of the estimate may be silent.

    With X = rfft(x), bins k: d|X_k| / dx_n = Re(conj(X_k) exp(-2 pi i k n / N)) / |X_k|.
    """
    x = np.asarray(estimate, dtype=np.float64)
    n = x.shape[-1]
    spectrum = np.fft.rfft(x, axis=-1)
    magnitude = np.abs(spectrum)
    slope = np.sign(magnitude**power - magnitudes(target) ** power) * power * magnitude ** (power - 1)
    slope = slope / magnitude.size
    direction = slope * spectrum / magnitude
    # Re(sum_k conj(D_k) e^{-2 pi i k n / N}) = Re(sum_k D_k e^{+2 pi i k n / N}): an inverse DFT of the half spectrum
    full = np.zeros(x.shape, dtype=np.complex128)
    full[..., : direction.shape[-1]] = direction
    gradient: Floats = np.fft.ifft(full, axis=-1).real * n
    return gradient


def tone(n: int, cycles: int, phase: float = 0.0, amplitude: float = 1.0) -> npt.NDArray[np.float32]:
    """A sine with exactly `cycles` periods in `n` samples: all of it in one spectral bin. `phase` in radians."""
    angle = 2 * np.pi * cycles * np.arange(n) / n + phase
    return (amplitude * np.sin(angle)).astype(np.float32)
