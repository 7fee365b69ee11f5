"""Exercise `recover_gain`: the gain through a phase shift, by the numbers that come out of the student's own parts."""

import numpy as np

from autograder.testing import points, recognising

from . import mistakes
from .oracle import ONE_STEP, halfway, magnitudes, tone

START = 1.0
QUIET, LOUD = (0.48, 0.52), (1.4, 1.6)  # mean magnitudes: a step that is lr long is too large for a quiet signal


class Chord:
    """Two tones of which the spectrum has a mean magnitude of `loudness`, over a floor of noise: no bin is silent."""

    def __init__(self, draw, loudness, n=150):
        self._draw, self._n = draw, n
        self._cycles = draw.choice(np.arange(5, 60), size=2, replace=False)
        loud = draw.uniform(0.8, 1.2, size=2)
        self._amplitudes = loud / loud.sum() * loudness * (n + 2) / n
        self._floor = draw.normal(size=n) * 1e-3
        self.source = self.at(1.0)

    def at(self, gain):
        """The same signal, louder or softer, with other phases: noise keeps its magnitudes when it is turned round."""
        parts = zip(self._cycles, self._draw.uniform(0, 6, size=2), self._amplitudes, strict=True)
        floor = np.roll(self._floor, int(self._draw.integers(1, self._n)))
        return (
            gain * floor + sum(tone(self._n, cycle, phase, gain * amplitude) for cycle, phase, amplitude in parts)
        ).astype(np.float32)


def step(source, lr):
    return lr * magnitudes(source).mean()


def compare(attempt, *asked):
    """Estimates against where descent stands; each question with that, and with the learning rate it is asked with."""
    each = attempt.ask_each("estimate", [question for question, _, _ in asked])
    fits = [(question, stands, step(question["source"], lr)) for question, stands, lr in asked]
    known = mistakes.estimates(fits, each, spectral=True)
    for (_, stands, size), seen in zip(fits, each, strict=True):
        with recognising(known):
            assert ONE_STEP.admits(seen.number("estimate"), stands, scale=size)
    return each


@points(
    1,
    hint="Fit a LinearGain() with SpectralLoss() and return the final gain as a Python float. If the loss alone "
    "and the loop alone are right, look at how they are put together.",
)
def test_recovers_the_gain(attempt, draw):
    """The gain is found although the phase is shifted"""
    asked = []
    for loudness, steps, wider in (
        (1.0, int(draw.integers(70, 80)), np.float32),
        (draw.uniform(0.75, 0.92), int(draw.integers(20, 26)), np.float64),
    ):
        chord = Chord(draw, loudness)
        gain = halfway(START, step(chord.source, 0.01), steps)
        signals = {"source": chord.source.astype(wider), "target": chord.at(gain).astype(wider)}
        asked.append(({**signals, "n_iter": steps + 3}, gain, 0.01))
    # With the defaults the fit has not arrived after its 300 steps: any other number of steps, or rate, ends elsewhere.
    chord = Chord(draw, draw.uniform(0.17, 0.22))
    slow = {"source": chord.source, "target": chord.at(draw.uniform(0.1, 0.25))}
    asked += [(slow, START - 300 * step(chord.source, 0.01), 0.01), asked[0]]
    assert all(seen.flag("float") for seen in compare(attempt, *asked))


@points(1, hint="Use the arguments source and target, not the notebook's signals, and expect gains above 1 as well.")
def test_recovers_other_gains(attempt, draw):
    """Other gains are found through other phase shifts"""
    asked = []
    # To 0.25, in the middle between two numbers that it may be rounded to, and to about 1.75.
    for steps, up, loudness in ((50, False, (0.486, 0.504)), (16, True, LOUD)):
        chord, lr = Chord(draw, draw.uniform(*loudness)), 0.03
        gain = halfway(START, step(chord.source, lr), steps, up)
        asked.append(({"source": chord.source, "target": chord.at(gain), "n_iter": steps + 8, "lr": lr}, gain, lr))
    chord, lr = Chord(draw, draw.uniform(22, 26)), draw.uniform(0.018, 0.022)
    steps = int(draw.integers(25, 30))
    gain = halfway(START, step(chord.source, lr), steps, up=True)  # to about 14
    signals = {"source": chord.source.astype(np.float64), "target": chord.at(gain).astype(np.float64)}
    asked.append(({**signals, "n_iter": steps + 4, "lr": lr}, gain, lr))
    compare(attempt, *asked)


@points(
    1,
    hint="Pass n_iter on to the fit, start at a gain of 1.0, and return where the descent stands after n_iter "
    "steps, converged or not.",
)
def test_stops_when_told(attempt, draw):
    """n_iter stops the descent early"""
    asked = []
    for gain in (draw.uniform(0.1, 0.3), draw.uniform(2.0, 2.5)):
        chord = Chord(draw, draw.uniform(*QUIET))
        source, target = chord.source, chord.at(gain)
        n_iter = int(draw.integers(24, 34))
        stands = START + np.sign(gain - START) * n_iter * step(source, 0.01)
        asked.append(({"source": source, "target": target, "n_iter": n_iter, "lr": 0.01}, stands, 0.01))
    for steps in (16, 28):  # the same number of samples and of steps as in the check of the notebook; both arrive
        chord = Chord(draw, 1.0, n=800)
        gain = halfway(START, step(chord.source, 0.02), steps)
        asked.append(({"source": chord.source, "target": chord.at(gain), "n_iter": 46, "lr": 0.02}, gain, 0.02))
    compare(attempt, *asked)


@points(1, hint="Pass lr on to the fit.")
def test_uses_the_learning_rate(attempt, draw):
    """lr sets the size of the steps"""
    asked = []
    for lr, way in ((0.003, draw.uniform(0.03, 0.05)), (0.03, draw.uniform(0.25, 0.4))):
        gain = draw.uniform(0.1, 0.2)
        chord = Chord(draw, draw.uniform(*QUIET))
        source, target = chord.source, chord.at(gain)
        n_iter = int(way / step(source, lr))
        stands = START - n_iter * step(source, lr)
        asked.append(({"source": source, "target": target, "n_iter": n_iter, "lr": lr}, stands, lr))
    compare(attempt, *asked)
