"""When a submission was handed in: read in whatever way it was saved, or said of whom it cannot be read."""

from datetime import datetime

import pytest
from conftest import NAME

from autograder.course.assignment import Assignment
from autograder.pages.terminal import table
from autograder.records.handed_in import handed_in_at, parsed, time_trouble
from autograder.running.grade_class import grade_class

ONE = datetime(2026, 11, 20, 13)
TEXT = "2026-11-20 13:00:00 UTC"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode() + b"\r\n",
        TEXT.encode("utf-16"),
        f"{TEXT}\xa0".encode("latin-1"),
        b"\n\n" + TEXT.encode(),
    ],
)
def test_a_time_is_read_however_it_was_saved(tmp_path, content):
    (tmp_path / "s" / NAME).mkdir(parents=True)
    (tmp_path / "s" / NAME / "timestamp.txt").write_bytes(content)
    assert handed_in_at(tmp_path / "s" / NAME) == ONE
    assert time_trouble(tmp_path / "s" / NAME) == ""


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "2026-11-20T13:00:00Z",
        "2026-11-20T14:00:00+01:00",
        "2026-11-20 14:00:00.000000 CET",
        "20 November 2026 13:00",
        "Fri, 20 Nov 2026 13:00:00 +0000",
        "20.11.2026 13:00",
        "11/20/2026 1:00 PM",
        "2026-11-20 05:00:00 PST",
    ],
)
def test_a_whole_time_is_understood(text):
    assert parsed(text) == ONE


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "5pm",
        "Friday 13:00",
        "now",
        "?",
        "13:00",
        "20 November",
        "11/10/2026 13:00",
        "2026-11-20 13:00 XYZT",
        "2026-13-45",
        "99999999999999999999",
        "-" * 900,
    ],
)
def test_what_says_no_whole_time_is_none(text):
    assert parsed(text) is None


def test_a_day_before_its_month_is_read_so():
    assert parsed("03.04.2026 12:00") == datetime(2026, 4, 3, 12)


@pytest.mark.usefixtures("warm")
def test_who_has_a_time_that_cannot_be_read_is_named(course):
    for student, text in (("student-01", "yesterday"), ("student-02", TEXT)):
        folder = course.hand_in(student, "{")
        (folder / "timestamp.txt").write_text(text)
    assignment = Assignment(NAME, course.folder)
    summary = grade_class(assignment)
    assert list(summary.times) == ["student-01"]
    assert "timestamp.txt says “yesterday”, which is no time" in summary.times["student-01"]
    assert table(assignment, summary) is not None
