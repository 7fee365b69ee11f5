"""What hidden tests are written with: points, observations that are checked before they are judged, tolerances."""

import numpy as np
import pytest

from autograder.errors import StudentFault
from autograder.testing import MARK, Observation, Tolerance, Unfit, points


def seen(arrays=None, **values):
    return Observation(values, {name: np.asarray(array) for name, array in (arrays or {}).items()})


def test_points_mark_a_test_with_worth_hint_and_needs():
    @points(1.5, hint="Try this.", needs="test_other")
    def test_it():
        """A title"""

    worth = getattr(test_it, MARK)
    assert (worth.points, worth.hint, worth.needs) == (1.5, "Try this.", ("test_other",))


def test_points_take_several_needs():
    @points(1, hint="", needs=["test_a", "test_b"])
    def test_it():
        """A title"""

    assert getattr(test_it, MARK).needs == ("test_a", "test_b")


def test_a_check_needs_a_title():
    def test_it():
        pass

    with pytest.raises(ValueError, match="title"):
        points(1, hint="")(test_it)


def test_points_are_not_negative():
    with pytest.raises(ValueError, match="negative"):
        points(-1, hint="")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.bool_])
def test_an_array_is_given_as_float64(dtype):
    found = seen({"y": np.ones((2, 3), dtype)}).array("y", (2, 3))
    assert found.dtype == np.float64
    assert np.array_equal(found, np.ones((2, 3)))


def test_an_array_of_one_of_several_shapes_will_do():
    assert seen({"y": np.ones((1, 3))}).array("y", [(3,), (1, 3)]).shape == (1, 3)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 1), (), [(6,), (3, 2)]])
def test_an_array_of_another_shape_is_unfit(shape):
    with pytest.raises(Unfit, match=r"The shape is \(2, 3\), but it should be"):
        seen({"y": np.ones((2, 3))}).array("y", shape)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_array_that_is_not_finite_is_unfit(value):
    with pytest.raises(Unfit, match="NaN or infinity"):
        seen({"y": [1.0, value]}).array("y")


@pytest.mark.parametrize("value", [None, "list", [1.0, 2.0], True, {"a": 1}])
def test_what_is_no_array_is_unfit(value):
    with pytest.raises(Unfit, match="A tensor was expected"):
        seen(y=value).array("y")


def test_what_did_not_come_is_unfit():
    with pytest.raises(Unfit, match="there was nothing"):
        seen().array("y")


def test_unfit_costs_points_and_no_more():
    assert issubclass(Unfit, StudentFault)


@pytest.mark.parametrize("array", [2.5, [2.5], [[2.5]]])
def test_a_number_may_come_with_dimensions_of_size_one(array):
    assert seen({"n": array}).number("n") == 2.5


def test_a_number_may_be_a_plain_integer():
    assert seen(n=4).number("n") == 4.0


@pytest.mark.parametrize("array", [[1.0, 2.0], [], [np.nan]])
def test_a_number_is_one_finite_number(array):
    with pytest.raises(Unfit):
        seen({"n": array}).number("n")


@pytest.mark.parametrize("value", [True, "3", None, [3]])
def test_what_is_no_number_is_unfit(value):
    with pytest.raises(Unfit):
        seen(n=value).number("n")


@pytest.mark.parametrize(("value", "flag"), [(True, True), (1, False), ("True", False), ([True], False), (None, False)])
def test_a_flag_is_exactly_true(value, flag):
    assert seen(f=value).flag("f") is flag


def test_texts_and_names_are_bounded():
    long = seen(t="x" * 10_000, names=["y" * 10_000] * 1000, no_list="abc")
    assert len(long.text("t")) == 200
    assert len(long.names("names")) == 100
    assert len(long.names("names")[0]) == 200
    assert long.names("no_list") == []
    assert long.text("missing") == "None"


def test_a_message_holds_little_of_what_came():
    with pytest.raises(Unfit) as caught:
        seen(y="z" * 10_000).array("y")
    assert len(str(caught.value)) < 200


TENTH = Tolerance("a tenth", 0.1, "for this test")


@pytest.mark.parametrize(
    ("found", "expected", "scale", "admitted"),
    [
        (1.05, 1.0, 1.0, True),
        (1.15, 1.0, 1.0, False),
        (1.15, 1.0, 2.0, True),
        (0.95, 1.0, -1.0, True),
        ([1.0, 2.05], [1.0, 2.0], 1.0, True),
        ([1.0, 2.2], [1.0, 2.0], 1.0, False),
        ([1.0, 2.2], [1.0, 2.0], [1.0, 3.0], True),
        ([], [], 1.0, True),
        (np.ones((0, 3)), np.zeros((0, 3)), 1.0, True),
        (0.0, 0.0, 0.0, True),
        (1e-9, 0.0, 0.0, False),
        ([1.0, 1.0], 1.0, 1.0, True),
    ],
)
def test_a_tolerance_admits_a_part_of_the_scale(found, expected, scale, admitted):
    assert bool(TENTH.admits(found, expected, scale=scale)) is admitted


@pytest.mark.parametrize("found", [np.nan, np.inf, [1.0, np.nan]])
def test_a_tolerance_admits_no_nan(found):
    assert not TENTH.admits(found, 1.0)


def test_a_comparison_says_how_far_off_it_is():
    comparison = TENTH.admits(1.3, 1.0)
    assert comparison.tolerance == "a tenth"
    assert comparison.ratio == pytest.approx(3.0)
