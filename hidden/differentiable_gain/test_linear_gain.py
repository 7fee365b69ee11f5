"""Exercise `linear_gain`: the model on its own."""

import numpy as np

from autograder.testing import points, recognising

from . import mistakes
from .oracle import SINGLE

SHAPES = [(), (37,), (3, 16), (2, 3, 5), (0,)]


def signal(draw, shape, dtype=np.float32):
    return draw.normal(size=shape).astype(dtype)


def fitting(x, gain):
    """The shapes that `gain * x` may have when the gain is kept with one element in any shape."""
    return [x.shape, np.broadcast_shapes(x.shape, gain.shape)]


def flat(seen, name, size):
    """A signal that may carry the gain's dimensions of size one."""
    return seen.array(name, [(size,), (1, size), (1, 1, size)]).ravel()


def gradients(draw):
    """Questions for the gradients: both signs of the gain come up, whatever is drawn."""
    return [
        {"gain": float(sign * draw.uniform(0.3, 2)), "x": signal(draw, shape), "upstream": signal(draw, shape)}
        for sign, shape in zip((1, -1, 1, -1), SHAPES[:-1], strict=True)
    ]


@points(
    0.5,
    hint="Store float(gain), wrapped as torch.nn.Parameter, in self.gain. Try LinearGain(), LinearGain(2) "
    "and LinearGain(gain=-0.5), and print model.gain after each.",
)
def test_initial_gain(attempt, draw):
    """The gain starts where it is told to, and at 1 by default"""
    drawn = float(draw.uniform(0.2, 3.0))
    cases = [
        ("default", None, 1.0),
        ("position", drawn, drawn),
        ("keyword", -drawn, -drawn),
        ("position", 2, 2.0),
        ("keyword", 0, 0.0),
        ("position", -3, -3.0),
    ]
    each = attempt.ask_each("construct", [{"how": how, "gain": gain} for how, gain, _ in cases])
    known = mistakes.initial(cases, each)
    for (_, _, expected), seen in zip(cases, each, strict=True):
        assert seen.flag("module")
        with recognising(known):
            assert SINGLE.admits(seen.number("gain"), expected, scale=max(1.0, abs(expected)))


@points(
    0.5,
    hint="Only torch.nn.Parameter makes a number learnable. Print list(model.named_parameters()): there "
    "should be one entry, called gain, a floating-point number.",
    needs="test_initial_gain",
)
def test_one_learnable_number(attempt, draw):
    """The gain is the one learnable number"""
    asked = [
        {"gain": gain, "slope": float(draw.uniform(2, 4)), "lr": float(draw.uniform(0.1, 0.3))}
        for gain in (float(draw.uniform(0.2, 2.0)), 3)
    ]
    for given, seen in zip(asked, attempt.ask_each("learn", asked), strict=True):
        gain, way = given["gain"], given["lr"] * given["slope"]
        assert seen.names("names") == ["gain"]
        assert seen.number("count") == 1
        assert seen.flag("floating")
        assert SINGLE.admits(seen.number("gain"), gain - way, scale=gain + way)


@points(
    0.5,
    hint="Does each model own its gain? A class attribute, a global or a default value that is made once is "
    "shared by all of them. Try two LinearGain(), and train one.",
    needs="test_initial_gain",
)
def test_models_are_independent(attempt, draw):
    """Two models do not share their gain, however they are made"""
    asked = [
        {
            "ways": list(ways),
            "gains": [float(gain) for gain in draw.uniform(0.2, 2.0, size=2)],
            "x": signal(draw, (5,)),
            "upstream": signal(draw, (5,)),
            "lr": float(draw.uniform(0.1, 0.3)),
        }
        for ways in (("default", "default"), ("position", "position"), ("keyword", "default"), ("default", "keyword"))
    ]
    alike = float(draw.uniform(0.2, 2.0))
    asked.append({**asked[1], "gains": [alike, alike]})
    for given, seen in zip(asked, attempt.ask_each("independent", asked), strict=True):
        first, second = (
            1.0 if how == "default" else gain for how, gain in zip(given["ways"], given["gains"], strict=True)
        )
        x = given["x"].astype(np.float64)
        way = given["lr"] * x * given["upstream"]
        scale = (3 + np.abs(way).sum()) * np.abs(x) + 1e-6
        assert SINGLE.admits(flat(seen, "first", 5), (first - way.sum()) * x, scale=scale)
        assert SINGLE.admits(flat(seen, "second", 5), second * x, scale=scale)


