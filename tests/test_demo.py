"""The sample class holds one of each kind, and comes to a grade table and a report."""

import subprocess
import sys

import pytest

from autograder import demo
from autograder.course.folder import limits
from autograder.errors import UsageError

NAME = "differentiable_gain"
SECONDS = 200


@pytest.fixture
def sample(assignment, tmp_path):
    return demo.make_course(assignment, tmp_path / "demo")


def test_the_sample_class_has_one_of_each_kind(assignment):
    class_ = list(demo.sample_class(assignment))
    assert len(class_) >= 12
    said = [sentence for sentence, _ in class_]
    assert len(set(said)) == len(said)
    assert any(isinstance(content, str) for _, content in class_)  # one that cannot be read
    assert any(content is assignment.released for _, content in class_)  # one untouched
    assert said[0] == "the reference solution"


def test_the_course_folder_is_complete_and_hurries(sample):
    assert len(list((sample.course / "submitted").iterdir())) == len(list(demo.sample_class(sample)))
    assert limits(sample.course).submission < 20


def test_a_second_demo_replaces_the_first(assignment, sample):
    (sample.course / "left over").touch()
    again = demo.make_course(assignment, sample.course)
    assert not (again.course / "left over").exists()


def test_a_folder_with_other_things_is_left_alone(assignment, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="did not make"):
        demo.make_course(assignment, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_will_do(assignment, tmp_path):
    assert demo.make_course(assignment, tmp_path).course == tmp_path


@pytest.mark.timeout(2 * SECONDS)
def test_the_demo_grades_its_class_and_writes_a_report(assignment, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "demo", NAME, "--output", str(tmp_path / "demo")],
        cwd=assignment.course,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(demo.sample_class(assignment)))
    assert f"{NAME}: {count} submissions" in done.stdout
    assert f"{count} graded now" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert (tmp_path / "demo" / f"report-{NAME}.html").is_file()
    assert len(list((tmp_path / "demo" / "results" / NAME).glob("student-*.json"))) == count
    assert (tmp_path / "demo" / "release" / NAME / f"{NAME}.ipynb").is_file()
