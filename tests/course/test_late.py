"""Late work costs what the course says, to the minute, and floats are those that people would write."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.class_list import read_class_list
from autograder.course.late import late_policy
from autograder.errors import UsageError

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def penalty(late, most=28, score=24, tokens=0, **section):
    return late_policy(section).penalty(late, most, score, tokens)


@pytest.mark.parametrize(
    ("late", "taken"),
    [
        (timedelta(0), 0),
        (15 * MINUTE, 0),
        (15 * MINUTE + timedelta(seconds=1), 2.8),
        (DAY, 2.8),
        (DAY + timedelta(seconds=1), 5.6),
        (3 * DAY, 8.4),
        (6 * DAY, 14),
        (7 * DAY, 14),
        (7 * DAY + MINUTE, 24),
    ],
)
def test_the_rule_of_the_worked_example(late, taken):
    assert penalty(late, late_penalty="10 % per day", grace="15 min", late_cap="50 %", late_until="7 days") == taken


@pytest.mark.parametrize(
    ("rule", "taken"),
    [
        ("2 points per day", 4),
        ("2 points a day", 4),
        ("1.6 points per day", 3.2),
        ("1,6 points per day", 3.2),
        ("0.5 points per hour", 12.5),
        ("10% per week", 2.8),
        ("1 percent each day", 0.56),
    ],
)
def test_a_rate_is_in_points_or_percent_for_any_time(rule, taken):
    assert penalty(DAY + HOUR, late_penalty=rule) == taken


def test_a_penalty_is_what_people_would_write():
    assert repr(penalty(3 * DAY, late_penalty="1.6 points per day")) == "4.8"  # 3 * 1.6 is 4.800000000000001
    assert repr(penalty(3 * DAY, late_penalty="10 % per day")) == "8.4"


def test_tokens_are_days_that_cost_nothing():
    section = {"late_penalty": "2 points per day", "late_tokens": 3}
    policy = late_policy(section)
    assert policy.tokens_left([]) == 3
    assert policy.tokens_left([DAY, timedelta(0), DAY + HOUR]) == 0
    assert policy.tokens_left([HOUR]) == 2
    assert penalty(2 * DAY, tokens=2, **section) == 0
    assert penalty(3 * DAY, tokens=2, **section) == 2


def test_no_more_is_taken_than_there_is():
    assert penalty(3 * DAY, score=5, late_penalty="10 % per day") == 5


@pytest.mark.parametrize(("late", "taken"), [(DAY, 3), (2 * DAY, 5.5), (3 * DAY, 8.5), (4 * DAY, 11)])
def test_rounding_is_to_multiples_and_halves_are_the_students(late, taken):
    assert penalty(late, late_penalty="10 % per day", late_rounding=0.5) == taken
    assert penalty(DAY, most=25, late_penalty="1 % per day", late_rounding=0.5) == 0  # 0.25 lies in the middle


def test_a_course_without_a_rule_has_none():
    assert late_policy({}) is None
    assert late_policy({"timezone": "UTC"}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("late_penalty", "10 %"),
        ("late_penalty", "ten"),
        ("late_penalty", "10 % per lesson"),
        ("late_penalty", "110 % per day"),
        ("grace", "15"),
        ("grace", "soon"),
        ("late_cap", "half"),
        ("late_until", 7),
        ("late_tokens", 1.5),
        ("late_tokens", -1),
        ("late_tokens", True),
        ("late_rounding", 0),
        ("late_rounding", "half"),
    ],
)
def test_a_rule_that_cannot_be_read_names_its_line(name, value):
    with pytest.raises(UsageError, match=rf"c\.Autograder\.{name} = "):
        late_policy({name: value})


@given(
    late=st.timedeltas(min_value=timedelta(0), max_value=30 * DAY),
    more=st.timedeltas(timedelta(0), 5 * DAY),
    score=st.floats(0, 28),
    cap=st.sampled_from([None, "50 %", "3 points"]),
)
def test_later_never_costs_less_and_never_more_than_the_score(late, more, score, cap):
    section = {"late_penalty": "7 % per day", "grace": "1 h", "late_cap": cap, "late_until": "2 weeks"}
    first, second = (penalty(time, score=score, **section) for time in (late, late + more))
    assert 0 <= first <= second <= score + 1e-6


def test_the_example_in_the_documentation_is_what_the_rule_gives(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "instructors.md").read_text("utf-8").split("### Late work")[1]
    listed = re.search(r"^    (id,extension.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "students.csv").write_text(listed[1].replace("\n    ", "\n") + "\n")
    students = read_class_list(tmp_path / "students.csv", UTC)
    section = dict(re.findall(r"^    c\.Autograder\.(late_\w+|grace) = \"?(.*?)\"?$", text, re.MULTILINE))
    del section["late_tokens"], section["late_rounding"]
    rows = re.findall(r"^\| `(student-\d+)` \|.*\| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    due, handed_in = datetime(2026, 11, 20, 23, 59), datetime(2026, 11, 22, 1)
    assert len(rows) == len(students) == 4
    for student, score, taken, total in rows:
        late = max(timedelta(0), handed_in - students.get(student).deadline(due, "differentiable_gain"))
        found = penalty(late, score=float(score), **section)
        assert (f"{found:g}", f"{float(score) - found:g}") == (taken, total), student
    assert penalty(timedelta(hours=25), late_rounding=0.5, **section) == 5.5
    assert penalty(HOUR, late_rounding=0.5, **section) == 3