@points(
    1,
    hint="forward(x) is the gain times x, whatever the shape of x, and x stays as it was. Try a single "
    "number, a batch and an empty tensor.",
)
def test_output_is_gain_times_input(attempt, draw):
    """The output is the gain times the input"""
    asked = [
        {"gain": float(draw.uniform(-2, 2)), "x": signal(draw, shape, dtype)}
        for dtype in (np.float32, np.float64)
        for shape in SHAPES
    ]
    each = attempt.ask_each("forward", asked)
    known = mistakes.gains(asked, each)
    for given, seen in zip(asked, each, strict=True):
        gain, x, held = given["gain"], given["x"], seen.array("gain")
        assert held.size == 1
        with recognising(known):
            y = seen.array("y", fitting(x, held))
            assert SINGLE.admits(y.reshape(x.shape), gain * x.astype(np.float64), scale=np.abs(gain * x) + 1e-6)
        assert np.array_equal(seen.array("x", x.shape), x), "x was changed"


@points(
    1,
    hint="By the chain rule the gradient of a loss in the gain is the sum of (upstream gradient times x). "
    "Look for .detach(), .item(), .data or torch.no_grad() on the way from self.gain to the output.",
)
def test_gradient_in_the_gain(attempt, draw):
    """The gradient in the gain matches the calculus"""
    asked = gradients(draw)
    for given, seen in zip(asked, attempt.ask_each("gradients", asked), strict=True):
        terms = given["x"].astype(np.float64) * given["upstream"]
        assert SINGLE.admits(seen.number("gain"), terms.sum(), scale=np.abs(terms).sum())


@points(
    0.5,
    hint="The gradient in x is the gain times the upstream gradient. It is missing when x is copied or "
    "detached before it is multiplied.",
)
def test_gradient_in_the_input(attempt, draw):
    """The gradient in the input matches the calculus"""
    asked = gradients(draw)
    for given, seen in zip(asked, attempt.ask_each("gradients", asked), strict=True):
        expected = given["gain"] * given["upstream"].astype(np.float64)
        assert SINGLE.admits(seen.array("x", expected.shape), expected, scale=np.abs(expected) + 1e-6)


@points(
    0.5,
    hint="After optimiser.step() the model should use its new gain, also when model.double() has been called. "
    "Is a copy of the first gain used somewhere?",
    needs=["test_output_is_gain_times_input", "test_gradient_in_the_gain"],
)
def test_right_after_training(attempt, draw):
    """The model is still right after an optimiser step and in double precision"""
    gain, lr = float(draw.uniform(0.5, 2)), 0.05
    x, upstream = signal(draw, (64,)), signal(draw, (64,))
    seen = attempt.ask("after_training", gain=gain, x=x, upstream=upstream, lr=lr)
    way = lr * (x.astype(np.float64) * upstream)
    stepped = gain - way.sum()
    scale = (abs(gain) + np.abs(way).sum()) * np.abs(x) + 1e-6
    for name in ("stepped", "double"):
        assert SINGLE.admits(flat(seen, name, 64), stepped * x, scale=scale)


@points(
    0.5,
    hint="forward(x) uses the x of this call and the gain of this moment, and keeps nothing. It does the same "
    "after train() and eval(), under torch.no_grad(), in a copy, and with a gain that was loaded.",
    needs=["test_output_is_gain_times_input", "test_gradient_in_the_gain", "test_gradient_in_the_input"],
)
def test_asked_again(attempt, draw):
    """The same model is right again for other signals, in every mode, and as a copy"""
    gain, other = float(draw.uniform(0.3, 2)), float(-draw.uniform(0.3, 2))
    loud = draw.uniform(300, 900)
    signals = {
        "a": signal(draw, (12,)),
        "b": signal(draw, (12,)),
        "c": signal(draw, (2, 7)),
        "d": (loud * signal(draw, (9,))).astype(np.float32),
        "e": signal(draw, (12,)),
    }
    seen = attempt.ask("again", gain=gain, other=other, **signals)
    for name, x in signals.items():
        shapes = [x.shape, (1, *x.shape), (1, 1, *x.shape)]
        y = seen.array(f"y {name}", shapes).reshape(x.shape)
        assert SINGLE.admits(y, gain * x.astype(np.float64), scale=2 * np.abs(x) + 1e-6)
        assert SINGLE.admits(seen.number(f"gain {name}"), x.sum(dtype=np.float64), scale=np.abs(x).sum())
        assert SINGLE.admits(seen.array(f"x {name}", x.shape), gain)
    x = signals["a"].astype(np.float64)
    for name, expected in (("silent", gain), ("twin", gain), ("moved", other), ("loaded", other), ("back", gain)):
        assert SINGLE.admits(flat(seen, name, 12), expected * x, scale=2 * np.abs(x) + 1e-6)
