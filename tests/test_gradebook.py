"""Grades stand in nbgrader's gradebook as nbgrader itself would have them, and what people enter stays."""

import dataclasses
import json

import nbformat
import pytest
from nbgrader.utils import determine_grade, is_grade
from sqlalchemy import text

from autograder.course.assignment import Assignment
from autograder.records.gradebook import NO_RESPONSE, Gradebook, schema_version
from autograder.running.grade_class import grade_class
from autograder.verdict import Graded, Status

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
WRITTEN = ("phase_shift_explained", "polarity_explained")
LATE = "2026-03-02 12:00:00.000000 UTC"
DUE = "2026-03-01 12:00:00.000000 UTC"
IN_TIME = "2026-02-28 12:00:00.000000 UTC"

pytestmark = pytest.mark.usefixtures("warm")


def grade(course, **how):
    return grade_class(Assignment(NAME, course.folder), **how)


def enter(course, student, cell, score=None, comment=None, extra=None):
    """What a person enters in the Formgrader."""
    with course.gradebook() as gradebook:
        if comment is not None:
            gradebook.find_comment(cell, NAME, NAME, student).manual_comment = comment
        entry = gradebook.find_grade(cell, NAME, NAME, student)
        if score is not None:
            entry.manual_score = score
            entry.needs_manual_grade = False
        if extra is not None:
            entry.extra_credit = extra
        gradebook.db.commit()


def comment(course, student, cell, text):
    with course.gradebook() as gradebook:
        gradebook.find_comment(cell, NAME, NAME, student).manual_comment = text
        gradebook.db.commit()


# scores


def test_scores_in_the_gradebook_are_those_of_the_results(course, entries):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    grade(course)
    for student in ("student-01", "student-02"):
        result = course.result(student)
        found = entries(course, student)
        scores = {name: exercise["score"] for name, exercise in result["exercises"].items()}
        assert {name: score for name, score in found["auto"].items() if name not in WRITTEN} == scores
        assert found["score"] == result["score"]


def test_the_gradebook_knows_the_assignments_points(course):
    course.hand_in("student-01", "unreadable")
    grade(course)
    with course.gradebook() as gradebook:
        found = gradebook.find_assignment(NAME)
        assert found.max_score == 28
        assert found.max_code_score + found.max_written_score == 28


def test_a_course_without_a_gradebook_gets_one(course, entries):
    (course.folder / "gradebook.db").unlink()
    course.hand_in("student-01")
    grade(course)
    assert entries(course, "student-01")["score"] == 24


def test_a_new_gradebook_is_marked_as_nbgrader_marks_it(course):
    """Or `nbgrader db upgrade` would upgrade it once more."""
    (course.folder / "gradebook.db").unlink()
    assert course.run("nbgrader", "generate_assignment", NAME).returncode == 0
    versions = []
    for _ in ("made by nbgrader", "made by us"):
        with Gradebook(course.assignment) as gradebook:
            versions += gradebook._database.db.execute(text("SELECT version_num FROM alembic_version")).scalars()
        (course.folder / "gradebook.db").unlink()
    assert versions[0] == versions[1] == schema_version()


def test_a_gradebook_that_nbgrader_made_is_taken_as_it_is(course, entries):
    (course.folder / "gradebook.db").unlink()
    done = course.run("nbgrader", "generate_assignment", NAME)
    assert done.returncode == 0, done.stderr
    course.hand_in("student-01", WRONG)
    grade(course)
    assert entries(course, "student-01")["score"] == 15


def test_the_autograded_file_is_a_notebook_with_a_cell_a_line(course):
    course.hand_in("student-01")
    grade(course)
    file = (course.folder / "autograded" / "student-01" / NAME / f"{NAME}.ipynb").read_text()
    notebook = nbformat.reads(file, as_version=4)
    nbformat.validate(notebook)
    cells = [json.loads(line.removesuffix(",")) for line in file.splitlines() if line.startswith("  {")]
    assert cells == notebook.cells


