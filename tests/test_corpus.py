"""Every right answer gets full marks, and every wrong one loses points where it is wrong and nowhere else."""

from pathlib import Path

import pytest

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.pages.lookalikes import agrees, known_patterns
from autograder.verdict import Status, Verdict

COURSE, NAME = Path(__file__).resolve().parents[1], "differentiable_gain"
ALTERNATIVES = corpus.answers(Assignment(NAME, COURSE), "alternatives")
MISCONCEPTIONS = corpus.answers(Assignment(NAME, COURSE), "misconceptions")
PATTERNS = known_patterns(Assignment(NAME, COURSE))
EXERCISES = ["test_linear_gain", "test_fit_gain", "test_phase_shift", "test_spectral_loss", "test_recover_gain"]

NAMED = {  # what the numbers of a mistake speak of, in the hint that carries the cause
    "no-zero-grad": "No step clears the gradient",
    "no-step": "The gain never moves.",
    "history-after-step": "The history holds the gain after each step",
    "fit-with-momentum": "The steps are those of SGD with momentum",
    "fit-loss-arguments-swapped": "The loss gets the target first",
    "return-inside-the-loop": "It returns after the first step",
    "stale-gradient-in-first-step": "The first step goes by a gradient from before the call too",
    "fit-stops-when-step-below-1e-9": "The fit takes no more steps from some point on",
    "gain-added": "The gain is added to x",
    "gain-negated": "The output has the opposite sign.",
    "spectrum-real-part": "The real part of the spectrum is compared",
    "spectrum-sum": "The bins are summed up",
    "spectrum-power-ignored": "The power is not used",
    "recover-with-waveform-l1": "The fit uses the waveform's L1 loss",
    "experiment-spectral": "The fit uses SpectralLoss",
    "recover-n-iter-not-passed": "n_iter is not passed on to the fit.",
    "landscape-gain-on-target": "The gain multiplies the target",
}

HANG = """
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    while True:
        pass
"""


def of(answers):
    return [pytest.param(answer, id=answer.name) for answer in answers]


def lost(grade):
    """The exercises that lost points."""
    return {name for name, exercise in grade.exercises.items() if exercise.score < exercise.max_score}


def told(grade):
    """What did not pass, for the message of a test that fails."""
    return {
        f"{name}::{check.name}": (str(check.verdict), check.detail)
        for name, exercise in grade.exercises.items()
        for check in exercise.checks
        if check.verdict is not Verdict.passed
    }


# right and wrong answers


def test_there_are_many_answers():
    assert len(ALTERNATIVES) >= 40
    assert len(MISCONCEPTIONS) >= 80


def test_every_exercise_is_lost_by_several_misconceptions_of_its_own():
    for name in EXERCISES:
        alone = [answer for answer in MISCONCEPTIONS if answer.costs == {name}]
        assert len(alone) >= 5, name


def test_only_misconceptions_cost_something():
    assert all(answer.costs and answer.costs <= set(EXERCISES) for answer in MISCONCEPTIONS)
    assert not any(answer.costs for answer in ALTERNATIVES)


def test_no_two_answers_are_the_same():
    assert len({answer.cells for answer in ALTERNATIVES + MISCONCEPTIONS}) == len(ALTERNATIVES) + len(MISCONCEPTIONS)


@pytest.mark.parametrize("answer", of(ALTERNATIVES))
def test_a_right_answer_gets_full_marks(grade, assignment, answer):
    graded = grade(corpus.notebook(assignment, answer)).grade
    assert told(graded) == {}
    assert graded.score == graded.max_score == 24


@pytest.mark.parametrize("answer", of(MISCONCEPTIONS))
def test_a_wrong_answer_loses_points_where_it_is_wrong(grade, assignment, answer):
    graded = grade(corpus.notebook(assignment, answer)).grade
    assert graded.status is Status.graded
    assert lost(graded) == set(answer.costs), told(graded)
    failed = {name: str(verdict) for name, (verdict, _) in told(graded).items()}
    assert agrees(PATTERNS.get(answer.name, {}), failed), (
        f"patterns.json is stale: run `autograder audit {NAME} --renew-patterns`"
    )
    hints = [check.hint for exercise in graded.exercises.values() for check in exercise.checks if check.hint]
    assert any(hint.startswith(NAMED.get(answer.name, "")) for hint in hints), hints


def test_patterns_are_kept_of_every_misconception_and_of_nothing_else():
    assert PATTERNS.keys() == {answer.name for answer in MISCONCEPTIONS}


# the reference, the untouched, and those that break down


def test_the_reference_gets_every_point(grade, assignment):
    graded = grade().grade
    assert told(graded) == {}
    assert graded.score == 24
    assert {name: exercise.score for name, exercise in graded.exercises.items()} == assignment.exercises


def test_the_untouched_notebook_gets_none(grade, assignment):
    graded = grade(assignment.released).grade
    assert graded.status is Status.graded
    assert graded.score == 0
    assert {check.verdict for exercise in graded.exercises.values() for check in exercise.checks} <= {
        Verdict.skipped,
        Verdict.errored,
        Verdict.failed,
    }


def test_an_untouched_notebook_is_told_what_is_missing(grade, assignment):
    graded = grade(assignment.released).grade
    hints = {name: exercise.checks[0].hint for name, exercise in graded.exercises.items()}
    assert hints["test_linear_gain"] == "Not written yet: the cell linear_gain is as you got it."
    assert all(hints.values())


def test_an_empty_notebook_is_graded_and_gets_none(grade):
    graded = grade('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}').grade
    assert graded.status is Status.graded
    assert graded.score == 0


