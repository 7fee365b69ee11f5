"""Grades add up, and a result file holds all of a grade but what is for staff."""

import dataclasses
import errno
import json
import os
import stat

import pytest

from autograder.errors import GraderFault
from autograder.verdict import Check, Exercise, Grade, Status, Verdict, write_whole


def check(name="test_a", verdict=Verdict.passed, points=1.0, most=1.0, hint=None, detail=""):
    return Check(name, f"title of {name}", verdict, points, most, hint, detail)


def grade(**changes):
    exercises = {
        "test_one": Exercise(
            (check("test_a", points=2.5, most=2.5), check("test_b", Verdict.failed, 0.0, 1.5, "try", "assert 3 == 4"))
        ),
        "test_two": Exercise((check("test_c", Verdict.timed_out, 0.0, 2.0, "wait", "too slow"),)),
    }
    made = Grade(
        "differentiable_gain",
        "student-07",
        Status.graded,
        None,
        6.0,
        exercises,
        ("locked cell restored: test_one",),
        0.41234,
        {"seed": 123, "isolation": ["rlimits"]},
    )
    return dataclasses.replace(made, **changes)


def test_points_add_up():
    made = grade()
    assert (made.exercises["test_one"].score, made.exercises["test_one"].max_score) == (2.5, 4.0)
    assert made.score == 2.5


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.graded])
def test_only_what_is_graded_has_a_score(status):
    made = grade(status=status, reason="because", exercises={})
    assert made.score is None
    assert json.loads(made.to_json())["score"] is None


def test_a_result_file_reads_back_as_it_was():
    made = grade(seconds=0.412)
    assert Grade.from_json(made.to_json()) == made


def test_a_result_file_has_a_check_a_line():
    made = grade()
    checks = [json.loads(line.removesuffix(",")) for line in made.to_json().splitlines() if line.startswith("    {")]
    assert [check["name"] for check in checks] == [
        check.name for exercise in made.exercises.values() for check in exercise.checks
    ]


def test_a_result_file_holds_no_detail_for_staff():
    assert "assert 3 == 4" not in grade().to_json()
    assert "assert 3 == 4" in grade().details()


def test_staff_details_name_the_checks():
    assert grade().details() == "test_one::test_b: failed\nassert 3 == 4\n\ntest_two::test_c: timed_out\ntoo slow\n"


def test_whole_numbers_are_written_as_such():
    text = json.loads(grade().to_json())
    assert repr(text["max_score"]) == "6"
    assert repr(text["score"]) == "2.5"
    assert repr(text["exercises"]["test_two"]["checks"][0]["max_points"]) == "2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        "{}",
        '{"schema": 1}',
        '{"schema": 2, "assignment": "x"}',
        grade().to_json().replace('"graded"', '"superb"'),
        grade().to_json().replace('"passed"', '"nearly"'),
        grade().to_json().replace('"hint"', '"tip"'),
        grade().to_json()[:-10],
    ],
)
def test_what_is_no_result_file_is_the_graders_fault(text):
    with pytest.raises(GraderFault):
        Grade.from_json(text)


def test_a_result_file_of_another_schema_says_so():
    with pytest.raises(GraderFault, match="schema 2, this kit reads 1"):
        Grade.from_json(grade().to_json().replace('"schema": 1', '"schema": 2'))


def test_a_file_is_written_into_new_folders_and_replaced(tmp_path):
    path = tmp_path / "new" / "deep" / "file.json"
    write_whole(path, "first")
    write_whole(path, "second, é")
    assert path.read_text(encoding="utf-8") == "second, é"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    write_whole(path, "old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GraderFault, match=r"file\.json cannot be written: No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]
