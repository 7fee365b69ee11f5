"""Exercise `fit_gain`: the training loop on its own, with a model and losses that are given."""

import numpy as np

from autograder.testing import Unfit, points, recognising

from . import mistakes
from .oracle import (
    ONE_STEP,
    SINGLE,
    agrees,
    descend,
    gain_gradient,
    halfway,
    tone,
)

LENDS_PARTS = True  # the probe holds a working gain model


def noise(draw, n, loudness=None):
    """Noise that is nowhere near zero, so that the sign of a difference does not hang on rounding.

    `loudness`: its mean magnitude, where that matters.
    """
    made = draw.choice([-1.0, 1.0], size=n) * draw.uniform(0.5, 1.5, size=n)
    return (made if loudness is None else made * loudness / np.abs(made).mean()).astype(np.float32)


def question(kind, start, source, target, lr, n_iter, **more):
    return {"kind": kind, "start": start, "source": source, "target": target, "lr": lr, "n_iter": n_iter, **more}


def compare(attempt, *asked, known=mistakes.fits):
    """Calls of fit_gain against the judge's own descent, step by step."""
    each = attempt.ask_each("fit", asked)
    assert all(seen.flag("floats") for seen in each)
    explained = known(asked, each)
    for given, seen in zip(asked, each, strict=True):
        start, lr, n_iter = given["start"], given["lr"], given["n_iter"]
        exact = {
            name: given[name].astype(np.float64) for name in ("source", "target", "weight", "tilt") if name in given
        }
        gradient = gain_gradient(given["kind"], **exact)
        history, final = descend(gradient, start, lr, n_iter)
        for _ in range(given.get("calls", 1) - 1):
            history, final = descend(gradient, final, lr, n_iter)
        with recognising(explained):
            assert agrees(seen, history, final)


@points(
    1,
    hint="Plot the history of a fit to a tone of your own: the gain should come down step by step, all n_iter "
    "of them, and stay near the answer once it is there.",
)
def test_recovers_the_gain(attempt, draw):
    """The gain of a tone is recovered, with the default settings too"""
    other = tone(800, int(draw.integers(20, 90)), amplitude=draw.uniform(0.8, 1.2))
    drawn = halfway(1.0, 0.04 * np.abs(other).mean(), 17)
    # With the defaults the fit has not arrived after its 300 steps: any other number, or rate, ends elsewhere.
    slow = noise(draw, 100, loudness=draw.uniform(0.35, 0.45))
    target = (draw.uniform(0.1, 0.3) * slow).astype(np.float32)
    asked = [
        question("l1", 1.0, other, np.float32(drawn) * other, 0.04, 26),
        {"kind": "mse", "start": 1.0, "source": slow, "target": target},
    ]
    seen, default = attempt.ask_each("fit", asked)
    if (size := seen.array("history").size) != 26:
        raise Unfit(f"n_iter asks for 26 gains, but the list has {size}.")
    assert ONE_STEP.admits(seen.number("final"), drawn, scale=0.04 * np.abs(other).mean())
    assert default.flag("floats")
    gradient = gain_gradient("mse", slow.astype(np.float64), target.astype(np.float64))
    with recognising(mistakes.defaults(asked, (seen, default))):
        assert agrees(default, *descend(gradient, 1.0, 0.01, 300))


@points(
    0.5, hint="Nothing in fit_gain should depend on this notebook's signals or on 0.15: it uses its arguments only."
)
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


@points(
    1.5,
    hint="Each step is: clear the gradient, compute the loss, go backward, then gain = gain - lr * gradient, "
    "nothing more (no momentum, no decay, no schedule, no clipping, no early stop). The loss takes the "
    "estimate first, then the target.",
)
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
                lr *= float((target.astype(np.float64) ** 2).mean() / (source.astype(np.float64) ** 2).mean())
            asked.append(question(kind, start, source, target, float(lr), n_iter))
    source = noise(draw, 80)
    there = question("mse", 0.5, source, np.float32(0.5) * source, 0.05, 8)  # already: it goes on all the same
    target = (draw.uniform(0.2, 0.8) * source).astype(np.float32)
    lr = float(draw.uniform(1.01, 1.03) / (source.astype(np.float64) ** 2).mean())  # it flies over, and out
    loud = [30 * signal.astype(np.float64) for signal in (source, target)]
    compare(
        attempt,
        *asked,
        there,
        question("mse", -0.6, source, target, lr, 12),
        question("mse", float(draw.uniform(4, 6)), *loud, 7e-5, 9, evaluation=True),
    )


