"""Exercise `fit_gain`: the training loop on its own, with a model and losses that are given."""

import numpy as np

from autograder.check import points
from autograder.hidden.differentiable_gain.oracle import (
    ONE_STEP,
    SINGLE,
    TRAJECTORY,
    descend,
    gain_gradient,
    halfway,
    tone,
)

HANDS_IN_PARTS = True  # the probe holds a working gain model


def noise(draw, n, loudness=None):
    """Noise that is nowhere near zero, so that the sign of a difference does not hang on rounding.

    `loudness`: its mean magnitude, where that matters.
    """
    made = draw.choice([-1.0, 1.0], size=n) * draw.uniform(0.5, 1.5, size=n)
    return (made if loudness is None else made * loudness / np.abs(made).mean()).astype(np.float32)


def question(kind, start, source, target, lr, n_iter, **more):
    return {"kind": kind, "start": start, "source": source, "target": target, "lr": lr, "n_iter": n_iter, **more}


def compare(attempt, *asked):
    """Calls of fit_gain against the judge's own descent, step by step."""
    for given, seen in zip(asked, attempt.ask_each("fit", asked), strict=True):
        start, lr, n_iter = given["start"], given["lr"], given["n_iter"]
        exact = {name: given[name].astype(np.float64) for name in ("source", "target", "weight", "tilt")
                 if name in given}
        gradient = gain_gradient(given["kind"], **exact)
        history, final = descend(gradient, start, lr, n_iter)
        for _ in range(given.get("calls", 1) - 1):
            history, final = descend(gradient, final, lr, n_iter)
        way = np.abs(np.diff([*history, final])).sum() + np.abs([*history, final]).max()
        assert seen.flag("floats")
        assert TRAJECTORY.admits(seen.array("history", (n_iter,)), history, scale=way)
        assert TRAJECTORY.admits(seen.number("final"), final, scale=way)


@points(1, hint="Plot the history. A straight line that never bends, or a gain that swings ever wider, points to "
                "gradients that are not cleared; a flat line to a gradient that does not reach the gain.")
def test_recovers_the_gain(attempt, draw):
    """The gain of a tone is recovered, with the default settings too"""
    quiet = tone(800, 15, amplitude=0.49)  # 0.15 lies halfway through the 273rd of its 300 steps
    other = tone(800, int(draw.integers(20, 90)), amplitude=draw.uniform(0.8, 1.2))
    drawn = halfway(1.0, 0.04 * np.abs(other).mean(), 17)
    fits = [(quiet, 0.15, 0.01, {}), (other, drawn, 0.04, {"n_iter": 26, "lr": 0.04})]
    each = attempt.ask_each("fit", [
        {"kind": "l1", "start": 1.0, "source": source, "target": np.float32(gain) * source, **told}
        for source, gain, _, told in fits])
    for (source, gain, lr, told), seen in zip(fits, each, strict=True):
        assert seen.array("history").size == told.get("n_iter", 300)
        assert ONE_STEP.admits(seen.number("final"), gain, scale=lr * np.abs(source).mean())


@points(1, hint="Nothing in fit_gain should depend on this notebook's signals or on 0.15: it uses its arguments only.")
def test_recovers_other_gains(attempt, draw):
    """Other gains are recovered from other signals"""
    asked, expected = [], []
    for steps, up in ((7, False), (11, True), (21, False)):  # to about 0.5, 1.8 and -0.5
        source, lr = noise(draw, 200, loudness=0.7), float(draw.uniform(0.088, 0.112))
        step = lr * np.abs(source).mean()
        gain = halfway(1.0, step, steps, up)
        asked.append(question("l1", 1.0, source, (gain * source).astype(np.float32), lr, steps + 3))
        expected.append((gain, step))
    for (gain, step), seen in zip(expected, attempt.ask_each("fit", asked), strict=True):
        assert ONE_STEP.admits(seen.number("final"), gain, scale=step)


@points(1.5, hint="Each step is: clear the gradient, compute the loss, go backward, then gain = gain - lr * gradient, "
                  "nothing more (no momentum, no decay, no schedule, no clipping, no early stop). The loss takes the "
                  "estimate first, then the target.")
