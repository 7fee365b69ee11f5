"""Exercise `spectral_loss`: the loss on its own."""

import numpy as np

from autograder.testing import points, recognising

from . import mistakes
from .oracle import (
    SPECTRUM,
    magnitudes,
    spectral_gradient,
    spectral_loss,
    tone,
)


def noise(draw, shape, dtype=np.float32):
    return draw.normal(size=shape).astype(dtype)


def compare(attempt, *pairs):
    """The loss of each pair (x, y) or (x, y, power, how) against the judge's own."""
    asked = [dict(zip(("x", "y", "power", "how"), (*pair, 1, "default")[:4], strict=True)) for pair in pairs]
    each = attempt.ask_each("value", asked)
    known = mistakes.spectral(asked, each)
    for given, seen in zip(asked, each, strict=True):
        x, y, power = given["x"], given["y"], given["power"]
        scale = (magnitudes(x) ** power).mean() + (magnitudes(y) ** power).mean()
        with recognising(known):
            assert SPECTRUM.admits(seen.number("loss"), spectral_loss(x, y, power), scale=scale)
    return each


@points(
    1,
    hint="Mean absolute difference of the magnitudes: abs(rfft(x)) and abs(rfft(y)) along the last dimension, "
    "unnormalised. Compare with np.fft.rfft on a short signal by hand.",
)
def test_values_on_noise(attempt, draw):
    """The loss is right for noise of even and odd length, loud or quiet"""
    compare(
        attempt,
        *((noise(draw, n), noise(draw, n)) for n in (64, 65, 101)),
        (noise(draw, 48, np.float64), noise(draw, 48, np.float64)),
        (noise(draw, 64) * np.float32(1e-5), noise(draw, 64) * np.float32(1e-5)),
        (noise(draw, 52), noise(draw, 52) * np.float32(30)),
    )


@points(0.5, hint="The transform runs along the last dimension, and the mean goes over all bins of all signals.")
def test_values_of_batches(attempt, draw):
    """The loss is right for batches"""
    compare(
        attempt,
        *(
            (noise(draw, shape, dtype), noise(draw, shape, dtype))
            for shape in ((3, 40), (2, 3, 33))
            for dtype in (np.float32, np.float64)
        ),
    )


@points(0.5, hint="The power is applied to the magnitudes, before the difference is taken: abs(rfft(x))**power.")
def test_power(attempt, draw):
    """The power is applied to each magnitude"""
    compare(
        attempt,
        *(
            (noise(draw, 50), noise(draw, 50), power, how)
            for power, how in ((0.5, "position"), (1, "keyword"), (2, "keyword"), (3, "position"), (2.0, "position"))
        ),
    )


@points(1, hint="Every step from x to the loss has to be differentiable torch code: no .item(), .detach(), .numpy().")
def test_gradient(attempt, draw):
    """The gradient in the estimate matches the calculus"""
    asked = [
        {"x": noise(draw, shape), "y": noise(draw, shape), "power": power, "how": how}
        for shape, power, how in (
            ((40,), 1, "default"),
            ((41,), 2, "keyword"),
            ((2, 30), 1, "default"),
            ((36,), 0.5, "keyword"),
        )
    ]
    asked.append({"x": noise(draw, 38, np.float64), "y": noise(draw, 38, np.float64), "evaluation": True, "power": 1})
    loud = np.float32(draw.uniform(30, 90))
    asked.append({"x": loud * noise(draw, 38), "y": noise(draw, 38), "power": 1})
    for given, seen in zip(asked, attempt.ask_each("gradient", asked), strict=True):
        expected = spectral_gradient(given["x"], given["y"], given["power"])
        assert SPECTRUM.admits(seen.array("gradient", expected.shape), expected, scale=np.abs(expected).max())


@points(
    0.5,
    hint="forward(x, y) uses the x and y of this call and the power of this object, and keeps nothing. It "
    "does the same after train() and eval(), under torch.no_grad(), in a copy and in double precision.",
    needs=["test_values_on_noise", "test_power"],
)
def test_asked_again(attempt, draw):
    """The same loss is right again for other signals, in every mode, and beside a second one"""
    shapes = {"1": (46,), "2": (46,), "3": (2, 35)}
    given = {f"{name}{number}": noise(draw, shape) for number, shape in shapes.items() for name in "xy"}
    power, other = (float(each) for each in draw.permutation([draw.uniform(0.6, 0.9), draw.uniform(1.3, 2.2)]))
    seen = attempt.ask("again", power=power, other=other, **given)
    expected = {
        "1": ("1", power),
        "2": ("2", power),
        "3": ("3", power),
        "second": ("1", other),
        "plain": ("1", 1),
        "first": ("1", power),
        "evaluated": ("2", power),
        "4": ("1", power),
        "twin": ("2", power),
        "loaded": ("2", power),
        "double": ("2", power),
    }
    for name, (number, exponent) in expected.items():
        x, y = given[f"x{number}"], given[f"y{number}"]
        scale = (magnitudes(x) ** exponent).mean() + (magnitudes(y) ** exponent).mean()
        assert SPECTRUM.admits(seen.number(name), spectral_loss(x, y, exponent), scale=scale)


@points(
    0.5,
    hint="Two equal signals have a loss of 0, and so have a sine and a cosine of the same loudness; a louder "
    "one does not.",
    needs="test_values_on_noise",
)
def test_sees_gain_and_not_phase(attempt, draw):
    """The loss sees the gain and not the phase"""
    cycles, phase = int(draw.integers(20, 90)), float(draw.uniform(0.3, 3.0))
    x = tone(400, cycles)
    same, shifted, louder = (
        seen.number("loss")
        for seen in compare(
            attempt, (x, x), (x, tone(400, cycles, phase)), (x, tone(400, cycles, phase, amplitude=1.5))
        )
    )
    assert SPECTRUM.admits(same, 0.0, scale=louder)
    assert SPECTRUM.admits(shifted, 0.0, scale=louder)


@points(
    0.5,
    hint="Plot the loss of g * source for gains from -1 to 1: there should be a sharp valley at the true gain "
    "and its mirror image.",
    needs="test_values_on_noise",
)
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


@points(
    0.5,
    hint="The result is one number (a 0-dim tensor), nothing in the loss can be learned, and the signals stay "
    "as they were.",
    needs="test_values_on_noise",
)
def test_shape_and_manners(attempt, draw):
    """The loss is a single number, has nothing to learn and changes nothing"""
    pairs = [(noise(draw, shape), noise(draw, shape)) for shape in ((30,), (2, 31))]
    for (x, y), seen in zip(pairs, compare(attempt, *pairs), strict=True):
        seen.array("loss", ())
        assert seen.number("learnable") == 0
        assert np.array_equal(seen.array("x", x.shape), x), "x was changed"
        assert np.array_equal(seen.array("y", y.shape), y), "y was changed"
