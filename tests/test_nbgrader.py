"""nbgrader's own commands work in the same folder, and give the same grades in the same gradebook."""

import csv
import re

import nbformat
import pytest
from nbgrader.utils import determine_grade, is_grade

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
SLOW = 1200  # s for all commands together, on a loaded machine

pytestmark = pytest.mark.timeout(SLOW)


def ok(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def both(shared_course, entries):
    """The course graded by `autograder grade`, then by `nbgrader autograde`, and what the gradebook held each time."""
    course = shared_course
    students = {
        "student-01": None,
        "student-02": WRONG,
        "student-03": course.assignment.released,
        "student-04": {
            "after test_fit_gain": "print('3.0')\n7.5",
            "fit_gain": "def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):\n    return 1",
        },
        "student-05": "no notebook",
    }
    for student, what in students.items():
        course.hand_in(student, what)
    (course.folder / "submitted" / "student-01" / NAME / "timestamp.txt").write_text("2026-02-28 12:00:00.000000 UTC")
    held = {}
    ok(course.run("autograder", "grade", NAME, "--workers", "1"))
    held["autograder"] = {student: entries(course, student) for student in students}
    held["autograder notebooks"] = {student: course.autograded(student) for student in students}
    held["results"] = {student: course.result(student) for student in students}
    ok(course.run("nbgrader", "autograde", NAME, "--force"))
    held["nbgrader"] = {student: entries(course, student) for student in students}
    held["nbgrader notebooks"] = {student: course.autograded(student) for student in students}
    held["results after"] = {student: course.result(student) for student in students}
    return course, held


def test_both_commands_give_the_same_scores_and_comments(both):
    _, held = both
    assert held["nbgrader"] == held["autograder"]
    assert [found["score"] for found in held["nbgrader"].values()] == [
        result["score"] or 0 for result in held["results"].values()
    ]


def test_both_commands_give_the_scores_expected(both):
    _, held = both
    assert {student: found["score"] for student, found in held["nbgrader"].items()} == {
        "student-01": 24,
        "student-02": 15,
        "student-03": 0,
        "student-04": held["results"]["student-04"]["score"],
        "student-05": 0,
    }
    assert 0 < held["results"]["student-04"]["score"] < 24


def test_both_commands_write_the_same_results(both):
    _, held = both

    def timeless(result):
        return {name: value for name, value in result.items() if name != "seconds"}

    for student, result in held["results"].items():
        assert timeless(held["results after"][student]) == timeless(result)


def test_both_commands_write_the_same_notebooks(both):
    _, held = both
    for student, notebook in held["autograder notebooks"].items():
        other = held["nbgrader notebooks"][student]
        assert [cell.source for cell in other.cells] == [cell.source for cell in notebook.cells]
        for one, two in zip(notebook.cells, other.cells, strict=True):
            if is_grade(one):
                assert determine_grade(two) == determine_grade(one)
                assert two.get("outputs") == one.get("outputs")


@pytest.mark.parametrize("by", ["autograder notebooks", "nbgrader notebooks"])
def test_nbgrader_finds_the_score_of_the_results_in_each_notebook(both, by):
    _, held = both
    for student, notebook in held[by].items():
        nbformat.validate(notebook)
        scores = {
            cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)
        }
        for name, exercise in held["results"][student]["exercises"].items():
            assert scores[name] == exercise["score"]


def test_a_graded_cell_shows_the_score_then_the_checks(both):
    _, held = both
    for notebook in (held["autograder notebooks"]["student-02"], held["nbgrader notebooks"]["student-02"]):
        [cell] = [
            cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_spectral_loss"
        ]
        first, second, *_ = cell.outputs
        assert first.data["text/plain"] == "0.0"
        assert "The loss is right for noise of even and odd length" in second.data["text/plain"]
        assert "<table" in second.data["text/html"]


def test_after_autograde_there_is_nothing_left_to_grade(both):
    course, _ = both
    done = ok(course.run("autograder", "grade", NAME))
    assert "0 graded now, 5 unchanged" in done.stdout


@pytest.fixture(scope="module")
def feedback(both):
    course, _ = both
    ok(course.run("nbgrader", "generate_feedback", NAME))
    return {
        student: (course.folder / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        for student in ("student-01", "student-02", "student-03", "student-04", "student-05")
    }


def test_feedback_shows_the_checks_with_their_hints(feedback):
    assert "The loss is right for noise of even and odd length" in feedback["student-02"]
    assert "Look here first" in feedback["student-02"]
    assert "nothing has been written in it" in feedback["student-03"]


def test_feedback_shows_the_scores(feedback, both):
    _, held = both
    for student, page in feedback.items():
        found = re.search(r"<p class=total>([\d.]+) of ([\d.]+)", page)
        assert found, "no score in the page"
        assert float(found[1]) == (held["results"][student]["score"] or 0)
        assert float(found[2]) in (24, 28)  # 28 once nothing waits for a mark


def test_feedback_shows_nothing_of_the_hidden_tests(feedback, assignment):
    lines = {
        line.strip()
        for path in assignment.hidden.glob("*.py")
        if path.stem != "__init__"
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    begins = r"(assert|seen|expected|compare|def|return|source|values) ?\b.*[(=]"
    code = {line for line in lines if re.match(begins, line) and len(line) > 25}
    code = {line for line in code if not re.match(r"def (forward|__init__|fit|loss|estimate)\(", line)}
    assert len(code) > 80
    for page in feedback.values():
        for line in code:
            assert line not in page
        assert "HIDDEN TESTS" not in page
        assert "AssertionError: assert" not in page


def test_export_gives_the_scores(both):
    course, held = both
    ok(course.run("nbgrader", "export"))
    with (course.folder / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == ["student-01", "student-02", "student-03", "student-04", "student-05"]
    for student, result in held["results"].items():
        assert float(rows[student]["score"]) == (result["score"] or 0)
        assert float(rows[student]["max_score"]) == 28


def test_autograde_keeps_a_late_penalty_and_what_people_entered(both, entries):
    course, _ = both
    with course.gradebook() as gradebook:
        gradebook.find_grade("phase_shift_explained", NAME, NAME, "student-01").manual_score = 1.5
        gradebook.find_comment("fit_gain", NAME, NAME, "student-01").manual_comment = "Elegant."
        gradebook.db.commit()
    ok(course.run("nbgrader", "autograde", NAME, "--student", "student-01", "--force"))
    found = entries(course, "student-01")
    assert found["score"] == 25.5
    assert found["by hand"]["fit_gain"] == "Elegant."


def test_a_fault_of_the_grader_gives_no_grade_by_autograde_either(course):
    course.hand_in("student-01")
    course.configure(
        "import autograder.judging.judge\nfrom autograder.errors import GraderFault\n\n\n"
        "def broken(self, *_):\n    raise GraderFault('The hidden tests are broken today.')\n\n\n"
        "autograder.judging.judge.Judge.judge = broken"
    )
    done = course.run("nbgrader", "autograde", NAME)
    assert done.returncode != 0
    assert "broken today" in done.stdout + done.stderr
    assert course.result("student-01")["status"] == "grader_error"
    assert not (course.folder / "autograded" / "student-01" / NAME / f"{NAME}.ipynb").exists()
    with course.gradebook() as gradebook:
        scores = [grade.auto_score for grade in gradebook.find_submission_notebook(NAME, NAME, "student-01").grades]
    assert set(scores) == {None}