def test_follows_plain_descent(attempt, draw):
    """Every step is one of plain gradient descent"""
    asked = []
    for kind in ("mse", "esr", "l1"):
        for _ in range(2):
            start, gain = float(draw.uniform(-1.5, 2.0)), draw.uniform(0.2, 0.8)
            source = noise(draw, int(draw.integers(100, 250)))
            target = (gain * source).astype(np.float32)
            n_iter, lr = int(draw.integers(9, 20)), float(draw.uniform(0.04, 0.1))
            if kind == "l1":  # stop before the gain is reached: from there on rounding decides
                lr = 0.7 * abs(start - gain) / (n_iter * np.abs(source).mean())
            if kind == "esr":
                lr *= float((target.astype(np.float64)**2).mean() / (source.astype(np.float64)**2).mean())
            asked.append(question(kind, start, source, target, float(lr), n_iter))
    source = noise(draw, 80)
    there = question("mse", 0.5, source, np.float32(0.5) * source, 0.05, 8)  # already: it goes on all the same
    compare(attempt, *asked, there)


@points(0.5, hint="fit_gain should minimise the loss it is given, whatever it is: call loss_fn(model(source), target) "
                  "and nothing else.")
def test_any_loss(attempt, draw):
    """A loss it has never seen is minimised as well"""
    source, target = noise(draw, 160), noise(draw, 160)
    weight = draw.uniform(0.2, 1.5, size=160).astype(np.float32)
    tilt = draw.uniform(-0.5, 0.5, size=160).astype(np.float32)
    compare(attempt, question("drawn", float(draw.uniform(-1, -0.3)), source, target, 0.08, 14, weight=weight,
                              tilt=tilt))


@points(1, hint="PyTorch adds each new gradient to the old one. Clear it before every backward pass, the first one "
                "included: the model may come with a gradient from before the call.")
def test_stale_gradients_do_not_matter(attempt, draw):
    """Gradients from before do not matter"""
    source = noise(draw, 120)
    target = (draw.uniform(0.2, 0.8) * source).astype(np.float32)
    compare(attempt, question("mse", 1.4, source, target, 0.04, 10, stale=float(draw.uniform(3, 9))),
            question("mse", -0.7, source, target, 0.04, 8, calls=2))


@points(0.5, hint="Append model.gain as a Python float (.item()) before each step, and return that list.",
        needs="test_recovers_the_gain")
def test_history(attempt, draw):
    """The history holds the gain before each step, as Python floats"""
    source, start = noise(draw, 64), float(draw.uniform(1, 2))
    target = (0.3 * source).astype(np.float32)
    ends = [start]  # where fits of 0, 1, 2, ... steps end
    counts = (1, 2, 3)
    each = attempt.ask_each("fit", [question("mse", start, source, target, 0.05, n_iter) for n_iter in counts])
    for n_iter, seen in zip(counts, each, strict=True):
        assert seen.flag("list")
        assert seen.flag("floats")
        assert SINGLE.admits(seen.array("history", (n_iter,)), ends, scale=2)
        ends.append(seen.number("final"))
        assert abs(ends[-1] - ends[-2]) > 0.01


@points(0.5, hint="With n_iter=0 the model keeps its gain and the history is an empty list. source and target are "
                  "never changed in place.", needs="test_recovers_the_gain")
def test_leaves_alone_what_it_should(attempt, draw):
    """No iteration changes nothing, and the signals are never changed"""
    source = noise(draw, 64)
    target = (0.3 * source).astype(np.float32)
    counts = (0, 5)
    each = attempt.ask_each("fit", [question("mse", 1.25, source, target, 0.05, n_iter) for n_iter in counts])
    for n_iter, seen in zip(counts, each, strict=True):
        assert np.array_equal(seen.array("source", source.shape), source), "source was changed"
        assert np.array_equal(seen.array("target", target.shape), target), "target was changed"
        assert seen.array("history", (n_iter,)).size == n_iter
        assert (seen.number("final") == 1.25) == (n_iter == 0)
