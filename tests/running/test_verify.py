"""A recorded grade can be derived again: it is the same, or it is said what differs."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder import demo
from autograder.course.assignment import Assignment
from autograder.running import verify as module
from autograder.running.grade_class import grade_class
from autograder.running.verify import verify

NAME = "differentiable_gain"
ROOT = Path(__file__).resolve().parents[2]
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}

pytestmark = pytest.mark.usefixtures("warm")


def grade(course):
    return grade_class(Assignment(NAME, course.folder))


def derive(course, *students):
    return {one.student: one for one in verify(Assignment(NAME, course.folder), students)}


@pytest.fixture
def say(course, monkeypatch, run_main):
    """say(word, ...): (exit code, stdout, stderr) of `autograder verify word ...` in the course folder."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(course.folder)

    def say(*words):
        return run_main("verify", *words, "--workers", "1")

    return say


@pytest.mark.timeout(1800)
def test_the_whole_sample_class_comes_out_the_same(course):
    # One of them hangs, and is left at the same places again: each cell and question runs into its own limit.
    course.configure(
        "c.AutograderLimits.cell = 8\nc.AutograderLimits.question = 4\nc.AutograderLimits.submission = 400"
    )
    for number, (_, content) in enumerate(demo.sample_class(Assignment(NAME, ROOT)), start=1):
        course.hand_in(f"student-{number:02}", content if isinstance(content, str) else nbformat.from_dict(content))
    graded = grade(course).grades
    assert len(graded) >= 14
    before = course.snapshot()
    found = derive(course)
    assert found.keys() == graded.keys()
    assert [one.to_data() for one in found.values() if not one.same] == []
    assert {student: one.again.score for student, one in found.items()} == {
        student: one.score for student, one in graded.items()
    }
    assert course.snapshot() == before


def test_the_same_is_0_and_something_else_is_1(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    grade(course)
    code, out, err = say(NAME)
    assert (code, err) == (0, "")
    assert "2 grades derived again from what was recorded: the same." in out
    path = course.folder / "results" / NAME / "student-02.json"
    path.write_text(path.read_text().replace('"seed": ', '"seed": 1', 1))
    assert say(NAME)[0] == 0, "another seed, the same verdicts"
    path.write_text(path.read_text().replace('"verdict": "passed"', '"verdict": "failed"', 1))
    code, out, _ = say(NAME, "--json")
    assert code == 1
    one, two = json.loads(out)["grades"]
    assert (one["same"], two["same"]) == (True, False)
    assert [line.endswith("failed → passed") for line in two["outcome"]] == [True]
    assert say(NAME, "--student", "student-01")[0] == 0


def test_another_file_other_tests_and_another_torch_are_named(course, monkeypatch):
    course.hand_in("student-01")
    course.hand_in("student-02")
    grade(course)
    course.hand_in("student-01", WRONG)
    one, two = derive(course).values()
    assert [line.split(":")[0] for line in one.circumstances] == ["the submission"]
    assert one.outcome
    assert (one.recorded.score, one.again.score) == (24, 15)
    assert two.same
    with (course.folder / "hidden" / NAME / "oracle.py").open("a") as file:
        file.write("# changed\n")
    real = module.versions_that_must_match
    monkeypatch.setattr(module, "versions_that_must_match", lambda assignment: {**real(assignment), "torch": "9.9"})
    two = derive(course, "student-02")["student-02"]
    assert [line.split(":")[0] for line in two.circumstances] == ["the hidden tests", "torch"]
    assert two.circumstances[1].endswith("now 9.9")
    assert two.outcome == ()
    assert not two.same


def test_what_cannot_be_derived_says_why(course, say):
    for student in ("student-01", "student-02", "student-03"):
        course.hand_in(student, "no notebook")
    grade(course)
    (course.folder / "results" / NAME / "student-01.json").write_text("{")
    (course.folder / "submitted" / "student-02" / NAME / f"{NAME}.ipynb").unlink()
    (course.folder / "submitted" / "student-03").rename(course.folder / "taken out")
    found = derive(course)
    assert found["student-01"].circumstances == ("the result file cannot be read",)
    assert "status: unreadable → missing" in found["student-02"].outcome
    assert found["student-03"].circumstances == ("the submission is not in submitted/ any more",)
    assert say(NAME, "--student", "student-99")[0] == 2


def test_a_gradebook_with_another_score_is_named(course):
    course.hand_in("student-01")
    grade(course)
    with course.gradebook() as gradebook:
        gradebook.find_grade("test_fit_gain", NAME, NAME, "student-01").auto_score = 1
        gradebook.db.commit()
    assert derive(course)["student-01"].elsewhere == ("the gradebook has 1 for test_fit_gain, results/ 6",)


def test_a_course_without_results_is_wrong_usage(course, say):
    code, _, err = say(NAME)
    assert code == 2
    assert "Nothing is graded yet" in err
