"""Exercises `loss_landscape` and `phase_shift_experiment`: why the waveform loss fails."""

import numpy as np

from autograder.testing import points, recognising

from . import mistakes
from .oracle import (
    ONE_STEP,
    SINGLE,
    descend,
    gain_gradient,
    halfway,
    loss,
    tone,
)

START = 1.0
N = 251  # samples; a prime, so that no two periods of a tone are sampled alike: the slope of the loss is smooth


def question(kind, gains, source, target, **weights):
    return {"kind": kind, "gains": gains, "source": source, "target": target, **weights}


def compare(attempt, *asked):
    """Landscapes against the judge's own."""
    each = attempt.ask_each("landscape", asked)
    known = mistakes.landscapes(asked, each)
    for given, seen in zip(asked, each, strict=True):
        kind, gains, source, target = (given[name] for name in ("kind", "gains", "source", "target"))
        exact = {name: given[name].astype(np.float64) for name in ("weight", "tilt") if name in given}
        expected = np.array(
            [
                loss(kind, gain * source.astype(np.float64), target.astype(np.float64), **exact)
                for gain in gains.astype(np.float64)
            ]
        )
        with recognising(known):
            values = seen.array("values", (gains.size,))
            scale = np.abs(expected) + np.abs(source).max() * (np.abs(gains) + 1)
            assert SINGLE.admits(values, expected, scale=scale)
        assert np.array_equal(seen.array("gains", gains.shape), gains), "gains was changed"
        assert np.array_equal(seen.array("source", source.shape), source), "source was changed"
        assert np.array_equal(seen.array("target", target.shape), target), "target was changed"
    return each


def fit(source, target, stands=None, **told):
    """A question for estimate_gain_l1, where its answer should be (where plain descent stands), and one step of it."""
    n_iter, lr = told.get("n_iter", 300), told.get("lr", 0.01)
    exact = source.astype(np.float64), target.astype(np.float64)
    if stands is None:
        _, stands = descend(gain_gradient("l1", *exact), START, lr, n_iter)
    return {"source": source, "target": target, **told}, stands, lr * np.abs(exact[0]).mean()


def compare_estimates(attempt, *fits):
    each = attempt.ask_each("estimate", [question for question, _, _ in fits])
    assert all(seen.flag("float") for seen in each)
    known = mistakes.estimates(fits, each, spectral=False)
    for (_, stands, step), seen in zip(fits, each, strict=True):
        with recognising(known):
            assert ONE_STEP.admits(seen.number("estimate"), stands, scale=step)


@points(
    1,
    hint="Fit a new LinearGain() with torch.nn.L1Loss() from source to target, both as they are passed, and "
    "return the model's final gain as a Python float.",
)
def test_l1_estimates(attempt, draw):
    """The waveform loss leads to the gain times the cosine of the phase shift"""
    fits, lr = [], 0.06
    for low, high in ((0, 0), (30, 60), (90, 90), (110, 150)):
        cycles, amplitude = int(draw.integers(8, 20)), draw.uniform(0.9, 1.1)
        phase, gain = np.radians(draw.uniform(low, high)), draw.uniform(0.25, 0.55)
        source = tone(N, cycles, amplitude=amplitude)
        if phase == 0:
            gain = halfway(START, lr * np.abs(source).mean(), int(draw.integers(12, 18)))
        target = tone(N, cycles, phase, amplitude=gain * amplitude)
        fits.append(fit(source, target, gain * np.cos(phase), n_iter=int(draw.integers(80, 90)), lr=lr))
    exact = fits[1][0]
    twice = {name: exact[name].astype(np.float64) for name in ("source", "target")}
    compare_estimates(attempt, *fits, ({**exact, **twice}, *fits[1][1:]))


