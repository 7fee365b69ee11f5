"""Unmarked is not 0, what people entered is shown as such, and students have names."""

import csv
import shutil

import pytest

from autograder.course.assignment import Assignment
from autograder.records.marks import read_marks, so_far, waiting
from autograder.running.grade_class import grade_class
from autograder.verdict import Check, Exercise, Verdict

NAME = "differentiable_gain"
WRITTEN = ("phase_shift_explained", "polarity_explained")
LONG = "Wolfeschlegelsteinhausen Bergerdorffwelchevoralternwarengewissenhaft"

pytestmark = pytest.mark.usefixtures("warm")


def grade(course):
    return grade_class(Assignment(NAME, course.folder))


def marks(course, student="student-01"):
    return read_marks(Assignment(NAME, course.folder))[student]


def enter(course, student, cell, score=None, extra=None):
    """What a person enters in the Formgrader."""
    with course.gradebook() as gradebook:
        entry = gradebook.find_grade(cell, NAME, NAME, student)
        if score is not None:
            entry.manual_score, entry.needs_manual_grade = score, False
        if extra is not None:
            entry.extra_credit = extra
        gradebook.db.commit()


@pytest.fixture
def say(course, monkeypatch, run_main):
    """say(word, ...): (exit code, stdout, stderr) of `autograder word ...` in the course folder."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(course.folder)

    def say(*words):
        return run_main(*words, *(("--workers", "1") if words[0] == "grade" else ()))

    return say


def test_while_an_answer_waits_the_total_is_without_it(course):
    course.hand_in("student-01")
    course.hand_in("student-02", course.assignment.released)
    grade(course)
    assert so_far(marks(course)) == "24 of 24 so far; 4 points wait"
    assert waiting(Assignment(NAME, course.folder)) == {"student-01": WRITTEN}
    assert so_far(marks(course, "student-02")) == "0 of 28"  # left empty: 0, and nothing waits
    enter(course, "student-01", WRITTEN[0], 1.5)
    assert so_far(marks(course)) == "25.5 of 26 so far; 2 points wait"
    enter(course, "student-01", WRITTEN[1], 0)
    assert so_far(marks(course)) == "25.5 of 28"
    assert waiting(Assignment(NAME, course.folder)) == {}


def test_the_waiting_answers_of_the_table_are_counted(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02", {WRITTEN[0]: course.assignment.cells[WRITTEN[0]].source})
    course.hand_in("student-03", "no notebook")
    out = say("grade", NAME)[1]
    assert f"3 written answers of 2 students wait for a mark: autograder mark {NAME}. Totals are without them." in out
    for student, cell in (("student-01", WRITTEN[0]), ("student-01", WRITTEN[1]), ("student-02", WRITTEN[1])):
        enter(course, student, cell, 2)
    out = say("grade", NAME)[1]
    assert "written answer" not in out


def test_what_people_entered_is_shown_as_such_in_table_and_report(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02")
    grade(course)
    enter(course, "student-01", "test_fit_gain", 5.5, 0.5)
    enter(course, "student-02", WRITTEN[0], 1)
    out = say("grade", NAME)[1]
    rows = {line.split()[0]: line.rstrip() for line in out.splitlines() if "━" in line}
    assert rows["student-01"].endswith("24/24 *+, 4 wait")
    assert rows["student-02"].endswith("25/26, 2 wait")
    assert "student-01 has 5.5 for test_fit_gain by a person (*), and 6 by grading" in out
    assert "student-01 has 0.5 of extra credit (+)" in out
    say("report", NAME)
    page = (course.folder / f"report-{NAME}.html").read_text()
    for told in (
        "24 of 24 so far; 4 points wait",
        "25 of 26 so far; 2 points wait",
        "has 5.5 for test_fit_gain by a",
        "has 0.5 of extra credit",
    ):
        assert told in page, told


def test_names_stand_in_table_and_report_whole_and_not_where_it_is_anonymous(course, say, monkeypatch):
    (course.folder / "students.csv").write_text(f"id,first_name,last_name\nstudent-01,First,{LONG}\nstudent-02,,\n")
    with course.gradebook() as gradebook:
        gradebook.add_student("student-02", first_name="Of the", last_name="gradebook")
    course.hand_in("student-01", "no notebook")
    assert "…" not in say("grade", NAME)[1], "a long name takes a second line where there is no room"
    monkeypatch.setenv("COLUMNS", "80")
    lines = say("grade", NAME)[1].splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("student-01 "))
    folded = "".join(line[:16].split("  ")[0].strip() for line in lines[row + 1 : row + 12])
    assert folded.startswith(f"First{LONG[:20]}"), "the id stays whole, and the name stands below it"
    assert max(map(len, lines)) <= 80
    monkeypatch.setenv("COLUMNS", "240")
    out = say("grade", NAME)[1]
    assert f"First {LONG}" in out
    assert "Of the gradebook" in out
    say("report", NAME)
    page = (course.folder / f"report-{NAME}.html").read_text()
    assert f"First {LONG}" in page
    assert "Of the gradebook" in page
    shutil.rmtree(course.folder / "results")
    out = say("grade", NAME, "--anonymous")[1]
    say("report", NAME, "--anonymous")
    for text in (out, (course.folder / f"report-{NAME}.html").read_text()):
        assert "student-01" in text
        assert "First" not in text
        assert "Of the" not in text


def test_a_course_without_a_class_list_shows_ids_alone(course, say):
    course.hand_in("student-01", "no notebook")
    assert "name" not in say("grade", NAME)[1].splitlines()[3:8][0]


def test_scores_are_those_that_people_would_write(course):
    checks = tuple(Check(f"test_{n}", "Title", Verdict.passed, 1.6, 1.6, None) for n in range(3))
    assert repr(Exercise(checks).score) == "4.8"  # the plain sum is 4.800000000000001
    assert repr(Exercise(checks).max_score) == "4.8"


def test_nbgrader_export_says_what_waits_and_writes_scores_as_people_do(course):
    course.hand_in("student-01")
    course.hand_in("student-02", course.assignment.released)
    grade(course)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student("student-02", last_name="=1+1", first_name="a, b")
        gradebook.find_grade("test_fit_gain", NAME, NAME, "student-02").manual_score = 3 * 1.6
        gradebook.db.commit()
    done = course.run("nbgrader", "export")
    assert done.returncode == 0, done.stderr
    assert "1 of these grades are without answers that wait for a mark" in done.stderr
    with (course.folder / "grades.csv").open() as file:
        one, two = csv.DictReader(file)
    assert list(one)[:11] == [
        "assignment",
        "duedate",
        "timestamp",
        "student_id",
        "last_name",
        "first_name",
        "email",
        "raw_score",
        "late_submission_penalty",
        "score",
        "max_score",
    ]
    assert (one["score"], one["max_score"], one["waiting_points"]) == ("24", "28", "4")
    assert (two["score"], two["waiting_points"]) == ("4.8", "0")
    assert (two["last_name"], two["first_name"]) == ("'=1+1", "a, b")