@points(
    0.5,
    hint="fit_gain takes all of its n_iter steps, however short they become, and however small the loss is. "
    "Is there a threshold somewhere?",
    needs="test_follows_plain_descent",
)
def test_small_steps(attempt, draw):
    """Small steps are taken as well"""
    asked = []
    for size in (1e-2, 1e-5, 1e-8):  # of the gains; the steps are about a thousandth of that
        source = noise(draw, 150)
        start, gain = size * draw.uniform(1, 2), size * draw.uniform(0.2, 0.5)
        asked.append(
            question(
                "mse", float(start), source, (gain * source).astype(np.float32), float(draw.uniform(4e-4, 7e-4)), 50
            )
        )
    source = noise(draw, 150)
    target = (draw.uniform(0.2, 0.8) * source).astype(np.float32)
    compare(attempt, *asked, question("mse", 1.5, source, target, 2e-4, 40))


@points(
    0.5,
    hint="fit_gain should minimise the loss it is given, whatever it is: call loss_fn(model(source), target) "
    "and nothing else.",
)
def test_any_loss(attempt, draw):
    """A loss it has never seen is minimised as well"""
    source, target = noise(draw, 160), noise(draw, 160)
    weight = draw.uniform(0.2, 1.5, size=160).astype(np.float32)
    tilt = draw.uniform(-0.5, 0.5, size=160).astype(np.float32)
    compare(
        attempt, question("drawn", float(draw.uniform(-1, -0.3)), source, target, 0.08, 14, weight=weight, tilt=tilt)
    )


@points(
    0.5,
    hint="PyTorch adds each new gradient to the old one. Clear it before every backward pass, the first one "
    "included: the model may come with a gradient from before the call.",
)
def test_stale_gradients_do_not_matter(attempt, draw):
    """Gradients from before do not matter"""
    source = noise(draw, 120)
    target = (draw.uniform(0.2, 0.8) * source).astype(np.float32)
    compare(
        attempt,
        question("mse", 1.4, source, target, 0.04, 10, stale=float(draw.uniform(3, 9))),
        question("mse", -0.7, source, target, 0.04, 8, calls=2),
        known=mistakes.leftovers,
    )


@points(
    0.5,
    hint="Every call is on its own: fit_gain keeps nothing from the call before, neither signals nor a loss, "
    "a list or an optimiser. A model goes on from the gain that it has.",
    needs="test_follows_plain_descent",
)
def test_asked_again(attempt, draw):
    """A second call is right as well, for other signals, another loss and another model"""
    asked = []
    for n, n_iter, lr in ((110, int(draw.integers(7, 12)), float(draw.uniform(0.01, 0.02))), (4, 8, 0.1)):
        sources = noise(draw, n), noise(draw, n, loudness=1.0)
        targets = [(draw.uniform(-0.8, 0.2) * source).astype(np.float32) for source in sources]
        asked.append(
            {
                "kind": "mse",
                "other_kind": "l1",
                "start": float(draw.uniform(2, 3)),
                "n_iter": n_iter,
                "lr": lr,
                "source": sources[0],
                "target": targets[0],
                "other_source": sources[1],
                "other_target": targets[1],
            }
        )
    for given, seen in zip(asked, attempt.ask_each("again", asked), strict=True):
        exact = {name: signal.astype(np.float64) for name, signal in given.items() if isinstance(signal, np.ndarray)}
        lr, n_iter = given["lr"], given["n_iter"]
        history, final = descend(gain_gradient("mse", exact["source"], exact["target"]), given["start"], lr, n_iter)
        other = gain_gradient("l1", exact["other_source"], exact["other_target"])
        if given is asked[0]:  # the other one arrives, and then rounding decides
            assert agrees(seen, *descend(other, final, lr, n_iter), ("history 1", "final 1"))
        assert agrees(seen, history, final, ("history 0", "final 0"))
        assert agrees(seen, history, final, ("history 2", "final 2"))


@points(
    0.5,
    hint="Append model.gain as a Python float (.item()) before each step, and return that list.",
    needs="test_recovers_the_gain",
)
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


@points(
    0.5,
    hint="With n_iter=0 the model keeps its gain and the history is an empty list. source and target are "
    "never changed in place.",
    needs="test_recovers_the_gain",
)
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
