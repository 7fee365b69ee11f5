"""One mistake is told once, where it is, and nothing that is right is accused."""

import pytest

from autograder.course.outline import defined, outline
from autograder.judging.causes import groups, lead, three_lines
from autograder.sandbox.attempt import Ran

FIT = """
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        loss = loss_fn(model(source), target)
        {}
        loss.backward()
        with torch.no_grad():
            model.gain -= lr * model.gain.grad
    return history
"""
UNCLEARED = FIT.format("pass")
HANGING = FIT.format("while True: pass")
TYPO = FIT.format("model.gian.grad = None")


@pytest.fixture
def hints(grade):
    """hints(cells): the hint of each check that did not pass, by exercise, in order."""

    def hints(what=None, **limits):
        found = grade(what, **limits).grade
        return {
            name: [check.hint for check in exercise.checks if check.hint]
            for name, exercise in found.exercises.items()
            if exercise.score < exercise.max_score
        }

    return hints


def test_the_cause_stands_first_and_the_rest_refers_to_it(hints):
    first, *others = hints({"fit_gain": UNCLEARED})["test_fit_gain"]
    assert first.startswith("No step clears the gradient: ")
    assert "\nExpected: " in first
    assert "\nFound: " in first
    assert others
    assert all(other.startswith("Perhaps for the same reason as “") for other in others)
    assert not any("momentum" in other for other in others)


def test_what_uses_a_broken_part_points_at_that_part(hints):
    for_uses = hints({"fit_gain": UNCLEARED})["test_recover_gain"][0]
    assert for_uses.startswith("Your estimate_gain uses your fit_gain, which does not pass its own checks yet.")
    assert "Look at" not in for_uses


def test_a_loop_that_hangs_is_named_with_its_cell_and_its_count(hints):
    found = hints({"fit_gain": HANGING}, cell=1.5, question=0.8, submission=8)
    assert found["test_fit_gain"][0] == (
        "There was no answer in time from fit_gain. Look in the cell fit_gain for a "
        "loop that does not take exactly n_iter steps."
    )
    assert "recover_gain" not in found["test_recover_gain"][0]


def test_an_exception_comes_with_the_line_of_the_student(hints):
    first = hints({"fit_gain": TYPO})["test_fit_gain"][0]
    assert "AttributeError" in first
    assert "“model.gian.grad = None”" in first


def test_what_is_not_written_is_not_written_and_nothing_more(hints, assignment):
    for name, (first, *_) in hints(assignment.released).items():
        assert first.startswith("Not written yet: the cell "), name


def test_two_parts_of_an_exercise_have_a_cause_each(hints):
    found = hints(
        {
            "loss_landscape": "def loss_landscape(loss_fn, gains, source, target):\n    return [1.0]",
            "phase_shift_experiment": "pass",
        }
    )["test_phase_shift"]
    assert sum(not hint.startswith("Perhaps") for hint in found) == 2


def test_a_hint_is_the_same_in_every_run(hints):
    odd = {"linear_gain": "LinearGain = object"}
    assert hints(odd) == hints(odd)
    assert not any("0x" in hint for group in hints(odd).values() for hint in group)


def test_every_check_knows_the_parts_it_asks_for(assignment, grader):
    found = outline(assignment)
    for test in grader._judge.tests:
        assert found.asks[test.exercise, test.name], test.name
    assert found.cell_of["loss_landscape"] == "loss_landscape"
    assert list(found.titles) == [
        name for name in assignment.cells if name in assignment.exercises or name in assignment.by_hand
    ]
    assert found.titles["test_fit_gain"].startswith("Exercise 2")


def test_the_first_check_that_was_asked_carries_the_cause(assignment, grade):
    found = grade({"fit_gain": UNCLEARED}).grade
    [group] = groups(outline(assignment), "test_fit_gain", found.exercises["test_fit_gain"])
    assert lead(group).hint.startswith("No step clears the gradient")


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        (
            "\n  Expected  one thing,\n            and more.\n  Found     another.\n  Look at   this.",
            [("Expected", "one thing, and more."), ("Found", "another."), ("Look at", "this.")],
        ),
        ("Expected: 2\nFound: 3\n\nsomething else", [("Expected", "2"), ("Found", "3")]),
        ("Found 3 peaks", []),
        ("Expected 3, found 4.", []),
        ("", []),
    ],
)
def test_three_lines_of_a_visible_check(said, rows):
    assert three_lines(Ran([{"output_type": "error", "ename": "AssertionError", "evalue": said}])) == rows
    assert three_lines(Ran([{"output_type": "stream", "name": "stdout", "text": f"a print\n{said}"}])) == rows


def test_names_that_a_cell_defines():
    assert defined("import numpy\nx, y = 1, 2\nclass A:\n    z = 1\ndef f(): pass") == ["x", "y", "A", "f"]
    assert defined("%matplotlib inline\ndef f():\n    pass\nx = 1") == ["f", "x"]


def test_a_part_that_is_only_used_is_not_called_unfinished(hints):
    half = """
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    def forward(self, x):
        raise NotImplementedError()
"""
    found = hints({"linear_gain": half})
    assert found["test_linear_gain"][0] == (
        "Not finished yet: the line raise NotImplementedError() still stands in the cell linear_gain."
    )
    assert found["test_recover_gain"][0].startswith("Your estimate_gain uses your LinearGain")


def test_values_of_the_notebook_that_a_part_reads_are_named(hints):
    found = hints(
        {
            "fit_gain": FIT.format("model.gain.grad = None")
            .replace("model(source)", "model(orig_audio)")
            .replace("target)\n", "target_audio)\n")
        }
    )
    assert "Your fit_gain reads orig_audio and target_audio of the notebook" in found["test_fit_gain"][0]


def test_an_unclosed_bracket_is_told_without_the_name_of_a_file(hints):
    first = hints({"recover_gain": "def estimate_gain(source, target, n_iter=300, lr=0.01):\n    return float("})
    assert "SyntaxError" in first["test_recover_gain"][0]
    assert "ipython-input" not in first["test_recover_gain"][0]


def test_a_cell_that_hangs_before_it_defines_anything_is_named(hints):
    found = hints({"recover_gain": "while True:\n    pass"}, cell=1.5, question=0.8, submission=8)
    assert found["test_recover_gain"][0].startswith(
        "There is no estimate_gain: the cell recover_gain did not come to its end in time."
    )


def test_a_fit_that_stops_early_is_told_so(hints):
    early = FIT.format("model.gain.grad = None").replace(
        "    return history", "        if loss.item() < 0.02:\n            break\n    return history"
    )
    first = hints({"fit_gain": early})["test_fit_gain"][0]
    assert first.startswith("The fit stops before it has taken n_iter steps")
    assert "not cleared" not in first