@points(
    0.5,
    hint="Pass n_iter and lr on to the fit, with fit_gain's defaults. Every call begins with a new model at "
    "1.0, and returns where the descent stands after n_iter steps, converged or not.",
)
def test_l1_estimates_on_the_way(attempt, draw):
    """The descent stops after n_iter steps of the size that lr sets, wherever it is then"""
    fits = []
    for told, amplitude in (
        ({}, draw.uniform(0.2, 0.26)),
        ({"n_iter": int(draw.integers(24, 34))}, draw.uniform(1, 2)),
        ({"n_iter": int(draw.integers(24, 34)), "lr": draw.uniform(0.003, 0.006)}, 1.0),
    ):
        cycles, phase, gain = int(draw.integers(8, 20)), draw.uniform(0.4, 2.4), draw.uniform(0.2, 0.4)
        source, target = tone(N, cycles, amplitude=amplitude), tone(N, cycles, phase, amplitude=gain * amplitude)
        fits.append(fit(source, target, **told))
    for amplitude in (0.2, 0.35):  # the same number of samples and of steps as in the check of the notebook
        source, target = (amplitude * tone(800, 15, phase) for phase in (0, draw.uniform(0.5, 1)))
        fits.append(fit(source.astype(np.float32), (0.3 * target).astype(np.float32), n_iter=80, lr=0.03))
    loud = [20.0 * tone(N, 11, phase, gain) for phase, gain in ((0, 1), (draw.uniform(0.2, 0.5), draw.uniform(8, 9)))]
    fits.append(fit(*(signal.astype(np.float64) for signal in loud), n_iter=25, lr=0.0125))  # to about 5
    source = draw.normal(size=N).astype(np.float32)
    fits.append(fit(source, draw.normal(size=N).astype(np.float32), n_iter=int(draw.integers(12, 20)), lr=0.02))
    compare_estimates(attempt, *fits)


@points(
    1,
    hint="For each g of gains compute loss_fn(g * source, target), with the arguments as they are given, and "
    "return the values in that order as a 1-D tensor.",
)
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


@points(
    0.5,
    hint="loss_landscape uses the arguments of this call alone and keeps nothing from the call before. It "
    "works for loud signals and large gains, in double precision, and under torch.no_grad().",
    needs="test_landscape_values",
)
def test_landscape_again(attempt, draw):
    """Another call gives another landscape, for any size of gains and signals"""
    gains = draw.uniform(-2, 3, size=6).astype(np.float32)
    pairs = [[draw.normal(size=70).astype(np.float32) for _ in range(2)] for _ in range(3)]
    large = np.sort(draw.uniform(-300, 300, size=6)).astype(np.float32)[::-1].copy()
    source, target = (draw.normal(size=70) for _ in range(2))
    first = question("mse", gains, *pairs[0])
    few = draw.uniform(-2, 3, size=4).astype(np.float32)
    short = [question("l1", few, *(draw.normal(size=2).astype(np.float32) for _ in range(2))) for _ in range(2)]
    compare(
        attempt,
        *short,
        first,
        question("l1", gains, *pairs[0]),
        question("l1", gains, *pairs[1]),
        first,
        question("l1", large, *(30 * signal for signal in pairs[2]), silent=True),
        question("mse", gains.astype(np.float64), source, target),
    )


@points(
    1,
    hint="Plot loss_landscape(torch.nn.L1Loss(), gains, orig_audio, shifted_target_audio): where is its lowest "
    "point, and what does it do at the true gain?",
    needs="test_landscape_values",
)
def test_no_minimum_at_the_gain(attempt, draw):
    """Under a phase shift the L1 landscape has no minimum at the true gain"""
    gain = float(draw.uniform(0.1, 0.4))
    source, target = tone(800, 15), tone(800, 15, phase=np.pi / 2, amplitude=gain)
    gains = np.linspace(0, 2, 41).astype(np.float32)
    [seen] = compare(attempt, question("l1", gains, source, target))
    values = seen.array("values")
    assert (np.diff(values) > 0).all(), "the landscape rises from 0 on, through the true gain"