def test_a_hanging_fit_gain_costs_what_needs_it(grade):
    graded = grade({"fit_gain": HANG}, cell=2, question=1, submission=8).grade
    assert graded.status is Status.graded
    assert lost(graded) == {"test_fit_gain", "test_phase_shift", "test_recover_gain"}
    assert {check.verdict for check in graded.exercises["test_fit_gain"].checks} <= {Verdict.timed_out, Verdict.skipped}
    landscape = {check.name: check.verdict for check in graded.exercises["test_phase_shift"].checks}
    assert landscape.pop("test_l1_estimates") is landscape.pop("test_l1_estimates_on_the_way") is Verdict.timed_out
    assert sorted(landscape) == ["test_landscape_again", "test_landscape_values", "test_no_minimum_at_the_gain"]
    assert set(landscape.values()) == {Verdict.passed}


@pytest.mark.parametrize(
    "extra",
    [
        "import os\nos._exit(0)",
        "while True:\n    pass",
        "import ctypes\nctypes.string_at(0)",
        "import sys\nsys.exit(1)",
        "1 / 0",
        "def f(:",
        "%no_such_magic",
        "input('your name?')",
        "!ls",
    ],
    ids=["exit", "hang", "segfault", "sys.exit", "raises", "syntax", "magic", "input", "program"],
)
@pytest.mark.parametrize("place", ["before linear_gain", "after polarity_explained"])
def test_a_cell_of_ones_own_that_breaks_down_costs_nothing(grade, place, extra):
    graded = grade({place: extra}, cell=3).grade
    assert told(graded) == {}
    assert graded.score == 24


@pytest.mark.parametrize(
    "eater",
    [
        "hoard = []\nwhile True:\n    hoard.append(bytearray(2**22))",
        "def eat():\n    hoard = []\n    while True:\n        hoard.append(torch.zeros(2**20))\neat()",
        "chain = None\nwhile True:\n    chain = (chain, bytes(2**14))",
        "text = 'x'\nwhile True:\n    text += text",
        "big = np.ones((10**6, 10**6))",
    ],
    ids=["global", "local", "chain", "text", "at once"],
)
def test_a_cell_that_eats_memory_costs_nothing_else(grade, eater):
    graded = grade({"after setup": eater}, memory=3 * 2**28).grade
    assert told(graded) == {}
    assert graded.score == 24


def test_a_part_that_eats_memory_costs_what_needs_it(grade):
    greedy = (
        "class SpectralLoss(torch.nn.Module):\n    def __init__(self, power=1):\n        super().__init__()\n"
        "    def forward(self, x, y):\n        self.hoard = [bytearray(2**22) for _ in range(2**20)]\n"
    )
    graded = grade({"spectral_loss": greedy}, memory=3 * 2**28).grade
    assert lost(graded) == {"test_spectral_loss", "test_recover_gain"}


@pytest.mark.parametrize(
    "body",
    [
        "import os; os._exit(0)",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "exit()",
        "import ctypes; ctypes.string_at(0)",
        "return forward(self, x)",
    ],
)
def test_a_part_that_breaks_down_costs_what_needs_it(grade, body):
    broken = (
        "class LinearGain(torch.nn.Module):\n    def __init__(self, gain=1.0):\n        super().__init__()\n"
        "        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))\n"
        f"    def forward(self, x):\n        {body}\n"
    )
    graded = grade({"linear_gain": broken}).grade
    assert graded.status is Status.graded
    assert lost(graded) == {"test_linear_gain", "test_phase_shift", "test_recover_gain"}
    assert graded.exercises["test_fit_gain"].score == 6


def test_the_same_submission_gets_the_same_verdicts_again(grade):
    cells = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    def __init__(self, power=1):\n        pass"}
    first, second = grade(cells).grade, grade(cells).grade
    assert first.exercises == second.exercises
    assert first.score < 24


# files


def parsed(tmp_path, text):
    path = tmp_path / "an-answer.py"
    path.write_text(text)
    return corpus.parse(path)


def test_an_answer_file_is_read(tmp_path):
    answer = parsed(
        tmp_path,
        '"""What is special\nabout it."""\n# costs: test_a, test_b\n\n# %% fit_gain\nx = 1\n\n'
        "# %% before setup\n# %% a comment\ny = 2\n",
    )
    assert answer == corpus.Answer(
        "an-answer",
        "What is special about it.",
        frozenset({"test_a", "test_b"}),
        (("", "fit_gain", "x = 1"), ("before", "setup", "# %% a comment\ny = 2")),
    )


@pytest.mark.parametrize("text", ["", "# %% fit_gain\nx = 1", "x = 1", "def f(:\n# %% fit_gain\n"])
def test_an_answer_file_starts_with_a_docstring(tmp_path, text):
    with pytest.raises(GraderFault, match="does not start with a docstring"):
        parsed(tmp_path, text)


def test_an_answer_that_names_an_unknown_cell_is_refused(assignment):
    answer = corpus.Answer("odd", "", frozenset(), (("", "no_such_cell", "x = 1"),))
    with pytest.raises(GraderFault, match="no_such_cell"):
        corpus.notebook(assignment, answer)


def test_a_notebook_is_made_of_the_release_the_reference_and_the_answer(assignment):
    answer = corpus.Answer("one", "", frozenset(), (("", "fit_gain", "fit"), ("after", "setup", "extra")))
    made = corpus.notebook(assignment, answer)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in made.cells if "nbgrader" in cell.metadata}
    assert cells["fit_gain"].source == "fit"
    assert "return self.gain * x" in cells["linear_gain"].source
    assert "SOLUTION" not in "".join(cell.source for cell in made.cells)
    assert cells["test_fit_gain"].source == assignment.cells["test_fit_gain"].source
    names = [cell.id for cell in made.cells]
    assert names[names.index("setup") + 1] == "after-setup"
    assert assignment.cells["fit_gain"].source != "fit"  # the assignment is not touched
