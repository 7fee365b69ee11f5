"""A class is graded: what is new or changed, once, and written where others look for it."""

import hashlib
import json
import re
import shutil
import stat

import pytest
import torch

import autograder
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.judging.judge import Judge
from autograder.records.gradebook import Gradebook
from autograder.records.results import class_seed, read_results
from autograder.running import grade_class as run
from autograder.running.grade_class import grade_class
from autograder.verdict import Grade, Status

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}

pytestmark = pytest.mark.usefixtures("warm")


def grade(course, *students, **how):
    """As a new command would: nothing is remembered from the run before."""
    return grade_class(Assignment(NAME, course.folder), students, **how)


def statuses(summary):
    return {student: grade.status for student, grade in summary.grades.items()}


@pytest.fixture
def hidden(course):
    """The hidden tests of this course, which may be changed."""
    return course.folder / "hidden" / NAME


# what is written


def test_a_result_file_holds_what_others_rely_on(course):
    course.hand_in("student-07", {**WRONG, "after setup": "x = 1"})
    grade(course)
    result = course.result("student-07")
    assert list(result) == [
        "schema",
        "assignment",
        "student",
        "status",
        "reason",
        "score",
        "max_score",
        "exercises",
        "flags",
        "seconds",
        "provenance",
    ]
    assert result["schema"] == 1
    assert (result["assignment"], result["student"]) == (NAME, "student-07")
    assert (result["status"], result["reason"]) == ("graded", None)
    assert (result["score"], result["max_score"]) == (15, 24)
    assert list(result["exercises"]) == [
        "test_linear_gain",
        "test_fit_gain",
        "test_phase_shift",
        "test_spectral_loss",
        "test_recover_gain",
    ]
    for exercise in result["exercises"].values():
        assert list(exercise) == ["score", "max_score", "checks"]
        assert exercise["score"] == sum(check["points"] for check in exercise["checks"])
        assert exercise["max_score"] == sum(check["max_points"] for check in exercise["checks"])
        for check in exercise["checks"]:
            assert list(check) == ["name", "title", "verdict", "points", "max_points", "hint"]
            assert check["name"].startswith("test_")
            assert check["verdict"] in ("passed", "failed", "errored", "timed_out", "skipped")
            assert check["points"] == (check["max_points"] if check["verdict"] == "passed" else 0)
            assert (check["hint"] is None) == (check["verdict"] == "passed")
    assert result["score"] == sum(exercise["score"] for exercise in result["exercises"].values())
    assert result["flags"] == []
    assert 0 < result["seconds"] < 100
    assert set(result["provenance"]) >= {
        "submission_sha256",
        "hidden_tests_sha256",
        "kit",
        "python",
        "torch",
        "seed",
        "isolation",
    }


def test_provenance_says_what_decided_the_grade(course, assignment):
    folder = course.hand_in("student-07")
    grade(course)
    provenance = course.result("student-07")["provenance"]
    assert provenance["submission_sha256"] == hashlib.sha256((folder / f"{NAME}.ipynb").read_bytes()).hexdigest()
    assert provenance["hidden_tests_sha256"] == assignment.hidden_tests_sha256
    assert provenance["kit"] == autograder.__version__
    assert provenance["torch"] == torch.__version__.split("+")[0]
    assert provenance["seed"] == class_seed(course.folder, NAME)
    assert "rlimits" in provenance["isolation"]


def test_what_is_for_staff_lies_beside_the_results_and_not_in_them(course):
    course.hand_in("student-07", {"linear_gain": "class LinearGain:\n    def __init__(self, gain=1.0):\n        here"})
    grade(course)
    staff = (course.folder / "results" / NAME / "staff" / "student-07.txt").read_text()
    text = (course.folder / "results" / NAME / "student-07.json").read_text()
    assert "Traceback" in staff
    assert "Traceback" not in text
    assert "assert" not in text


