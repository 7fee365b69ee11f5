"""Exercise `recover_gain`: the gain through a phase shift, by the numbers that come out of the student's own parts."""

import numpy as np

from autograder.check import points
from autograder.hidden.differentiable_gain.oracle import ONE_STEP, magnitudes, tone

START = 1.0
QUIET, LOUD = (0.2, 0.3), (0.7, 0.8)  # a step that is lr long whatever the signal is too large for a quiet one


def chord(draw, gain, amplitudes=QUIET, n=640):
    """Two tones, and the same two tones at another gain and with other phases."""
    cycles = draw.choice(np.arange(20, 250), size=2, replace=False)
    loud = draw.uniform(*amplitudes, size=2)
    source, target = (
        sum(tone(n, cycle, phase, volume * amplitude)
            for cycle, phase, amplitude in zip(cycles, draw.uniform(0, 6, size=2), loud, strict=True))
        for volume in (1.0, gain))
    return source, target


def step(source, lr):
    return lr * magnitudes(source).mean()


def there(source, gain, lr=0.01):
    """Enough iterations to get there, and some more; the default of 300 would only take longer."""
    return 20 + int(abs(gain - START) / step(source, lr))


@points(1, hint="Fit a LinearGain() with SpectralLoss() and return the final gain as a Python float. If the loss alone "
                "and the loop alone are right, look at how they are put together.")
def test_recovers_the_gain(attempt, draw):
    """The gain is found although the phase is shifted"""
    source = tone(800, 15)
    other = draw.uniform(0.3, 0.6)
    for gain, told in ((0.15, {}), (other, {"n_iter": there(source, other)})):
        target = tone(800, 15, phase=draw.uniform(0.3, 0.9), amplitude=gain)
        seen = attempt.ask("estimate", source=source, target=target, **told)
        assert seen.flag("float")
        assert ONE_STEP.admits(seen.number("estimate"), gain, scale=step(source, 0.01))


@points(1, hint="Use the arguments source and target, not the notebook's signals, and expect gains above 1 as well.")
def test_recovers_other_gains(attempt, draw):
    """Other gains are found through other phase shifts"""
    for low, high, amplitudes in ((0.05, 0.8, QUIET), (1.4, 2.0, LOUD)):
        gain = draw.uniform(low, high)
        source, target = chord(draw, gain, amplitudes)
        seen = attempt.ask("estimate", source=source, target=target, n_iter=there(source, gain))
        assert ONE_STEP.admits(seen.number("estimate"), gain, scale=step(source, 0.01))


@points(1, hint="Pass n_iter on to the fit, start at a gain of 1.0, and return where the descent stands after n_iter "
                "steps, converged or not.")
def test_stops_when_told(attempt, draw):
    """n_iter stops the descent early"""
    for gain in (draw.uniform(0.1, 0.3), draw.uniform(2.0, 2.5)):
        source, target = chord(draw, gain)
        n_iter = int(draw.integers(12, 40))
        seen = attempt.ask("estimate", source=source, target=target, n_iter=n_iter, lr=0.01)
        stands = START + np.sign(gain - START) * n_iter * step(source, 0.01)
        assert ONE_STEP.admits(seen.number("estimate"), stands, scale=step(source, 0.01))


@points(1, hint="Pass lr on to the fit.")
def test_uses_the_learning_rate(attempt, draw):
    """lr sets the size of the steps"""
    for lr, way in ((0.003, draw.uniform(0.05, 0.15)), (0.03, draw.uniform(0.3, 0.6))):
        gain = draw.uniform(0.1, 0.2)
        source, target = chord(draw, gain)
        n_iter = int(way / step(source, lr))
        seen = attempt.ask("estimate", source=source, target=target, n_iter=n_iter, lr=lr)
        stands = START - n_iter * step(source, lr)
        assert ONE_STEP.admits(seen.number("estimate"), stands, scale=step(source, lr))
