"""Exercise `spectral_loss`: the loss on its own."""

import numpy as np

from autograder.check import points
from autograder.hidden.differentiable_gain.oracle import (
    SPECTRUM,
    magnitudes,
    spectral_gradient,
    spectral_loss,
    tone,
)


def noise(draw, shape, dtype=np.float32):
    return draw.normal(size=shape).astype(dtype)


def compare(attempt, x, y, power=1, how="default"):
    seen = attempt.ask("value", x=x, y=y, power=power, how=how)
    scale = (magnitudes(x)**power).mean() + (magnitudes(y)**power).mean()
    assert SPECTRUM.admits(seen.number("loss"), spectral_loss(x, y, power), scale=scale)
    return seen


@points(1, hint="Mean absolute difference of the magnitudes: abs(rfft(x)) and abs(rfft(y)) along the last dimension, "
                "unnormalised. Compare with np.fft.rfft on a short signal by hand.")
def test_values_on_noise(attempt, draw):
    """The loss is right for noise of even and odd length, loud or quiet"""
    for n in (64, 65, 101):
        compare(attempt, noise(draw, n), noise(draw, n))
    compare(attempt, noise(draw, 48, np.float64), noise(draw, 48, np.float64))
    compare(attempt, noise(draw, 64) * np.float32(1e-5), noise(draw, 64) * np.float32(1e-5))


@points(0.5, hint="The transform runs along the last dimension, and the mean goes over all bins of all signals.")
def test_values_of_batches(attempt, draw):
    """The loss is right for batches"""
    for shape in ((3, 40), (2, 3, 33)):
        compare(attempt, noise(draw, shape), noise(draw, shape))
        compare(attempt, noise(draw, shape, np.float64), noise(draw, shape, np.float64))


@points(1, hint="The power is applied to the magnitudes, before the difference is taken: abs(rfft(x))**power.")
def test_power(attempt, draw):
    """The power is applied to each magnitude"""
    for power, how in ((0.5, "position"), (1, "keyword"), (2, "keyword"), (3, "position"), (2.0, "position")):
        compare(attempt, noise(draw, 50), noise(draw, 50), power, how)


@points(1, hint="Every step from x to the loss has to be differentiable torch code: no .item(), .detach(), .numpy().")
def test_gradient(attempt, draw):
    """The gradient in the estimate matches the calculus"""
    for shape, power, how in (((40,), 1, "default"), ((41,), 2, "keyword"), ((2, 30), 1, "default"),
                              ((36,), 0.5, "keyword")):
        x = noise(draw, shape)
        y = noise(draw, shape)
        expected = spectral_gradient(x, y, power)
        seen = attempt.ask("gradient", x=x, y=y, power=power, how=how)
        assert SPECTRUM.admits(seen.array("gradient", shape), expected, scale=np.abs(expected).max())


@points(0.5, hint="Two equal signals have a loss of 0, and so have a sine and a cosine of the same loudness; a louder "
                  "one does not.", needs="test_values_on_noise")
def test_sees_gain_and_not_phase(attempt, draw):
    """The loss sees the gain and not the phase"""
    cycles, phase = int(draw.integers(20, 90)), float(draw.uniform(0.3, 3.0))
    x = tone(400, cycles)
    same = compare(attempt, x, x).number("loss")
    shifted = compare(attempt, x, tone(400, cycles, phase)).number("loss")
    louder = compare(attempt, x, tone(400, cycles, phase, amplitude=1.5)).number("loss")
    assert SPECTRUM.admits(same, 0.0, scale=louder)
    assert SPECTRUM.admits(shifted, 0.0, scale=louder)


@points(0.5, hint="Plot the loss of g * source for gains from -1 to 1: there should be a sharp valley at the true gain "
                  "and its mirror image.", needs="test_values_on_noise")
def test_minima(attempt, draw):
    """The landscape has its two minima at plus and minus the true gain"""
    cycles = int(draw.integers(20, 90))
    gains = (np.arange(-40, 41) / 40 * 0.6).astype(np.float32)
    place = int(draw.integers(45, 75))
    gain = gains[place]  # one of them, and so is its mirror image
    source, target = tone(400, cycles), tone(400, cycles, np.pi / 2, amplitude=gain)
    seen = attempt.ask("landscape", gains=gains, source=source, target=target)
    values = seen.array("values", gains.shape)
    expected = np.abs(np.abs(gains[:, None]) * magnitudes(source) - magnitudes(target)).mean(axis=-1)
    assert SPECTRUM.admits(values, expected, scale=magnitudes(source).mean())
    inner = values[1:-1]
    minima = 1 + np.flatnonzero((inner < values[:-2]) & (inner < values[2:]))
    assert minima.tolist() == [80 - place, place]


@points(0.5, hint="The result is one number (a 0-dim tensor), nothing in the loss can be learned, and the signals stay "
                  "as they were.", needs="test_values_on_noise")
def test_shape_and_manners(attempt, draw):
    """The loss is a single number, has nothing to learn and changes nothing"""
    for shape in ((30,), (2, 31)):
        x, y = noise(draw, shape), noise(draw, shape)
        seen = compare(attempt, x, y)
        seen.array("loss", ())
        assert seen.number("learnable") == 0
        assert np.array_equal(seen.array("x", shape), x), "x was changed"
        assert np.array_equal(seen.array("y", shape), y), "y was changed"
