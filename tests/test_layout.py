"""JSON is laid out for readers, and stays the JSON it was."""

import json

from hypothesis import given
from hypothesis import strategies as st

from autograder.files import laid_out

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.integers(0, 4), st.booleans())
def test_it_says_what_it_was_given(value, levels, sort):
    assert json.loads(laid_out(value, levels, sort=sort)) == value


def test_an_item_stands_on_a_line():
    assert (
        laid_out({"b": [{"d": 1, "c": [2]}, 3], "a": {}}, 2)
        == """{
 "b": [
  {"d": 1, "c": [2]},
  3
 ],
 "a": {}
}"""
    )


def test_keys_are_sorted_on_every_level_where_that_is_asked():
    assert (
        laid_out({"b": {"d": {"f": 1, "e": 2}, "c": 3}, "a": 4}, 2, sort=True)
        == """{
 "a": 4,
 "b": {
  "c": 3,
  "d": {"e": 2, "f": 1}
 }
}"""
    )
