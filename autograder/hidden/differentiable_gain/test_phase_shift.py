"""Exercises `loss_landscape` and `phase_shift_experiment`: why the waveform loss fails."""

import numpy as np

from autograder.check import points
from autograder.hidden.differentiable_gain.oracle import ONE_STEP, SINGLE, loss, tone

STEP = 0.01 * 2 / np.pi  # lr * mean|x| of the notebook's tone: how far its L1 fit moves in one step


def question(kind, gains, source, target, **weights):
    return {"kind": kind, "gains": gains, "source": source, "target": target, **weights}


def compare(attempt, *asked):
    """Landscapes against the judge's own."""
    each = attempt.ask_each("landscape", asked)
    for given, seen in zip(asked, each, strict=True):
        kind, gains, source, target = (given[name] for name in ("kind", "gains", "source", "target"))
        exact = {name: given[name].astype(np.float64) for name in ("weight", "tilt") if name in given}
        expected = np.array([loss(kind, gain * source.astype(np.float64), target.astype(np.float64), **exact)
                             for gain in gains.astype(np.float64)])
        values = seen.array("values", (gains.size,))
        scale = np.abs(expected) + np.abs(source).max() * (np.abs(gains) + 1)
        assert SINGLE.admits(values, expected, scale=scale)
        assert np.array_equal(seen.array("source", source.shape), source), "source was changed"
        assert np.array_equal(seen.array("target", target.shape), target), "target was changed"
    return each


@points(1.5, hint="Fit a new LinearGain() with torch.nn.L1Loss() to shifted_target_audio with fit_gain's defaults; "
                  "l1_estimate is the model's final gain as a Python float.")
def test_l1_estimate(attempt):
    """l1_estimate is where the waveform loss really leads"""
    seen = attempt.ask("estimate")
    assert seen.flag("float")
    assert ONE_STEP.admits(seen.number("estimate"), 0.0, scale=STEP)


@points(1.5, hint="For each g of gains compute loss_fn(g * source, target), with the arguments as they are given, and "
                  "return the values in that order as a 1-D tensor.")
def test_landscape_values(attempt, draw):
    """The landscape holds the loss of every gain, in order"""
    asked = []
    for kind in ("l1", "mse", "esr"):
        n = int(draw.integers(50, 120))
        source, target = (draw.normal(size=n).astype(np.float32) for _ in range(2))
        gains = draw.uniform(-2, 3, size=int(draw.integers(3, 12))).astype(np.float32)
        asked.append(question(kind, gains, source, target))
    source, target, weight, tilt = (draw.uniform(-1, 1, size=40).astype(np.float32) for _ in range(4))
    one = np.array([0.4], dtype=np.float32)
    compare(attempt, *asked, question("drawn", one, source, target, weight=weight, tilt=tilt))


@points(1, hint="Plot loss_landscape(torch.nn.L1Loss(), gains, orig_audio, shifted_target_audio): where is its lowest "
                "point, and what does it do at the true gain?", needs="test_landscape_values")
def test_no_minimum_at_the_gain(attempt, draw):
    """Under a phase shift the L1 landscape has no minimum at the true gain"""
    gain = float(draw.uniform(0.1, 0.4))
    source, target = tone(800, 15), tone(800, 15, phase=np.pi / 2, amplitude=gain)
    gains = np.linspace(0, 2, 41).astype(np.float32)
    [seen] = compare(attempt, question("l1", gains, source, target))
    values = seen.array("values")
    assert (np.diff(values) > 0).all(), "the landscape rises from 0 on, through the true gain"
