"""What known mistakes would give, to name the one that explains what was found.

Each function gives, by a sentence for the student, whether the mistake gives all that came back for these questions.
It is asked only where a check has failed. The order counts: what is more special comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.testing import Floats, Observation

from .oracle import (
    ONE_STEP,
    SINGLE,
    SPECTRUM,
    agrees,
    descend,
    gain_gradient,
    loss,
    magnitudes,
    spectral_loss,
)

Question = Mapping[str, Any]
Mistakes = dict[str, Callable[[], bool]]
Slope = Callable[[float], float]
Update = Callable[[float, float], float]  # from a gradient and the present gain to what is taken from the gain

RATE, STEPS = 0.01, 300  # the defaults of the contract
MOST = 3000  # steps that are replayed for a history of any length
NEAR = 1e-3  # of a step: a ratio of two short differences in single precision


# Optimisers: what they take from the gain, with PyTorch's defaults.


def sgd(lr: float, momentum: float = 0.0) -> Update:
    kept = 0.0

    def update(slope: float, value: float) -> float:
        nonlocal kept
        kept = momentum * kept + slope
        return lr * kept

    return update


def cleared_every(steps: float, left: float = 0.0) -> Callable[[float], Update]:
    """Gradients add up, and are cleared before every `steps`-th step only."""

    def rule(lr: float) -> Update:
        total, count = left, 0

        def update(slope: float, value: float) -> float:
            nonlocal total, count
            total = slope if count and count % steps == 0 else total + slope
            count += 1
            return lr * total

        return update

    return rule


def late(lr: float) -> Update:
    """The step comes before the backward pass, and goes by the gradient of the step before."""
    before = 0.0

    def update(slope: float, value: float) -> float:
        nonlocal before
        taken, before = lr * before, slope
        return taken

    return update


def adam(lr: float, decay: float = 0.0) -> Update:
    first = second = 0.0
    count = 0

    def update(slope: float, value: float) -> float:
        nonlocal first, second, count
        count += 1
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        return lr * (first / (1 - 0.9**count)) / (np.sqrt(second / (1 - 0.999**count)) + 1e-8) + lr * decay * value

    return update


def adagrad(lr: float) -> Update:
    total = 0.0

    def update(slope: float, value: float) -> float:
        nonlocal total
        total += slope**2
        return lr * slope / (np.sqrt(total) + 1e-10)

    return update


def rmsprop(lr: float) -> Update:
    mean = 0.0

    def update(slope: float, value: float) -> float:
        nonlocal mean
        mean = 0.99 * mean + 0.01 * slope**2
        return lr * slope / (np.sqrt(mean) + 1e-8)

    return update


def rprop(lr: float) -> Update:
    size, before = lr, 0.0

    def update(slope: float, value: float) -> float:
        nonlocal size, before
        if slope * before > 0:
            size = min(1.2 * size, 50.0)
        elif slope * before < 0:
            size, slope = max(0.5 * size, 1e-6), 0.0
        before = slope
        return size * float(np.sign(slope))

    return update


OPTIMISERS: Mapping[str, Callable[[float], Update]] = {
    "SGD with momentum": lambda lr: sgd(lr, 0.9),
    "Adam": adam,
    "Adam with a rate of its own": lambda lr: adam(0.001),
    "AdamW": lambda lr: adam(lr, 0.01),
    "Adagrad": adagrad,
    "RMSprop": rmsprop,
    "Rprop": rprop,
}
GRADIENT_KEPT = (
    "No step clears the gradient: PyTorch adds each new one to those before, so every step repeats them all."
)
UNMOVED = (
    "The gain never moves. Is the gradient still there when the step is taken, and does the optimiser hold the "
    "parameters of this model?"
)


def exact(given: Question) -> dict[str, Floats]:
    return {
        name: given[name].astype(np.float64)
        for name in ("source", "target", "weight", "tilt")
        if given.get(name) is not None
    }


def slope_of(given: Question, **changed: Any) -> Slope:
    return gain_gradient(changed.pop("kind", given["kind"]), **{**exact(given), **changed})


def swapped(given: Question) -> Slope:
    """The slope where the loss gets the target first."""
    parts = exact(given)
    source, target, kind = parts["source"], parts["target"], given["kind"]

    def slope(gain: float) -> float:
        off, energy = gain * source - target, float(((gain * source) ** 2).sum())
        if kind == "esr":
            return float((2 * off * source).sum() / energy - (off**2).sum() * 2 * gain * (source**2).sum() / energy**2)
        return float((2 * parts["weight"] * off * source).mean()) if kind == "drawn" else slope_of(given)(gain)

    return slope


def descent(
    given: Question,
    slope: Slope | None = None,
    rule: Callable[[float], Update] = sgd,
    *,
    start: float | None = None,
    lr: float | None = None,
    n_iter: int | None = None,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[Floats, float]:
    """The gains before each step, and the final one."""
    slope, update = slope or slope_of(given), rule(given.get("lr", RATE) if lr is None else lr)
    value, history = given["start"] if start is None else start, []
    for _ in range(given.get("n_iter", STEPS) if n_iter is None else n_iter):
        history.append(value)
        value = float(np.clip(value - update(slope(value), value), *bounds))
    return np.array(history), value


def fits(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in `fit_gain`, for questions of one call each."""
    pairs = list(zip(asked, each, strict=True))

    def always(model: Callable[[Question], tuple[Floats, float]]) -> Callable[[], bool]:
        return lambda: all(agrees(seen, *model(given)) for given, seen in pairs)

    def shaped(change: Callable[[Question, Floats, float], tuple[Floats, float]]) -> Callable[[], bool]:
        """The fit is right, and what is returned is not."""
        return always(lambda given: change(given, *descent(given)))

    def observed() -> Iterator[tuple[float, Floats, Floats]]:
        """Of each fit: the learning rate, all gains with the final one, and the slope at each but that."""
        for given, seen in pairs:
            gains = np.append(seen.array("history", (given.get("n_iter", STEPS),)), seen.number("final"))
            yield given.get("lr", RATE), gains, np.array([slope_of(given)(gain) for gain in gains[:-1]])

    def one_factor() -> bool:
        """Each fit has steps of lr times the gradient times a factor of its own, which is not 1."""
        for lr, gains, slopes in observed():
            ratios = (-np.diff(gains) / (lr * slopes))[:3]
            factor = ratios[0]
            if not (factor > 0 and abs(factor - 1) > NEAR and np.abs(ratios - factor).max() < NEAR * factor):
                return False
        return True

    def sizes() -> list[int]:
        return [seen.array("history").size for seen in each]

    def losses(given: Question, history: Floats, final: float) -> tuple[Floats, float]:
        parts = exact(given)
        source, target = parts.pop("source"), parts.pop("target")
        return np.array([loss(given["kind"], gain * source, target, **parts) for gain in history]), final

    def first_of(name: str) -> Callable[[], bool]:
        return always(lambda given: descent(given, slope_of(given, **{name: exact(asked[0])[name]})))

    def pull() -> bool:
        """The same part of the gain is taken in each step, beside the gradient."""
        taken, values = [], []
        for lr, gains, slopes in observed():
            taken.append(-np.diff(gains) / lr - slopes)
            values.append(gains[:-1])
        pulled, held = np.concatenate(taken), np.concatenate(values)
        part = float((pulled * held).sum() / (held**2).sum())
        return part > 1e-3 and bool((np.abs(pulled - part * held) < 0.03 * part * np.abs(held) + 1e-4).all())

    def clipped() -> bool:
        """Steps are as they should be up to some length, and none is longer."""
        ratios, lengths = [], []
        for lr, gains, slopes in observed():
            lengths.append(np.abs(np.diff(gains)) / lr)
            ratios.append(lengths[-1] / np.abs(slopes))
        length, ratio = np.concatenate(lengths), np.concatenate(ratios)
        short = ratio < 1 - NEAR
        bound = length[short].max(initial=0.0)
        return bool(
            short.sum() > 2
            and np.abs(length[short] - bound).max() < NEAR * bound
            and np.abs(ratio[~short] - 1).max(initial=0.0) < NEAR
        )

    def fades() -> bool:
        """The steps become shorter, whatever is asked, each by the same part as in the other fits."""
        parts = np.array([(-np.diff(gains) / (lr * slopes))[:5] for lr, gains, slopes in observed()])
        alike = np.abs(parts - parts.mean(axis=0)).max() < 10 * NEAR
        return bool(len(parts) > 1 and alike and (np.diff(parts) < 0).all() and (parts > 0).all())

    def stands_still() -> bool:
        """Some fit takes no more steps from somewhere on, and those before are right."""
        still = 0
        for given, seen in pairs:
            history, final = descent(given)
            found = np.append(seen.array("history", history.shape), seen.number("final"))
            moved = np.flatnonzero(np.diff(found))
            last = int(moved[-1]) + 1 if moved.size else 0
            size = last + 1
            if not np.allclose(found[:size], np.append(history, final)[:size], rtol=1e-4, atol=1e-9):
                return False
            still += 0 < last < found.size - 1
        return still > 0

    wanted = [given.get("n_iter", STEPS) for given in asked]
    mistakes: Mistakes = {
        UNMOVED: always(lambda given: descent(given, lambda gain: 0.0)),
        "It returns after the first step: is the return inside the loop?": lambda: (
            max(wanted) > 1 and all(size == min(1, n) for size, n in zip(sizes(), wanted, strict=True))
        ),
        GRADIENT_KEPT: always(lambda given: descent(given, rule=cleared_every(np.inf))),
        "The gradient is cleared in every other step only.": always(
            lambda given: descent(given, rule=cleared_every(2))
        ),
        "The steps go uphill: the gain moves along the gradient, and not against it.": always(
            lambda given: descent(given, lambda gain: -slope_of(given)(gain))
        ),
        "The step comes before the backward pass, so it goes by the gradient of the step before.": always(
            lambda given: descent(given, rule=late)
        ),
        "The history holds the gain after each step, and not before it.": shaped(
            lambda given, history, final: (np.append(history, final)[1:], final)
        ),
        "The history has one gain too many, the one after the last step.": shaped(
            lambda given, history, final: (np.append(history, final), final)
        ),
        "The history has one gain too few: the first one is missing.": shaped(
            lambda given, history, final: (history[1:], final)
        ),
        "The history has one gain too few: the last one is missing.": shaped(
            lambda given, history, final: (history[:-1], final)
        ),
        "The history is in reverse order.": shaped(lambda given, history, final: (history[::-1], final)),
        "The history holds the losses, and not the gains.": shaped(losses),
        "The history holds the gradients, and not the gains.": shaped(
            lambda given, history, final: (np.array([slope_of(given)(gain) for gain in history]), final)
        ),
        "The history holds every tenth gain only.": shaped(lambda given, history, final: (history[::10], final)),
        "Two steps are taken for each entry of the history.": always(
            lambda given: (lambda history, final: (history[::2], final))(
                *descent(given, n_iter=2 * given.get("n_iter", STEPS))
            )
        ),
        "The history is right, but the model itself stays as it was: is a copy trained, or the gain put back?": shaped(
            lambda given, history, final: (history, given["start"])
        ),
        "A model of its own is trained, from a gain of 1, and not the one that is passed.": always(
            lambda given: (descent(given, start=1.0)[0], given["start"])
        ),
        "Every fit begins at a gain of 1, and not at the gain that the model has.": always(
            lambda given: descent(given, start=1.0)
        ),
        "lr is not used: every step goes by the same learning rate, whatever is passed.": always(
            lambda given: descent(given, lr=RATE)
        ),
        "n_iter is not used: the fit takes 300 steps, whatever is passed.": always(
            lambda given: descent(given, n_iter=STEPS)
        ),
        "n_iter is not used: every history has the same length, whatever is passed.": lambda: (
            len(set(wanted)) > 1 and len(set(sizes())) == 1
        ),
        "The loss gets the target first, then the estimate: it is the other way round.": always(
            lambda given: descent(given, swapped(given))
        ),
        "source and target have changed places: the gain belongs to the source.": always(
            lambda given: descent(given, slope_of(given, source=exact(given)["target"], target=exact(given)["source"]))
        ),
        "The loss that is passed is not used: the steps are those of the mean absolute difference.": always(
            lambda given: descent(given, slope_of(given, kind="l1"))
        ),
        "The loss that is passed is not used: the steps are those of the mean squared difference.": always(
            lambda given: descent(given, slope_of(given, kind="mse"))
        ),
        "The estimate is computed once, before the loop, so every step goes by the first gradient.": always(
            lambda given: descent(given, lambda gain: slope_of(given)(given["start"]))
        ),
        "The loss is squared before the backward pass.": always(
            lambda given: descent(
                given,
                lambda gain: 2 * losses(given, np.array([gain]), 0.0)[0][0] * slope_of(given)(gain),
            )
        ),
    }
    for name, rule in OPTIMISERS.items():
        mistakes[f"The steps are those of {name}, and not of plain gradient descent."] = always(
            lambda given, rule=rule: descent(given, rule=rule)
        )
    for bounds in ((0.0, 1.0), (0.0, np.inf), (-1.0, 1.0), (0.0, 2.0), (1e-6, np.inf)):
        mistakes[
            f"The gain is kept {'above 0' if bounds[1] == np.inf else 'within bounds'}: it may take any value."
        ] = always(lambda given, bounds=bounds: descent(given, bounds=bounds))
    return mistakes | {
        "The target of the first call is used in the calls after it too.": first_of("target"),
        "The source of the first call is used in the calls after it too.": first_of("source"),
        "Every call gives what the first one gave.": lambda: all(agrees(seen, *descent(asked[0])) for seen in each),
        "The fit stops before it has taken n_iter steps: is there a threshold, or a break?": lambda: all(
            size <= n
            and any(
                agrees(seen, descent(given)[0][:size], descent(given, n_iter=taken)[1])
                for taken in (size, max(size - 1, 0))
            )
            for size, n, (given, seen) in zip(sizes(), wanted, pairs, strict=True)
        ),
        "The fit takes no more steps from some point on: is there a threshold somewhere?": stands_still,
        "Large gradients are clipped: a step is lr times the gradient, however large.": clipped,
        "Something pulls the gain towards 0 in every step: weight decay, or a penalty in the loss.": pull,
        "Every step is lr times the gradient times one more factor: is the loss, the gradient or lr multiplied or "
        "divided somewhere?": one_factor,
        "The steps become shorter than lr times the gradient: does something make lr smaller on the way?": fades,
    }


