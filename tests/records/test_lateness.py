"""Both commands take the same for lateness, extensions count, and what changes later is put right."""

import shutil
import zipfile

import pytest

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.platforms.collect.collect import collect
from autograder.records.marks import read_marks
from autograder.records.status import status
from autograder.running.grade_class import grade_class

NAME = "differentiable_gain"
RULE = """
c.Autograder.late_penalty = "10 % per day"
c.Autograder.grace = "15 min"
c.Autograder.timezone = "UTC"
c.Autograder.due = {"differentiable_gain": "2026-11-20 12:00"}
"""
CLASS = """id,extension:differentiable_gain,extra_time
student-01,,
student-02,2 days,
student-03,,12 h
student-04,2026-11-21 13:00,
"""
HALF_PAST = "2026-11-20 12:10:00 UTC"
NEXT_DAY = "2026-11-21 13:00:00 UTC"  # 25 hours late: two days have begun

pytestmark = pytest.mark.usefixtures("warm")


def grade(course, **how):
    return grade_class(Assignment(NAME, course.folder), **how)


def late(course, student, time, what=None):
    (course.hand_in(student, what) / "timestamp.txt").write_text(time)


def marks(course):
    return read_marks(Assignment(NAME, course.folder))


def penalties(course):
    return {student: one.penalty for student, one in marks(course).items()}


def a_class(course):
    course.configure(RULE)
    (course.folder / "students.csv").write_text(CLASS)
    for number in range(1, 5):
        late(course, f"student-{number:02}", NEXT_DAY)
    late(course, "student-05", HALF_PAST)


EXPECTED = {"student-01": 5.6, "student-02": 0, "student-03": 2.8, "student-04": 0, "student-05": 0}


def test_late_work_costs_by_the_rule_and_extensions_count(course):
    a_class(course)
    grade(course)
    assert penalties(course) == EXPECTED
    assert marks(course)["student-01"].total == 18.4
    assert status(Assignment(NAME, course.folder)).differing == {}


def test_nbgrader_autograde_gives_the_same(course):
    a_class(course)
    done = course.run("nbgrader", "autograde", NAME)
    assert done.returncode == 0, done.stderr
    assert penalties(course) == EXPECTED
    before = marks(course)
    grade(course, regrade=True)
    assert marks(course) == before


def test_an_extension_granted_later_is_put_right_by_the_next_run(course):
    a_class(course)
    grade(course)
    (course.folder / "students.csv").write_text(CLASS.replace("student-01,,", "student-01,1 week,"))
    found = status(Assignment(NAME, course.folder)).differing
    assert found == {"student-01": ["the gradebook takes 5.6 points for lateness, the rule says 0"]}
    summary = grade(course)
    assert summary.fresh == []
    assert summary.penalties == {"student-01": (5.6, 0)}
    assert penalties(course)["student-01"] == 0
    before = course.snapshot()
    assert grade(course).penalties == {}
    assert course.snapshot() == before
    (course.folder / "students.csv").write_text(CLASS)
    grade(course)
    assert penalties(course) == EXPECTED


def test_marks_that_come_later_do_not_escape_the_penalty(course):
    course.configure(RULE)
    cells = ("linear_gain", "fit_gain", "loss_landscape", "phase_shift_experiment", "spectral_loss", "recover_gain")
    late(course, "student-01", NEXT_DAY, dict.fromkeys(cells, "pass"))
    grade(course)
    assert penalties(course) == {"student-01": 0}, "nothing is left to take"
    with course.gradebook() as gradebook:
        for name in ("phase_shift_explained", "polarity_explained"):
            entry = gradebook.find_grade(name, NAME, NAME, "student-01")
            entry.manual_score, entry.needs_manual_grade = 2, False
        gradebook.db.commit()
    grade(course)
    assert penalties(course) == {"student-01": 4}


def test_tokens_are_spent_in_the_order_of_the_deadlines(course):
    course.configure(RULE + "c.Autograder.late_tokens = 3")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment("earlier", duedate="2026-11-01 12:00:00 UTC")
        gradebook.add_student("student-01")
        gradebook.add_submission("earlier", "student-01", timestamp="2026-11-03 11:00:00 UTC")
        gradebook.db.commit()
    for student in ("student-01", "student-02"):
        late(course, student, NEXT_DAY)
    grade(course)
    assert penalties(course) == {"student-01": 2.8, "student-02": 0}
    grade(course, regrade=True)
    assert penalties(course) == {"student-01": 2.8, "student-02": 0}


def test_a_rule_of_which_nbgrader_does_not_hear_is_wrong_usage(course):
    course.configure(
        'c.Autograder.late_penalty = "10 % per day"\n'
        'c.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"'
    )
    late(course, "student-01", NEXT_DAY)
    with pytest.raises(UsageError, match=r"c\.AssignLatePenalties\.plugin_class"):
        grade(course)


def test_a_time_that_is_mended_after_grading_counts(course):
    a_class(course)
    grade(course)
    folder = course.folder / "submitted" / "student-01" / NAME
    (folder / "timestamp.txt").write_text(HALF_PAST)
    (told,) = status(Assignment(NAME, course.folder)).differing["student-01"]
    assert "the rule says 0" in told
    summary = grade(course)
    assert summary.fresh == []
    assert summary.penalties == {"student-01": (5.6, 0)}
    assert status(Assignment(NAME, course.folder)).differing == {}


def test_late_by_nobody_knows_how_much_is_said_until_the_class_list_says_when(course, tmp_path):
    course.configure(RULE)
    content = (course.hand_in("student-01") / f"{NAME}.ipynb").read_bytes()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(f"alphafirst_LATE_40311_9001_{NAME}.ipynb", content)
        archive.writestr(f"gammathird_40312_9002_{NAME}.ipynb", content)
    students = course.folder / "students.csv"
    students.write_text("id,canvas_id\nstudent-01,40311\nstudent-02,40312\n")
    shutil.rmtree(course.folder / "submitted")
    collect(Assignment(NAME, course.folder), [tmp_path / "class.zip"])
    assert grade(course).late_by_unknown == ["student-01"]
    assert penalties(course) == {"student-01": 0, "student-02": 0}
    assert not status(Assignment(NAME, course.folder)).holds
    for command in ("grade", "status"):
        told = " ".join(course.run("autograder", command, NAME).stdout.split())
        assert "student-01" in told.partition("marked late by the platform")[0 if command == "grade" else 2]
        assert f"column handed_in:{NAME}" in told
    students.write_text(f"id,canvas_id,handed_in:{NAME}\nstudent-01,40311,2026-11-21 13:00\nstudent-02,40312,\n")
    collect(Assignment(NAME, course.folder), [tmp_path / "class.zip"])
    summary = grade(course)
    assert (summary.fresh, summary.late_by_unknown) == ([], [])
    assert penalties(course) == {"student-01": 5.6, "student-02": 0}
    assert status(Assignment(NAME, course.folder)).differing == {}


def test_without_a_rule_nobody_asks_how_late(course, tmp_path):
    content = (course.hand_in("student-01") / f"{NAME}.ipynb").read_bytes()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(f"alphafirst_LATE_40311_9001_{NAME}.ipynb", content)
    collect(Assignment(NAME, course.folder), [tmp_path / "class.zip"])
    assert grade(course).late_by_unknown == []