def test_the_autograded_notebook_is_scored_by_nbgrader_as_in_the_results(course):
    course.hand_in("student-01", {**WRONG, "after test_spectral_loss": "print('7.0')\n99.0"})
    grade(course)
    result = course.result("student-01")
    cells = [cell for cell in course.autograded("student-01").cells if is_grade(cell)]
    graded = {cell.metadata.nbgrader.grade_id: determine_grade(cell) for cell in cells}
    assert {name: score for name, score in graded.items() if name not in WRITTEN} == {
        name: (exercise["score"], exercise["max_score"]) for name, exercise in result["exercises"].items()
    }
    assert {graded[name] for name in WRITTEN} == {(None, 2)}


# nothing to grade


@pytest.mark.parametrize(("content", "status"), [("no notebook", Status.unreadable), (None, Status.missing)])
def test_what_cannot_be_graded_is_0_with_the_reason_as_comment(course, entries, content, status):
    if content is None:
        (course.folder / "submitted" / "student-01" / NAME).mkdir(parents=True)
    else:
        course.hand_in("student-01", content)
    one = grade(course).grades["student-01"]
    assert one.status is status
    found = entries(course, "student-01")
    assert set(found["auto"].values()) == {0.0}
    assert found["waits"] == set()
    assert set(found["comments"].values()) == {one.reason}
    assert found["score"] == 0


def test_the_notebook_of_what_cannot_be_graded_says_why_and_is_scored_0_by_nbgrader(course):
    course.hand_in("student-01", "no notebook")
    grade(course)
    notebook = course.autograded("student-01")
    assert "could not be graded (unreadable)" in notebook.cells[0].source
    for cell in notebook.cells:
        if is_grade(cell):
            assert determine_grade(cell)[0] == 0


def test_what_can_be_graded_later_loses_the_reason(course, entries):
    course.hand_in("student-01", "no notebook")
    grade(course)
    course.hand_in("student-01")
    grade(course)
    found = entries(course, "student-01")
    assert set(found["comments"].values()) == {None}
    assert found["waits"] == set(WRITTEN)
    assert found["score"] == 24


def test_a_fault_of_the_grader_enters_nothing(course, entries):
    course.hand_in("student-01")
    done = grade(course).grades["student-01"]
    before, notebook = entries(course, "student-01"), course.autograded("student-01")
    assignment = Assignment(NAME, course.folder)
    fault = dataclasses.replace(done, status=Status.grader_error, reason="ours", exercises={})
    with Gradebook(assignment) as gradebook:
        gradebook.record(
            [
                (Graded(one, "{}"), course.folder / "submitted" / one.student / NAME)
                for one in (fault, dataclasses.replace(fault, student="student-02"))
            ]
        )
    assert entries(course, "student-01") == before
    assert course.autograded("student-01") == notebook
    with course.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["student-01"]


# written answers


def test_written_answers_wait_for_a_person(course, entries):
    course.hand_in("student-01")
    grade(course)
    found = entries(course, "student-01")
    assert found["waits"] == set(WRITTEN)
    assert {found["auto"][name] for name in WRITTEN} == {None}
    assert set(found["comments"].values()) == {None}


def test_untouched_answers_get_0_and_no_response(course, entries):
    course.hand_in("student-01", course.assignment.released)
    grade(course)
    found = entries(course, "student-01")
    assert found["waits"] == set()
    assert set(found["auto"].values()) == {0}
    assert set(found["comments"].values()) == {NO_RESPONSE}


def test_one_answer_may_be_written_and_the_other_not(course, entries):
    released = course.assignment.cells["polarity_explained"].source
    course.hand_in("student-01", {"polarity_explained": released})
    grade(course)
    found = entries(course, "student-01")
    assert found["waits"] == {"phase_shift_explained"}
    assert found["auto"]["polarity_explained"] == 0
    assert found["comments"]["polarity_explained"] == NO_RESPONSE
    assert found["comments"]["phase_shift_explained"] is None


# what people enter