def test_a_class_of_all_kinds_is_graded_to_its_end(course):
    course.hand_in("student-01")
    course.hand_in("student-02", "{ no notebook")
    (course.folder / "submitted" / "student-03" / NAME).mkdir(parents=True)
    (course.folder / "submitted" / "student-04").mkdir(parents=True)
    course.hand_in("student-05", "")
    folder = course.hand_in("student-06")
    (folder / f"{NAME}.ipynb").rename(folder / "first.ipynb")
    shutil.copyfile(folder / "first.ipynb", folder / "second.ipynb")
    folder = course.hand_in("student-07")
    (folder / f"{NAME}.ipynb").rename(folder / "link.txt")
    (folder / f"{NAME}.ipynb").symlink_to(folder / "link.txt")
    course.hand_in("student-08", course.assignment.released)
    (course.folder / "submitted" / "a file").write_text("not a student")
    (course.folder / "submitted" / ".hidden").mkdir()
    summary = grade(course)
    assert statuses(summary) == {
        "student-01": Status.graded,
        "student-02": Status.unreadable,
        "student-03": Status.missing,
        "student-05": Status.unreadable,
        "student-06": Status.refused,
        "student-07": Status.refused,
        "student-08": Status.graded,
    }
    assert {student: one.score for student, one in summary.grades.items() if one.score is not None} == {
        "student-01": 24,
        "student-08": 0,
    }
    for student, one in summary.grades.items():
        result = course.result(student)
        assert result["status"] == one.status
        assert (result["score"] is None) == (one.status is not Status.graded)
        assert (result["reason"] is None) == (one.status is Status.graded)
        assert list(result["exercises"]) == (list(course.assignment.exercises) if one.score is not None else [])


def test_results_are_read_back_in_order(course):
    for student in ("b", "a", "c"):
        course.hand_in(student, "nothing")
    summary = grade(course)
    read = list(read_results(course.folder, NAME))
    assert [one.student for one in read] == ["a", "b", "c"]
    assert {one.student: one for one in read} == {
        student: Grade.from_json(one.to_json()) for student, one in summary.grades.items()
    }


def test_nothing_handed_in_is_an_empty_class(course):
    assert grade(course).grades == {}
    assert not (course.folder / "results").exists()


# what is graded


def test_what_is_graded_and_unchanged_is_skipped(course):
    course.hand_in("student-01")
    course.hand_in("student-02", "unreadable")
    assert grade(course).fresh == ["student-01", "student-02"]
    before = course.snapshot()
    summary = grade(course)
    assert summary.fresh == []
    assert list(summary.grades) == ["student-01", "student-02"]
    assert course.snapshot() == before


def test_what_has_changed_is_graded_again(course):
    course.hand_in("student-01")
    course.hand_in("student-02")
    grade(course)
    course.hand_in("student-01", WRONG)
    summary = grade(course)
    assert summary.fresh == ["student-01"]
    assert (summary.before["student-01"].score, summary.grades["student-01"].score) == (24, 15)
    assert course.result("student-01")["score"] == 15


def test_what_comes_later_is_graded_then(course):
    course.hand_in("student-01", "unreadable")
    grade(course)
    course.hand_in("student-02", "unreadable")
    assert grade(course).fresh == ["student-02"]


def test_a_notebook_that_was_missing_is_graded_when_it_comes(course):
    (course.folder / "submitted" / "student-01" / NAME).mkdir(parents=True)
    assert statuses(grade(course)) == {"student-01": Status.missing}
    assert grade(course).fresh == []
    course.hand_in("student-01")
    assert statuses(grade(course)) == {"student-01": Status.graded}


@pytest.mark.parametrize("name", ["test_fit_gain.py", "probe_fit_gain.py", "oracle.py"])
def test_a_change_of_the_hidden_tests_grades_all_again(course, hidden, name):
    course.hand_in("student-01", "unreadable")
    grade(course)
    assert grade(course).fresh == []
    with (hidden / name).open("a") as file:
        file.write("# another line\n")
    assert grade(course).fresh == ["student-01"]


