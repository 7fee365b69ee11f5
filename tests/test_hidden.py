"""The hidden tests say only what students may hear, fit the notebook, and judge by oracles that are right."""

import ast
import inspect
import re

import numpy as np
import pytest
import torch

from autograder.judging.judge import Judge
from autograder.testing import Tolerance
from hidden.differentiable_gain import oracle

PUBLIC_NUMBERS = {"0", "1", "1.0", "2", "-1", "0.15", "-0.5", "180", "90", "300", "16000"}  # stand in the notebook
RANDOM = np.random.default_rng(20261123)


@pytest.fixture(scope="module")
def tests(assignment):
    with Judge(assignment.hidden) as judge:
        yield judge.tests


@pytest.fixture(scope="module")
def sources(assignment):
    """The text of each hidden test file and of each probe file, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(assignment.hidden.glob("*.py"))}


def numbers_in(text):
    return set(re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", text))


# points, titles, hints


def test_points_of_the_hidden_tests_are_those_of_the_notebook(assignment, tests):
    sums = dict.fromkeys(assignment.exercises, 0.0)
    for test in tests:
        sums[test.exercise] += test.worth.points
    assert sums == assignment.exercises
    assert sum(sums.values()) == assignment.max_score == 24


def test_every_exercise_has_checks_for_parts_of_its_points(assignment, tests):
    for name in assignment.exercises:
        checks = [test for test in tests if test.exercise == name]
        assert len(checks) >= 3
        assert all(0 < test.worth.points <= 2 for test in checks)


def test_points_are_whole_or_halves(tests):
    assert all((2 * test.worth.points).is_integer() for test in tests)


def test_every_check_has_a_title_and_a_hint_for_the_student(tests):
    for test in tests:
        assert 10 <= len(test.title) <= 90, test.name
        assert "\n" not in test.title
        assert test.title[0].isupper() or test.title.startswith(("n_iter", "lr ")), test.title
        assert 15 <= len(test.worth.hint) <= 400, test.name


def test_titles_within_an_exercise_differ(tests):
    titles = [(test.exercise, test.title) for test in tests]
    assert len(set(titles)) == len(titles)


def test_no_title_or_hint_holds_an_expected_value(tests):
    for test in tests:
        said = numbers_in(f"{test.title} {test.worth.hint}")
        assert said <= PUBLIC_NUMBERS, f"{test.name} says {said - PUBLIC_NUMBERS}"


def test_no_title_or_hint_holds_a_line_of_a_hidden_test(tests, sources):
    for test in tests:
        lines = {line.strip() for line in sources[test.exercise].splitlines() if len(line.strip()) > 12}
        begins = r"(assert|seen|expected|compare|source|for|x|gains?|values)\b"
        code = {line for line in lines if re.match(begins, line)}
        assert code
        for line in code:
            assert line not in test.worth.hint
            assert line not in test.title


def test_numbers_in_hints_are_found():
    assert numbers_in("a gain of 0.37, -3 or 2e-5, not x1") == {"0.37", "-3", "2e-5"}


def test_needs_do_not_go_in_a_circle_or_to_another_exercise(tests):
    earlier = set()
    for test in tests:
        assert all((test.exercise, name) in earlier for name in test.worth.needs)
        earlier.add((test.exercise, test.name))


def test_tests_that_draw_take_what_is_drawn(tests):
    drawing = [test for test in tests if "draw" in test.item.fixturenames]
    assert len(drawing) >= len(tests) - 6
    for test in tests:
        body = inspect.getsource(test.item.function)
        assert "np.random" not in body
        assert "random." not in body


# probes


def test_probes_hold_questions_and_no_answers(sources):
    oracles = [name for name, _ in inspect.getmembers(oracle, inspect.isfunction)]
    assert {"spectral_gradient", "gain_gradient", "descend"} <= set(oracles)
    # `loss` is also the plain word for what a student's loss gives
    forbidden = {*oracles, "oracle", "autograder", "points", "expected", "tolerance", "Tolerance"} - {"loss", "points"}
    for name, text in sources.items():
        if name.startswith("probe_"):
            words = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
            words |= {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
            assert not words & forbidden, name
            assert "assert" not in text


def test_probes_import_only_what_a_child_has(sources):
    for name, text in sources.items():
        if name.startswith("probe_"):
            imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert {ast.unparse(node) for node in imports} <= {"import torch", "import copy"}, name


def test_only_the_last_file_hands_in_a_working_part(tests):
    assert {test.exercise for test in tests if test.lends} == {"test_fit_gain"}


def test_every_question_that_a_hidden_test_asks_has_a_probe(sources):
    for name, text in sources.items():
        if name.startswith("test_"):
            asked = set(re.findall(r'attempt\.ask(?:_each)?\(\s*"(\w+)"', text))
            probe = ast.parse(sources["probe_" + name.removeprefix("test_")])
            assert asked <= {node.name for node in probe.body if isinstance(node, ast.FunctionDef)}
            assert asked


def test_the_notebook_holds_nothing_of_the_hidden_tests(assignment, sources):
    notebook = "\n".join(cell.source for cell in assignment.source.cells)
    for name, text in sources.items():
        if name.startswith("test_"):
            for line in text.splitlines():
                assert len(line.strip()) < 25 or line.strip() not in notebook


# oracles


def slope(function, x, step=1e-6):
    """Central finite differences in float64, one element after another."""
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        found[index] = (function(up) - function(down)) / (2 * step)
    return found


@pytest.mark.parametrize("power", [0.5, 1, 2, 3])
@pytest.mark.parametrize("shape", [(12,), (13,), (2, 8), (2, 2, 7)], ids=str)
def test_the_spectral_gradient_is_the_slope_of_the_spectral_loss(shape, power):
    x, y = RANDOM.normal(size=shape), RANDOM.normal(size=shape)
    found = oracle.spectral_gradient(x, y, power)
    assert np.allclose(found, slope(lambda x: oracle.spectral_loss(x, y, power), x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["l1", "mse", "esr", "drawn"])
@pytest.mark.parametrize("gain", [-0.8, 0.3, 1.7])
def test_the_gain_gradient_is_the_slope_of_the_loss(kind, gain):
    source, target, tilt = (RANDOM.normal(size=40) for _ in range(3))
    weight = RANDOM.uniform(0.2, 1.5, size=40)
    gradient = oracle.gain_gradient(kind, source, target, weight, tilt)
    found = slope(lambda g: oracle.loss(kind, g * source, target, weight, tilt), np.array(gain), step=1e-7)
    assert gradient(gain) == pytest.approx(float(found), rel=1e-5, abs=1e-7)


def dft(x):
    """|rfft| from its definition, without an FFT."""
    n = x.shape[-1]
    k, m = np.arange(n // 2 + 1)[:, None], np.arange(n)
    return np.sqrt(
        (x[..., None, :] * np.cos(2 * np.pi * k * m / n)).sum(-1) ** 2
        + (x[..., None, :] * np.sin(2 * np.pi * k * m / n)).sum(-1) ** 2
    )


@pytest.mark.parametrize("shape", [(16,), (17,), (3, 10), (2, 3, 9), (1,)], ids=str)
def test_magnitudes_agree_with_the_definition(shape):
    x = RANDOM.normal(size=shape)
    assert np.allclose(oracle.magnitudes(x), dft(x))


@pytest.mark.parametrize("power", [0.5, 1, 2, 3])
@pytest.mark.parametrize("shape", [(16,), (15,), (3, 10), (2, 3, 9)], ids=str)
def test_the_spectral_loss_agrees_with_its_formula(shape, power):
    x, y = RANDOM.normal(size=shape), RANDOM.normal(size=shape)
    expected = sum(abs(a**power - b**power) for a, b in zip(dft(x).ravel(), dft(y).ravel(), strict=True)) / dft(x).size
    assert oracle.spectral_loss(x, y, power) == pytest.approx(expected)


def test_losses_agree_with_their_formulas():
    a, b, weight, tilt = (RANDOM.normal(size=9) for _ in range(4))
    pairs = list(zip(a, b, weight, tilt, strict=True))
    assert oracle.loss("l1", a, b) == pytest.approx(sum(abs(p - q) for p, q, _, _ in pairs) / 9)
    assert oracle.loss("mse", a, b) == pytest.approx(sum((p - q) ** 2 for p, q, _, _ in pairs) / 9)
    assert oracle.loss("esr", a, b) == pytest.approx(sum((p - q) ** 2 for p, q, _, _ in pairs) / sum(q * q for q in b))
    assert oracle.loss("drawn", a, b, weight, tilt) == pytest.approx(
        sum(w * (p - q) ** 2 + t * p for p, q, w, t in pairs) / 9
    )


def test_losses_agree_with_torch():
    a, b = RANDOM.normal(size=30), RANDOM.normal(size=30)
    ours = torch.from_numpy(a), torch.from_numpy(b)
    assert oracle.loss("l1", a, b) == pytest.approx(torch.nn.L1Loss()(*ours).item())
    assert oracle.loss("mse", a, b) == pytest.approx(torch.nn.MSELoss()(*ours).item())


def test_an_unknown_loss_is_an_error():
    with pytest.raises(ValueError, match="cosine"):
        oracle.loss("cosine", np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="cosine"):
        oracle.gain_gradient("cosine", np.ones(2), np.ones(2))(1.0)


def test_descent_on_a_parabola_is_a_geometric_series():
    history, final = oracle.descend(lambda x: 2 * (x - 3.0), start=5.0, lr=0.1, n_iter=20)
    assert np.allclose([*history, final], 3 + 2 * 0.8 ** np.arange(21))


def test_descent_of_no_step_stays():
    history, final = oracle.descend(lambda x: 1.0, start=5.0, lr=0.1, n_iter=0)
    assert history.shape == (0,)
    assert final == 5.0


@pytest.mark.parametrize(("n", "cycles"), [(400, 20), (800, 15), (401, 7)])
def test_a_tone_fills_one_bin(n, cycles):
    spectrum = oracle.magnitudes(oracle.tone(n, cycles, phase=0.7, amplitude=0.5))
    assert spectrum.argmax() == cycles
    assert spectrum[cycles] == pytest.approx(0.5 * n / 2, rel=1e-5)
    assert np.delete(spectrum, cycles).max() < 1e-4 * spectrum[cycles]


def test_the_tones_phase_is_in_radians():
    n = 100
    assert np.allclose(oracle.tone(n, 3, np.pi / 2), np.cos(2 * np.pi * 3 * np.arange(n) / n), atol=1e-6)


def test_every_tolerance_has_a_name_and_a_derivation():
    tolerances = [value for value in vars(oracle).values() if isinstance(value, Tolerance)]
    assert len(tolerances) >= 4
    assert len({tolerance.name for tolerance in tolerances}) == len(tolerances)
    for tolerance in tolerances:
        assert len(tolerance.why) > 60
        assert tolerance.part > 0


# strength


@pytest.mark.parametrize("seed", range(5))
def test_the_reference_passes_whatever_is_drawn(grade, grader, monkeypatch, seed):
    monkeypatch.setattr(grader, "_seed", 1000 + seed)
    assert grade().grade.score == 24