def test_what_people_have_entered_survives_a_regrade(course, entries):
    course.hand_in("student-01")
    grade(course)
    enter(course, "student-01", "phase_shift_explained", score=1.5, comment="A good start.")
    enter(course, "student-01", "test_fit_gain", score=5.5, extra=0.5)
    comment(course, "student-01", "fit_gain", "Elegant.")
    before = entries(course, "student-01")
    assert before["score"] == 24 - 6 + 5.5 + 0.5 + 1.5
    grade(course, regrade=True)
    after = entries(course, "student-01")
    for kept in ("manual", "extra", "by hand", "score", "auto"):
        assert after[kept] == before[kept]


def test_what_a_person_has_overruled_asks_for_another_look_after_a_regrade(course, entries):
    course.hand_in("student-01")
    grade(course)
    enter(course, "student-01", "test_fit_gain", score=5.5)
    assert entries(course, "student-01")["waits"] == set(WRITTEN)
    course.hand_in("student-01", WRONG)
    grade(course)
    found = entries(course, "student-01")
    assert found["waits"] == {*WRITTEN, "test_fit_gain"}
    assert found["manual"]["test_fit_gain"] == 5.5
    assert found["auto"]["test_spectral_loss"] == 0


def test_an_unchanged_run_asks_nobody_for_another_look(course, entries):
    course.hand_in("student-01")
    grade(course)
    for name in WRITTEN:
        enter(course, "student-01", name, score=2)
    grade(course)
    found = entries(course, "student-01")
    assert found["waits"] == set()
    assert found["score"] == 28


def test_the_names_of_students_stay(course):
    course.hand_in("student-01", "unreadable")
    with course.gradebook() as gradebook:
        gradebook.add_student("student-01", first_name="First", last_name="Last", email="student-01@example.org")
    grade(course)
    with course.gradebook() as gradebook:
        found = gradebook.find_student("student-01")
        assert (found.first_name, found.last_name, found.email) == ("First", "Last", "student-01@example.org")


# late


def due(course):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)


def handed_in_at(course, student, time):
    (course.folder / "submitted" / student / NAME / "timestamp.txt").write_text(time)


def penalty(course, student):
    with course.gradebook() as gradebook:
        found = gradebook.find_submission(NAME, student)
        return found.late_submission_penalty, found.total_seconds_late


def test_a_late_submission_gets_the_penalty_of_nbgraders_plugin(course, entries):
    course.configure("c.LateSubmissionPlugin.penalty_method = 'zero'")
    due(course)
    for student, time in (("student-01", LATE), ("student-02", IN_TIME)):
        course.hand_in(student)
        handed_in_at(course, student, time)
    grade(course)
    assert penalty(course, "student-01") == (24, 86400)
    assert penalty(course, "student-02") == (0, 0)
    assert entries(course, "student-01")["score"] == 24  # the penalty stands beside it


def test_without_a_penalty_method_there_is_none(course):
    due(course)
    course.hand_in("student-01")
    handed_in_at(course, "student-01", LATE)
    grade(course)
    assert penalty(course, "student-01") == (0, 86400)


def test_a_plugin_of_the_courses_own_is_asked(course):
    (course.folder / "half_off.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n\n\nclass HalfOff(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n        return score / 2\n"
    )
    course.configure(
        f"import sys\nsys.path.insert(0, {str(course.folder)!r})\n"
        "c.AssignLatePenalties.plugin_class = 'half_off.HalfOff'"
    )
    due(course)
    course.hand_in("student-01")
    handed_in_at(course, "student-01", LATE)
    grade(course)
    assert penalty(course, "student-01")[0] == 12


def test_the_time_of_handing_in_goes_along(course):
    course.hand_in("student-01")
    handed_in_at(course, "student-01", IN_TIME)
    grade(course)
    assert (course.folder / "autograded" / "student-01" / NAME / "timestamp.txt").read_text() == IN_TIME
    with course.gradebook() as gradebook:
        assert str(gradebook.find_submission(NAME, "student-01").timestamp) == "2026-02-28 12:00:00"


@pytest.mark.parametrize("time", ["", "yesterday", "9" * 400, "\0"])
def test_a_time_that_is_none_does_no_harm(course, entries, time):
    due(course)
    course.hand_in("student-01")
    handed_in_at(course, "student-01", time)
    grade(course)
    assert entries(course, "student-01")["score"] == 24
    assert penalty(course, "student-01") in ((None, 0), (0, 0))
