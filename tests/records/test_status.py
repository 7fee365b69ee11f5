"""`autograder status` and `grade` see what is missing, old, or not the same in all places."""

import json
import os
import re
import shutil

import pytest

from autograder.course.assignment import Assignment
from autograder.records.status import status
from autograder.running.grade_class import grade_class

NAME = "differentiable_gain"
WRITTEN = ["phase_shift_explained", "polarity_explained"]

pytestmark = pytest.mark.usefixtures("warm")


def look(course):
    return status(Assignment(NAME, course.folder))


def grade(course, *students, **how):
    return grade_class(Assignment(NAME, course.folder), students, **how)


@pytest.fixture
def say(course, monkeypatch, run_main):
    """say(word, ...): (exit code, stdout, stderr) of `autograder word ...` in the course folder."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(course.folder)

    def say(*words):
        return run_main(*words)

    return say


def test_all_is_said_of_a_class_that_is_graded_and_holds(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02", "no notebook")
    (course.folder / "students.csv").write_text("id\nstudent-01\nstudent-02\nstudent-03\n")
    grade(course)
    found = look(course)
    assert found.holds
    assert (found.collected, found.graded) == (["student-01", "student-02"],) * 2
    assert found.missing == ["student-03"]
    assert found.waiting == {"student-01": WRITTEN}
    code, out, err = say("status", NAME)
    assert (code, err) == (0, "")
    assert "2 collected, 2 graded" in out
    assert "1 of the class not handed in: student-03" in out
    assert "2 written answers of 1 student wait for a mark" in out
    code, out, _ = say("status", "--json")
    data = json.loads(out)["assignments"]
    assert [one["assignment"] for one in data] == [NAME]
    assert data[0]["missing"] == ["student-03"]
    assert data[0]["holds"] is True


def test_status_writes_nothing(course, say):
    course.hand_in("student-01", "no notebook")
    (course.folder / "gradebook.db").unlink()
    before = course.snapshot()
    code, out, _ = say("status", NAME)
    assert code == 1
    assert "1 not graded yet: student-01" in out
    assert course.snapshot() == before


def test_students_of_the_gradebook_belong_to_the_class(course):
    with course.gradebook() as gradebook:
        gradebook.add_student("student-09", first_name="First", last_name="Last")
    assert look(course).missing == ["student-09"]


def test_what_was_graded_with_something_else_is_stale(course, say):
    course.hand_in("student-01", "no notebook")
    course.hand_in("student-02", "no notebook")
    grade(course)
    course.hand_in("student-01", "another")
    assert look(course).stale == {"student-01": ["the submission"]}
    with (course.folder / "hidden" / NAME / "oracle.py").open("a") as file:
        file.write("# changed\n")
    assert look(course).stale == {
        "student-01": ["the submission", "the hidden tests"],
        "student-02": ["the hidden tests"],
    }
    code, out, _ = say("status", NAME)
    assert code == 1
    assert "student-01: the submission; the hidden tests" in out


def test_feedback_that_is_older_than_the_grade_is_named(course):
    course.hand_in("student-01", "no notebook")
    grade(course)
    page = course.folder / "feedback" / "student-01" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert look(course).holds
    os.utime(page, (1, 1))
    assert look(course).old_feedback == ["student-01"]
    assert not look(course).holds


def test_a_damaged_result_file_is_named(course):
    course.hand_in("student-01", "no notebook")
    grade(course)
    (course.folder / "results" / NAME / "student-01.json").write_text("{")
    assert look(course).damaged == ["student-01"]


# three places


def changed_in_the_gradebook(course):
    with course.gradebook() as gradebook:
        gradebook.find_grade("test_fit_gain", NAME, NAME, "student-01").auto_score = 1
        gradebook.db.commit()


def removed_from_the_gradebook(course):
    (course.folder / "gradebook.db").unlink()


def changed_in_the_notebook(course):
    path = course.folder / "autograded" / "student-01" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace('"text/plain": "6.0"', '"text/plain": "5.0"', 1))


def notebook_removed(course):
    shutil.rmtree(course.folder / "autograded")


def notebook_cut_off(course):
    path = course.folder / "autograded" / "student-01" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text()[:500])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (changed_in_the_gradebook, "the gradebook has 1 for test_fit_gain, results/ 6"),
        (removed_from_the_gradebook, "the gradebook has no entry"),
        (changed_in_the_notebook, "autograded/ has 5 for test_fit_gain, results/ 6"),
        (notebook_removed, "there is no notebook in autograded/"),
        (notebook_cut_off, "the notebook in autograded/ cannot be read"),
    ],
)
def test_places_that_differ_are_told_and_the_next_run_writes_them_again(course, say, entries, damage, told):
    course.hand_in("student-01")
    grade(course)
    expected = entries(course, "student-01"), course.autograded("student-01")
    damage(course)
    assert look(course).differing == {"student-01": [told]}
    code, out, _ = say("grade", NAME, "--workers", "1")
    assert code == 0
    assert f"student-01 was written again: {told}" in out
    assert "1 graded now, 0 unchanged" in out
    assert (entries(course, "student-01"), course.autograded("student-01")) == expected
    assert look(course).holds
    assert "0 graded now, 1 unchanged" in say("grade", NAME, "--workers", "1")[1]


def test_a_gradebook_entry_without_submission_and_result_is_told(course):
    course.hand_in("student-01", "no notebook")
    grade(course)
    (course.folder / "results" / NAME / "student-01.json").unlink()
    shutil.rmtree(course.folder / "submitted" / "student-01")
    assert "student-01" in look(course).differing


# who is not there


def test_who_is_taken_out_or_never_came_is_in_the_table(course, say):
    (course.folder / "students.csv").write_text("id\nstudent-01\nstudent-02\nstudent-03\n")
    course.hand_in("student-01", "no notebook")
    course.hand_in("student-02", "no notebook")
    grade(course)
    shutil.rmtree(course.folder / "submitted" / "student-02")
    found = look(course)
    assert (found.removed, found.missing) == (["student-02"], ["student-03"])
    assert not found.holds
    code, out, _ = say("grade", NAME, "--workers", "1")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines() if line.startswith("student-") and "·" in line}
    assert rows["student-02"].rstrip().endswith("taken out")
    assert rows["student-03"].rstrip().endswith("not handed in")
    assert "1 of the class has not handed in." in out
    assert "student-02 has a grade and is no longer in submitted/" in out


def test_a_chosen_student_is_shown_alone(course, say):
    (course.folder / "students.csv").write_text("id\nstudent-01\nstudent-02\n")
    course.hand_in("student-01", "no notebook")
    _, out, _ = say("grade", NAME, "--workers", "1", "--student", "student-01")
    assert "student-02" not in out


def test_who_is_taken_out_or_never_came_is_in_the_report(course, say):
    (course.folder / "students.csv").write_text("id\nstudent-01\nstudent-02\nstudent-03\n")
    course.hand_in("student-01", "no notebook")
    course.hand_in("student-02", "no notebook")
    grade(course)
    shutil.rmtree(course.folder / "submitted" / "student-02")
    assert say("report", NAME)[0] == 0
    page = (course.folder / f"report-{NAME}.html").read_text()
    text = re.sub(r"<[^>]+>", "", page)
    assert "1 of the class has not handed in:\nstudent-03." in text
    assert "no longer in submitted/:\nstudent-02." in text


def test_feedback_that_was_made_before_the_last_marks_is_named(course, say):
    course.hand_in("student-01")
    grade(course)
    assert say("feedback", NAME)[0] == 0
    assert look(course).old_feedback == []
    with course.gradebook() as gradebook:
        entry = gradebook.find_grade(WRITTEN[0], NAME, NAME, "student-01")
        entry.manual_score, entry.needs_manual_grade = 2, False
        gradebook.db.commit()
    assert look(course).old_feedback == ["student-01"]
    assert say("feedback", NAME)[0] == 0
    assert look(course).holds