def test_a_changed_hidden_test_changes_the_score(course, hidden):
    course.hand_in("student-01")
    assert grade(course).grades["student-01"].score == 24
    path = hidden / "test_linear_gain.py"
    path.write_text(path.read_text().replace('assert seen.flag("floating")', 'assert not seen.flag("floating")'))
    assert grade(course).grades["student-01"].score == 23.5


def test_a_student_can_be_chosen(course):
    for student in ("student-01", "student-02", "student-03"):
        course.hand_in(student, "unreadable")
    summary = grade(course, "student-02", "student-03")
    assert summary.fresh == ["student-02", "student-03"]
    assert list(summary.grades) == ["student-02", "student-03"]
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


@pytest.mark.parametrize("student", ["student-99", "../student-01", "", ".", "a file"])
def test_a_student_who_is_not_there_is_wrong_usage(course, student):
    course.hand_in("student-01", "unreadable")
    (course.folder / "submitted" / "a file").touch()
    before = course.snapshot()
    with pytest.raises(UsageError, match="no folder submitted/"):
        grade(course, "student-01", student)
    assert course.snapshot() == before


def test_regrade_grades_what_is_unchanged_and_repeats_the_draws(course):
    course.hand_in("student-01", WRONG)
    first = grade(course).grades["student-01"]
    summary = grade(course, regrade=True)
    assert summary.fresh == ["student-01"]
    assert summary.grades["student-01"].exercises == first.exercises
    assert summary.grades["student-01"].provenance == first.provenance


@pytest.mark.parametrize("what", ["kit_sha256", "numpy", "hidden_tests_sha256"])
def test_what_was_graded_by_another_kit_is_graded_again(course, what):
    course.hand_in("student-01", "unreadable")
    grade(course)
    path = course.folder / "results" / NAME / "student-01.json"
    result = json.loads(path.read_text())
    path.write_text(json.dumps({**result, "provenance": {**result["provenance"], what: "another"}}))
    assert grade(course).fresh == ["student-01"]
    assert grade(course).fresh == []


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"schema": 99}'])
def test_a_damaged_result_file_is_graded_again(course, damage):
    course.hand_in("student-01", "unreadable")
    grade(course)
    path = course.folder / "results" / NAME / "student-01.json"
    good = path.read_text()
    path.write_text(damage)
    assert grade(course).fresh == ["student-01"]
    assert json.loads(path.read_text())["status"] == json.loads(good)["status"]


# dry run


def test_a_dry_run_writes_nothing_at_all(course):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    grade(course)
    course.hand_in("student-02")
    course.hand_in("student-03", "unreadable")
    before = course.snapshot()
    summary = grade(course, regrade=True, dry_run=True)
    assert course.snapshot() == before
    assert summary.fresh == ["student-01", "student-02", "student-03"]
    assert (summary.before["student-02"].score, summary.grades["student-02"].score) == (15, 24)
    assert "student-03" not in summary.before


def test_a_dry_run_before_any_run_writes_nothing_either(course):
    course.hand_in("student-01", "unreadable")
    before = course.snapshot()
    assert statuses(grade(course, dry_run=True)) == {"student-01": Status.unreadable}
    assert course.snapshot() == before


# seed