def defaults(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in a fit that is asked for without n_iter and lr, the second one here: with them, it is right."""

    def goes(**changed: Any) -> bool:
        return agrees(each[0], *descent(asked[0])) and agrees(each[1], *descent(asked[1], **changed))

    return {
        "It takes another number of steps where n_iter is not passed: the default is 300.": lambda: (
            each[1].array("history").size <= MOST and goes(n_iter=each[1].array("history").size)
        ),
        "It takes another learning rate where lr is not passed: the default is 0.01.": lambda: any(
            goes(lr=lr) for lr in (0.001, 0.005, 0.009, 0.011, 0.02, 0.03, 0.05, 0.1)
        ),
    }


def leftovers(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in `fit_gain` with a gradient from before the call: `stale`, or that of an earlier call."""

    def model(rule: Callable[[float], Callable[[float], Update]], given: Question) -> tuple[Floats, float]:
        left, start = given.get("stale") or 0.0, given["start"]
        for _ in range(given.get("calls", 1)):
            history, final = descent(given, rule=rule(left), start=start)
            slopes = [slope_of(given)(gain) for gain in history]
            left, start = (left + sum(slopes) if rule is never else 0.0), final
        return history, final

    def never(left: float) -> Callable[[float], Update]:
        return cleared_every(np.inf, left)

    def first_only(left: float) -> Callable[[float], Update]:
        return cleared_every(1, left)

    def cleared_once(left: float) -> Callable[[float], Update]:
        return cleared_every(np.inf)

    pairs = list(zip(asked, each, strict=True))
    return {
        sentence: lambda rule=rule: all(agrees(seen, *model(rule, given)) for given, seen in pairs)
        for sentence, rule in {
            "The first step goes by a gradient from before the call too: clear it before the first pass.": first_only,
            GRADIENT_KEPT: never,
            "The gradient is cleared once, before the loop, and not before each backward pass.": cleared_once,
        }.items()
    }


def gains(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in `LinearGain`: what comes out for a gain and a signal."""
    pairs = [(given["gain"], given["x"].astype(np.float64), seen) for given, seen in zip(asked, each, strict=True)]

    def outputs(model: Callable[[float, Floats], Any]) -> Callable[[], bool]:
        def explains() -> bool:
            for gain, x, seen in pairs:
                expected = np.asarray(model(gain, x))
                found = seen.array("y")
                if found.size != expected.size:
                    return False
                scale = np.abs(expected).ravel() + np.abs(x).sum(initial=0.0) * 1e-3 + 1e-6
                if not SINGLE.admits(found.ravel(), expected.ravel(), scale=scale):
                    return False
            return True

        return explains

    return {
        "The output is x itself: the gain is not used.": outputs(lambda gain, x: x),
        "The gain is added to x, and not multiplied by it.": outputs(lambda gain, x: gain + x),
        "x is divided by the gain, and not multiplied by it.": outputs(lambda gain, x: x / gain),
        "The output has the opposite sign.": outputs(lambda gain, x: -gain * x),
        "The gain is multiplied twice.": outputs(lambda gain, x: gain**2 * x),
        "The gain has lost its sign.": outputs(lambda gain, x: abs(gain) * x),
        "The gain is rounded before it is used.": lambda: any(
            outputs(lambda gain, x, places=places: np.round(gain, places) * x)() for places in (0, 1, 2, 3)
        ),
        "The gain is cut to a whole number.": outputs(lambda gain, x: np.trunc(gain) * x),
        "The gain is kept within bounds: it may take any value.": lambda: any(
            outputs(lambda gain, x, low=low, high=high: np.clip(gain, low, high) * x)()
            for low in (-1, 0, 1e-6)
            for high in (1, 2, np.inf)
        ),
        "The gain is taken for decibels: it is the number to multiply by.": outputs(
            lambda gain, x: 10 ** (gain / 20) * x
        ),
        "The gain goes through a sigmoid before it is used.": outputs(lambda gain, x: x / (1 + np.exp(-gain))),
        "The gain goes through exp before it is used.": outputs(lambda gain, x: np.exp(gain) * x),
        "The output is clipped to -1 to 1.": outputs(lambda gain, x: np.clip(gain * x, -1, 1)),
        "The output goes through tanh.": outputs(lambda gain, x: np.tanh(gain * x)),
        "The output is normalised by its peak.": outputs(
            lambda gain, x: gain * x / max(np.abs(x).max(initial=0.0), 1e-12)
        ),
        "The samples are summed up.": outputs(lambda gain, x: (gain * x).sum()),
        "The samples are averaged.": outputs(lambda gain, x: (gain * x).sum() / max(x.size, 1)),
        "The output is a list of samples whatever the shape of x: keep its shape.": lambda: (
            any(seen.array("y").shape != x.shape for _, x, seen in pairs) and outputs(lambda gain, x: gain * x)()
        ),
    }


def initial(cases: Sequence[tuple[str, Any, float]], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in the gain with which `LinearGain` begins, for each way to make it."""

    def begins(model: Callable[[Any, float], float]) -> Callable[[], bool]:
        return lambda: all(
            SINGLE.admits(seen.number("gain"), model(gain, expected), scale=max(1.0, abs(expected)))
            for (_, gain, expected), seen in zip(cases, each, strict=True)
        )

    def other_default() -> bool:
        return all(
            bool(SINGLE.admits(seen.number("gain"), expected, scale=max(1.0, abs(expected)))) == (gain is not None)
            for (_, gain, expected), seen in zip(cases, each, strict=True)
        )

    def constant() -> bool:
        return len({round(seen.number("gain"), 6) for seen in each}) == 1

    return {
        "The gain that is passed is not used: every LinearGain begins with the same one.": constant,
        "LinearGain() without an argument does not begin at the right gain: look at the default.": other_default,
        "The gain has lost its sign.": begins(lambda gain, expected: abs(expected)),
        "The gain is cut to a whole number.": begins(lambda gain, expected: float(np.trunc(expected))),
        "The gain is kept within bounds: it may take any value.": lambda: any(
            begins(lambda gain, expected, low=low, high=high: float(np.clip(expected, low, high)))()
            for low in (-1, 0, 1e-6)
            for high in (1, 2, np.inf)
        ),
    }


Loss = Callable[[Floats, Floats, float], Any]


def spectrum(signal: Floats, **how: Any) -> Any:
    return np.fft.rfft(signal, axis=-1, **how)


def by(view: Callable[[Any], Floats], **how: Any) -> Loss:
    """The mean absolute difference of something else than the magnitudes."""
    return lambda x, y, power: np.abs(view(spectrum(x, **how)) ** power - view(spectrum(y, **how)) ** power).mean()


def of(change: Callable[[Floats], Floats]) -> Loss:
    """The loss of signals that are changed before."""
    return lambda x, y, power: spectral_loss(change(x), change(y), power)


def from_difference(reduce: Callable[[Floats], Any]) -> Loss:
    """Something else than the mean of the absolute differences."""
    return lambda x, y, power: reduce(magnitudes(x) ** power - magnitudes(y) ** power)


def powered(change: Callable[[float], float]) -> Loss:
    return lambda x, y, power: spectral_loss(x, y, change(power))


def full(x: Floats) -> Floats:
    return np.abs(np.fft.fft(x, axis=-1))


def padded(signal: Floats, n: int) -> Floats:
    return np.concatenate([signal, np.zeros((*signal.shape[:-1], n - signal.shape[-1]))], axis=-1)


LOSSES: Mapping[str, Loss] = {
    "The bins are summed up, and not averaged.": from_difference(lambda off: np.abs(off).sum()),
    "The differences are squared: take their absolute value.": from_difference(lambda off: (off**2).mean()),
    "It is the root of the mean square: take the mean of the absolute differences.": from_difference(
        lambda off: np.sqrt((off**2).mean())
    ),
    "It is the largest difference, and not the mean of all.": from_difference(lambda off: np.abs(off).max()),
    "Differences of opposite signs cancel out: take the absolute value bin by bin, before the mean.": from_difference(
        lambda off: off.mean()
    ),
    "Differences of opposite signs cancel out: the absolute value belongs to each bin.": from_difference(
        lambda off: abs(off.mean())
    ),
    "The loss is twice what it should be.": from_difference(lambda off: 2 * np.abs(off).mean()),
    "The spectra are compared as complex numbers, phase and all: take abs() of each before the difference.": (
        lambda x, y, power: (np.abs(spectrum(x) - spectrum(y)) ** power).mean()
    ),
    "The real part of the spectrum is compared, and not its magnitude.": by(lambda bins: bins.real),
    "The real part of the spectrum is compared, without its sign, and not its magnitude.": by(
        lambda bins: np.abs(bins.real)
    ),
    "The imaginary part of the spectrum is compared, and not its magnitude.": by(lambda bins: bins.imag),
    "The imaginary part of the spectrum is compared, without its sign, and not its magnitude.": by(
        lambda bins: np.abs(bins.imag)
    ),
    "The phases are compared, and not the magnitudes.": by(np.angle),
    "The waveforms are compared, and not their spectra.": lambda x, y, power: np.abs(x - y).mean(),
    'The transform is normalised (norm="ortho"): leave it as it is.': by(np.abs, norm="ortho"),
    "The spectrum is divided by the number of samples: leave it as it is.": by(np.abs, norm="forward"),
    "The power is not used: the loss is the same for every power.": powered(lambda power: 1.0),
    "The power is 2 where none is passed.": powered(lambda power: 2.0 if power == 1 else power),
    "The power is always 2.": powered(lambda power: 2.0),
    "The power is cut to a whole number.": powered(lambda power: float(int(power))),
    "The magnitudes are multiplied by the power, and not raised to it.": lambda x, y, power: (
        power * spectral_loss(x, y, 1)
    ),
    "The power is applied to the difference: it belongs to each magnitude, before.": lambda x, y, power: (
        np.abs(magnitudes(x) - magnitudes(y)) ** power
    ).mean(),
    "The power is applied to the mean: it belongs to each magnitude.": lambda x, y, power: (
        spectral_loss(x, y, 1) ** power
    ),
    "The power is applied to the signals: it belongs to the magnitudes.": lambda x, y, power: spectral_loss(
        np.abs(x) ** power * np.sign(x) if power % 2 != 0 else x**power,
        np.abs(y) ** power * np.sign(y) if power % 2 != 0 else y**power,
    ),
    "The first bin is left out.": lambda x, y, power: np.abs(
        (magnitudes(x) ** power - magnitudes(y) ** power)[..., 1:]
    ).mean(),
    "The last bin is left out.": lambda x, y, power: np.abs(
        (magnitudes(x) ** power - magnitudes(y) ** power)[..., :-1]
    ).mean(),
    "It is the full FFT, with every bin but two twice: use rfft.": lambda x, y, power: np.abs(
        full(x) ** power - full(y) ** power
    ).mean(),
    "The signals are normalised by their peaks before: their loudness is lost.": of(
        lambda signal: signal / np.abs(signal).max()
    ),
    "The signals are normalised by their energy before: their loudness is lost.": of(
        lambda signal: signal / np.sqrt((signal**2).sum())
    ),
    "The loss is divided by the loudness of the target.": lambda x, y, power: (
        spectral_loss(x, y, power) / (magnitudes(y) ** power).mean()
    ),
    "The magnitudes are sorted before they are compared.": lambda x, y, power: np.abs(
        np.sort(magnitudes(x), axis=-1) ** power - np.sort(magnitudes(y), axis=-1) ** power
    ).mean(),
    "The absolute value is taken of the signal: it belongs to its spectrum.": of(np.abs),
    "The strongest bin is compared, and no other.": lambda x, y, power: np.abs(
        magnitudes(x).max(axis=-1) ** power - magnitudes(y).max(axis=-1) ** power
    ).mean(),
    "The loss is 0, whatever is compared.": lambda x, y, power: 0.0,
    "The transform goes along the first dimension: it belongs along the last.": lambda x, y, power: np.abs(
        np.abs(np.fft.rfft(x, axis=0)) ** power - np.abs(np.fft.rfft(y, axis=0)) ** power
    ).mean(),
    "The batch is taken for one long signal: transform each along the last dimension.": of(np.ravel),
    "The first signal of the batch is compared, and no other.": lambda x, y, power: spectral_loss(
        x.reshape(-1, x.shape[-1])[0], y.reshape(-1, y.shape[-1])[0], power
    ),
    "The signals of a batch are summed up: the mean goes over all of them.": lambda x, y, power: (
        np.abs(magnitudes(x) ** power - magnitudes(y) ** power).mean() * (x.size // x.shape[-1])
    ),
    "The losses of a batch are summed over its first dimension: the mean goes over all of them.": lambda x, y, power: (
        np.abs(magnitudes(x) ** power - magnitudes(y) ** power).mean() * x.shape[0]
    ),
    "The transform goes along two dimensions: it belongs along the last one.": lambda x, y, power: np.abs(
        np.abs(np.fft.rfft2(x)) ** power - np.abs(np.fft.rfft2(y)) ** power
    ).mean(),
    "The magnitudes of a batch are averaged before they are compared.": lambda x, y, power: np.abs(
        (magnitudes(x) ** power).reshape(-1, x.shape[-1] // 2 + 1).mean(axis=0)
        - (magnitudes(y) ** power).reshape(-1, x.shape[-1] // 2 + 1).mean(axis=0)
    ).mean(),
}


# The same mistake in several ways: any of them will do.
WAYS: Mapping[str, Sequence[Loss]] = {
    "The logarithms of the magnitudes are compared.": [
        lambda x, y, power, least=least: np.abs(
            np.log(magnitudes(x) ** power + least) - np.log(magnitudes(y) ** power + least)
        ).mean()
        for least in (0.0, 1e-12, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1.0)
    ],
    "A window is put over the signals: leave them as they are.": [
        of(lambda signal, longer=longer, mean=mean: window(signal.shape[-1], longer, mean) * signal)
        for longer in (0, 1)
        for mean in (False, True)
    ],
    "The signals are padded with zeros: transform them as they are.": [
        *(of(lambda signal, times=times: padded(signal, times * signal.shape[-1])) for times in (2, 4, 8)),
        of(lambda signal: padded(signal, 1 << (signal.shape[-1] - 1).bit_length())),
    ],
    "The transform has a fixed length: longer signals are cut, and shorter ones padded.": [
        of(lambda signal, n=n: padded(signal[..., :n], n)) for n in (256, 512, 1024, 2048, 4096, 8192)
    ],
}


def window(n: int, longer: int, mean: bool) -> Floats:
    """A Hann window, symmetric or (`longer` 1) periodic, also with a mean of 1."""
    made = np.hanning(n + longer)[:n]
    return made / made.mean() if mean else made


def spectral(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in `SpectralLoss`: questions are x, y and power."""
    pairs = list(zip(asked, each, strict=True))

    def gives(model: Loss) -> Callable[[], bool]:
        def explains() -> bool:
            for given, seen in pairs:
                x, y = given["x"].astype(np.float64), given["y"].astype(np.float64)
                expected = float(model(x, y, given["power"]))
                if not SPECTRUM.admits(seen.number("loss"), expected, scale=5 * abs(expected) + 1e-9):
                    return False
            return True

        return explains

    def same() -> bool:
        found = [seen.number("loss") for seen in each]
        return len(found) > 1 and len(set(found)) == 1

    return (
        {sentence: lambda ways=ways: any(gives(model)() for model in ways) for sentence, ways in WAYS.items()}
        | {sentence: gives(model) for sentence, model in LOSSES.items()}
        | {"The loss is the same number, whatever is compared.": same}
    )


# What a fit with a loss of its own gives: `recover_gain` and `estimate_gain_l1`.


def spectral_slope(source: Floats, target: Floats, power: float = 1.0) -> Slope:
    """d SpectralLoss(gain * source, target) / d gain."""
    loud, wanted = magnitudes(source), magnitudes(target) ** power

    def slope(gain: float) -> float:
        bins = (abs(gain) * loud) ** power
        towards = power * abs(gain) ** (power - 1) * loud**power * np.sign(gain)
        return float((np.sign(bins - wanted) * towards).mean())

    return slope


def estimates(fits: Sequence[tuple[Question, float, float]], each: Sequence[Observation], spectral: bool) -> Mistakes:
    """Mistakes in the use of the parts. `fits`: question, right answer, and the length of a step."""
    pairs = [(given, step, seen) for (given, _, step), seen in zip(fits, each, strict=True)]

    def signals(given: Question) -> tuple[Floats, Floats]:
        return given["source"].astype(np.float64), given["target"].astype(np.float64)

    def own(given: Question) -> Slope:
        return spectral_slope(*signals(given)) if spectral else gain_gradient("l1", *signals(given))

    def path(given: Question, slope: Slope | None = None, **changed: Any) -> tuple[Floats, float]:
        asked = {"start": 1.0, "lr": RATE, "n_iter": STEPS, **given, **changed}
        return descend(slope or own(given), asked["start"], asked["lr"], asked["n_iter"])

    def ends(model: Callable[[Question], float]) -> Callable[[], bool]:
        """The descent ends there, to a step."""
        return lambda: all(
            ONE_STEP.admits(seen.number("estimate"), model(given), scale=step) for given, step, seen in pairs
        )

    def equals(model: Callable[[Question], float]) -> Callable[[], bool]:
        """The number is that one, to a thousandth."""
        return lambda: all(
            abs(seen.number("estimate") - model(given)) <= 1e-3 * (abs(model(given)) + 1e-3) for given, _, seen in pairs
        )

    def best(given: Question) -> float:
        return float(np.sqrt((signals(given)[1] ** 2).sum() / (signals(given)[0] ** 2).sum()))

    def constant() -> bool:
        found = [seen.number("estimate") for seen in each]
        return len(found) > 1 and max(found) - min(found) < 1e-9

    other = "SpectralLoss" if spectral else "the waveform's L1 loss"
    instead = "the waveform's L1 loss" if spectral else "SpectralLoss"
    mistakes: Mistakes = {
        "It is the first gain of the history, and not the last: return model.gain.item() after the fit.": equals(
            lambda given: 1.0
        ),
        "It is the same number for all signals.": constant,
        "It is the mean of the history: return the gain at the end.": equals(lambda given: path(given)[0].mean()),
        "No descent: it is the ratio of the signals' energies. Return where the fit ends.": equals(best),
        "No descent: it is the gain that fits best by a formula. Return where the fit ends.": equals(
            lambda given: float((signals(given)[0] * signals(given)[1]).sum() / (signals(given)[0] ** 2).sum())
        ),
        "No descent: it is the ratio of the signals' peaks. Return where the fit ends.": equals(
            lambda given: float(np.abs(signals(given)[1]).max() / np.abs(signals(given)[0]).max())
        ),
        "It is the gain that fits best, also where n_iter steps from a gain of 1 do not lead there.": lambda: all(
            abs(seen.number("estimate") - best(given)) <= 0.25 * step for given, step, seen in pairs
        ),
        "n_iter is not passed on to the fit.": ends(lambda given: path(given, n_iter=STEPS)[1]),
        "lr is not passed on to the fit.": ends(lambda given: path(given, lr=RATE)[1]),
        "n_iter and lr are not passed on to the fit.": ends(lambda given: path(given, lr=RATE, n_iter=STEPS)[1]),
        "It takes another number of steps where n_iter is not passed: the default is 300.": lambda: any(
            ends(lambda given, steps=steps: path({"n_iter": steps, **given})[1])() for steps in (100, 200, 500, 1000)
        ),
        "It takes another learning rate where lr is not passed: the default is 0.01.": lambda: any(
            ends(lambda given, lr=lr: path({"lr": lr, **given})[1])() for lr in (0.001, 0.005, 0.02, 0.05, 0.1)
        ),
        "The fit begins at another gain than 1.": lambda: any(
            ends(lambda given, start=start: path(given, start=start)[1])() for start in (0.5, 0.0, -1.0, 0.1, 0.15, 2.0)
        ),
        "The signals have changed places: the gain belongs to the source.": ends(
            lambda given: path(
                given,
                spectral_slope(*signals(given)[::-1]) if spectral else gain_gradient("l1", *signals(given)[::-1]),
            )[1]
        ),
        f"The fit uses {instead}, and not {other}.": ends(
            lambda given: path(
                given, gain_gradient("l1", *signals(given)) if spectral else spectral_slope(*signals(given))
            )[1]
        ),
        f"The fit uses the mean squared difference of the waveforms, and not {other}.": ends(
            lambda given: path(given, gain_gradient("mse", *signals(given)))[1]
        ),
        "It is the reciprocal of the gain.": ends_of(pairs, lambda given: 1 / path(given)[1]),
        "It is the gain in decibels: return the gain itself.": ends_of(
            pairs, lambda given: 20 * np.log10(abs(path(given)[1]))
        ),
        "The gain is clipped to 0 to 1: it may take any value.": ends(
            lambda given: float(np.clip(path(given)[1], 0, 1))
        ),
    }
    if spectral:
        mistakes |= {
            "The fit uses SpectralLoss with a power of 2, and not the default.": ends(
                lambda given: path(given, spectral_slope(*signals(given), power=2.0))[1]
            ),
            "It is the loss at the end, and not the gain.": equals(
                lambda given: spectral_loss(path(given)[1] * signals(given)[0], signals(given)[1])
            ),
        }
    else:
        mistakes |= {
            "It is the loss at the end, and not the gain.": equals(
                lambda given: loss("l1", path(given)[1] * signals(given)[0], signals(given)[1])
            ),
        }
    return mistakes


def ends_of(
    pairs: Sequence[tuple[Question, float, Observation]], model: Callable[[Question], float]
) -> Callable[[], bool]:
    """The number is that one, to 5 %: what comes of a gain that is known to a step."""
    return lambda: all(
        abs(seen.number("estimate") - model(given)) <= 0.05 * abs(model(given)) + 1e-3 for given, _, seen in pairs
    )


def landscapes(asked: Sequence[Question], each: Sequence[Observation]) -> Mistakes:
    """Mistakes in `loss_landscape`."""

    def values(given: Question, gains: Floats, kind: str | None = None, **changed: Floats) -> Floats:
        parts = {**exact(given), **changed}
        source, target = parts.pop("source"), parts.pop("target")
        return np.array([loss(kind or given["kind"], gain * source, target, **parts) for gain in gains])

    def gives(model: Callable[[Question, Floats], Floats]) -> Callable[[], bool]:
        def explains() -> bool:
            for given, seen in zip(asked, each, strict=True):
                expected = model(given, given["gains"].astype(np.float64))
                found = seen.array("values")
                scale = np.abs(expected) + np.abs(given["source"]).max() * (np.abs(given["gains"]).max() + 1)
                if found.size != expected.size or not SINGLE.admits(found.ravel(), expected, scale=scale):
                    return False
            return True

        return explains

    def turned(given: Question, gains: Floats) -> Floats:
        parts = exact(given)
        source, target = parts.pop("source"), parts.pop("target")
        return np.array([loss(given["kind"], target, gain * source, **parts) for gain in gains])

    def added(given: Question, gains: Floats) -> Floats:
        return np.array([values(given, np.ones(1), source=gain + exact(given)["source"])[0] for gain in gains])

    def on_target(given: Question, gains: Floats) -> Floats:
        target = exact(given)["target"]
        return np.array([values(given, np.ones(1), target=gain * target)[0] for gain in gains])

    return {
        "The values are right, and have another shape: return a 1-D tensor.": lambda: (
            any(seen.array("values").ndim != 1 for seen in each) and gives(values)()
        ),
        "The loss that is passed is not used: the values are mean absolute differences.": gives(
            lambda given, gains: values(given, gains, "l1")
        ),
        "The loss that is passed is not used: the values are mean squared differences.": gives(
            lambda given, gains: values(given, gains, "mse")
        ),
        "The loss gets the target first, then the estimate: it is the other way round.": gives(turned),
        "The gain is added to the source, and not multiplied by it.": gives(added),
        "The gain multiplies the target: it belongs to the source.": gives(on_target),
        "The values are in another order than the gains.": lambda: (
            any(
                gives(lambda given, gains, order=order: values(given, order(gains)))()
                for order in (np.sort, lambda gains: gains[::-1], lambda gains: np.sort(gains)[::-1])
            )
            or gives(lambda given, gains: np.sort(values(given, gains)))()
        ),
        "The last gain is missing.": gives(lambda given, gains: values(given, gains[:-1])),
        "The first gain is missing.": gives(lambda given, gains: values(given, gains[1:])),
        "The gains are kept within bounds: they may take any value.": lambda: any(
            gives(lambda given, gains, low=low, high=high: values(given, np.clip(gains, low, high)))()
            for low in (-1, 0, -np.inf)
            for high in (1, 2, np.inf)
            if (low, high) != (-np.inf, np.inf)
        ),
        "The gains are cut to whole numbers.": gives(lambda given, gains: values(given, np.trunc(gains))),
        "The number of each gain is used in its place: 0, 1, 2, ...": gives(
            lambda given, gains: values(given, np.arange(gains.size, dtype=np.float64))
        ),
        "The source is changed from one gain to the next: each gain multiplies what is left of the one before.": gives(
            lambda given, gains: values(given, np.cumprod(gains))
        ),
        "Each value adds to those before it.": gives(lambda given, gains: np.cumsum(values(given, gains))),
        "It is one number, the smallest loss: return the loss of every gain.": gives(
            lambda given, gains: values(given, gains).min(keepdims=True)
        ),
        "It is the best gain: return the loss of every gain.": gives(
            lambda given, gains: gains[[values(given, gains).argmin()]]
        ),
        "The losses are normalised by the largest: return them as they are.": gives(
            lambda given, gains: values(given, gains) / values(given, gains).max()
        ),
        "The losses are summed up, and not averaged.": gives(
            lambda given, gains: values(given, gains) * given["source"].size
        ),
        "The gains do not come from the argument.": lambda: any(
            gives(lambda given, gains, low=low, high=high: values(given, np.linspace(low, high, gains.size)))()
            for low, high in ((0, 1), (-1, 1), (0, 2))
        ),
    }
