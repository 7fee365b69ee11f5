"""The class report says who needs help with what: by the cause, once, and where it begins."""

from autograder.pages.items import FEWEST, items, notes
from autograder.pages.who_needs_help import groups, untouched
from autograder.verdict import Check, Exercise, Grade, Status, Verdict

PARTS = {"fit_gain": "test_fit_gain", "estimate_gain": "test_recover_gain"}
HEAPED = "Expected: each step follows its own slope.\nFound: {}.\nLook at: whether gradients are cleared."
USES = "Your estimate_gain uses your fit_gain, which does not pass its own checks yet. Mend that first."
FOLLOWS = "Perhaps for the same reason as “First”: mend that first."


def exercise(*hints):
    return Exercise(
        tuple(
            Check(
                f"test_{number}",
                f"Promise {number}",
                Verdict.failed if hint else Verdict.passed,
                0.0 if hint else 1.0,
                1.0,
                hint,
            )
            for number, hint in enumerate(hints)
        )
    )


def grade(student, fit=(None, None), recover=(None, None)):
    return Grade(
        "lesson",
        student,
        Status.graded,
        None,
        4.0,
        {"test_fit_gain": exercise(*fit), "test_recover_gain": exercise(*recover)},
        (),
        0.1,
        {},
    )


def test_one_cause_is_one_group_whatever_number_was_found():
    found = groups(
        [
            grade("a", (HEAPED.format(0.5), FOLLOWS)),
            grade("b", (HEAPED.format(0.7), FOLLOWS)),
            grade("c", ("Your code raised NameError.", FOLLOWS)),
            grade("d"),
        ],
        PARTS,
    )
    assert [group.students for group in found] == [["a", "b"], ["c"]]
    assert found[0].sentence == "Expected: each step follows its own slope. Look at: whether gradients are cleared."
    assert found[0].found == ["0.5.", "0.7."]


def test_what_follows_from_another_part_counts_with_that_part():
    [found] = groups([grade("a", (HEAPED.format(1), FOLLOWS), (USES, FOLLOWS))], PARTS)
    assert (found.exercise, found.students, found.also) == ("test_fit_gain", ["a"], ["test_recover_gain"])


def test_it_counts_with_that_part_also_where_that_one_has_most_of_its_points():
    [found] = groups([grade("a", (HEAPED.format(1), None), (USES, FOLLOWS))], PARTS)
    assert (found.exercise, found.also) == ("test_fit_gain", ["test_recover_gain"])


def test_who_has_half_of_an_exercise_is_in_no_group():
    assert groups([grade("a", (HEAPED.format(1), None))], PARTS) == []


def test_an_untouched_notebook_is_in_no_group():
    hint = "Not written yet: the cell fit_gain is as you got it."
    empty = grade("a", (hint, FOLLOWS), (hint, FOLLOWS))
    assert untouched(empty)
    assert groups([empty], PARTS) == []
    assert not untouched(grade("b", (hint, FOLLOWS), (None, None)))


def test_a_check_that_goes_with_the_rest_discriminates():
    strong = [grade(f"s{number}") for number in range(FEWEST)]
    weak = [grade(f"w{number}", ("a", "b"), ("a", None)) for number in range(FEWEST)]
    found = {(item.exercise, item.name): item for item in items(strong + weak)}
    assert found["test_fit_gain", "test_0"].discrimination > 0.9
    assert found["test_recover_gain", "test_1"].discrimination is None
    assert [item.name for item in notes(list(found.values()))["Everybody passes"]] == ["test_1"]


def test_a_small_class_gets_no_figure():
    assert {item.discrimination for item in items([grade("a"), grade("b", ("x", "y"))])} == {None}