def test_the_seed_is_drawn_once_and_kept_from_others(course):
    course.hand_in("student-01", "unreadable")
    grade(course)
    path = course.folder / "results" / NAME / ".seed"
    seed = class_seed(course.folder, NAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert course.result("student-01")["provenance"]["seed"] == seed
    grade(course, regrade=True)
    assert class_seed(course.folder, NAME) == seed


def test_two_courses_draw_different_seeds(tmp_path):
    assert class_seed(tmp_path / "one", NAME) != class_seed(tmp_path / "two", NAME)


def test_all_of_a_class_are_asked_the_same(course):
    for student in ("student-01", "student-02"):
        course.hand_in(student, WRONG)
    one, two = grade(course).grades.values()
    assert one.exercises == two.exercises
    assert one.provenance == two.provenance


# our own faults


@pytest.fixture
def broken_for(monkeypatch):
    """broken_for(n): the judge fails at its n-th submission."""
    real = Judge.judge

    def fail(number):
        count = iter(range(1, 100))

        def judge(self, *arguments):
            if next(count) == number:
                raise GraderFault("The hidden test test_x is broken: IndexError")
            return real(self, *arguments)

        monkeypatch.setattr(Judge, "judge", judge)

    return fail


def test_a_fault_of_the_grader_is_no_grade_and_the_run_goes_on(course, broken_for):
    for student in ("student-01", "student-02", "student-03"):
        course.hand_in(student)
    broken_for(2)
    summary = grade(course)
    assert statuses(summary) == {
        "student-01": Status.graded,
        "student-02": Status.grader_error,
        "student-03": Status.graded,
    }
    assert [one.student for one in summary.troubled] == ["student-02"]
    result = course.result("student-02")
    assert (result["status"], result["score"], result["exercises"]) == ("grader_error", None, {})
    assert "is broken" in result["reason"]
    assert not (course.folder / "autograded" / "student-02").exists()


def test_a_fault_of_the_grader_is_tried_again_in_the_next_run(course, broken_for):
    course.hand_in("student-01")
    broken_for(1)
    assert statuses(grade(course)) == {"student-01": Status.grader_error}
    summary = grade(course)
    assert summary.fresh == ["student-01"]
    assert statuses(summary) == {"student-01": Status.graded}


def test_hidden_tests_that_do_not_fit_the_notebook_grade_nobody(course, hidden):
    course.hand_in("student-01")
    path = hidden / "test_linear_gain.py"
    path.write_text(re.sub(r"@points\(\s*1,", "@points(1.5,", path.read_text(), count=1))
    with pytest.raises(GraderFault, match="the notebook says"):
        grade(course)
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


def test_hidden_tests_that_cannot_be_read_grade_nobody(course, hidden):
    course.hand_in("student-01")
    (hidden / "test_linear_gain.py").write_text("def test_it(:\n")
    with pytest.raises(GraderFault, match="cannot be collected"):
        grade(course)
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


def test_what_was_graded_before_an_interruption_is_kept(course, monkeypatch):
    for student in ("student-01", "student-02"):
        course.hand_in(student)
    real, asked = Judge.judge, []

    def interrupted(self, *arguments):
        asked.append(1)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return real(self, *arguments)

    monkeypatch.setattr(Judge, "judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade(course)
    summary = grade(course)
    assert summary.fresh == ["student-02"]
    assert [one.score for one in summary.grades.values()] == [24, 24]


# who watches


def test_a_watcher_hears_how_many_are_due_and_each_as_it_is_graded(course):
    heard = []

    class Watcher:
        def begin(self, total):
            heard.append(total)

        def tell(self, one):
            heard.append(one.student)

    for student in ("student-01", "student-02"):
        course.hand_in(student, "unreadable")
    grade(course, watcher=Watcher())
    assert heard == [2, "student-01", "student-02"]


def test_the_first_grade_is_written_at_once_and_the_others_together(course, monkeypatch):
    """The first says that all is well; a transaction for each one would take longer than to grade it."""
    written = []
    real = Gradebook.record
    monkeypatch.setattr(Gradebook, "record", lambda self, batch: (written.append(len(batch)), real(self, batch)))
    monkeypatch.setattr(run, "BATCH_SECONDS", 60)
    for number in range(1, 6):
        course.hand_in(f"student-{number:02}", "unreadable")
    grade(course)
    assert written == [1, 4]
