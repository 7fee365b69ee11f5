"""nbgrader's exchange, as on a JupyterHub: from the release of the assignment to feedback that its owner fetches."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_docs import commands

NAME = "differentiable_gain"
COURSE_ID = "differentiable-audio"
ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "jupyterhub.md"
OF_STUDENTS = {"fetch_assignment", "submit", "fetch_feedback"}

pytestmark = pytest.mark.timeout(1200)


class Student:
    """A home and a working folder of their own, on the machine that the exchange is on."""

    def __init__(self, folder, exchange):
        self.folder = folder
        folder.mkdir()
        (folder / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.course_id = {COURSE_ID!r}\nc.Exchange.root = {str(exchange)!r}\n"
        )

    def run(self, *command):
        done = subprocess.run(
            [Path(sys.executable).parent / command[0], *command[1:]],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "JUPYTER_DATA_DIR": str(self.folder / "data")},
            capture_output=True,
            text=True,
            timeout=450,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def day(shared_course, tmp_path_factory):
    """The whole way: (the course, the student, what each command of staff said)."""
    course, place = shared_course, tmp_path_factory.mktemp("hub")
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course.configure(f"c.Exchange.root = {str(exchange)!r}")
    shutil.copytree(ROOT / "release" / NAME, course.folder / "release" / NAME)
    student = Student(place / "home", exchange)

    def staff(*command):
        done = course.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    said = {}
    for command in commands(PAGE):
        name = command.split()[1]
        if name == "submit":
            shutil.copy(ROOT / "solutions" / NAME / f"{NAME}.ipynb", student.folder / NAME)
        who = student.run if name in OF_STUDENTS else staff
        said[name] = who(*command.split())
    return course, student, said, staff


def test_what_was_submitted_is_collected_and_graded(day):
    course, _, said, _ = day
    [collected] = (course.folder / "submitted").iterdir()
    assert course.result(collected.name)["score"] == 24
    assert collected.name in said["grade"]


@pytest.mark.parametrize("writes", [("autograder", "feedback"), ("nbgrader", "generate_feedback", "--force")])
def test_its_owner_fetches_the_feedback(day, writes):
    course, student, _, staff = day
    shutil.rmtree(course.folder / "feedback", ignore_errors=True)
    shutil.rmtree(student.folder / NAME / "feedback", ignore_errors=True)
    staff(writes[0], writes[1], NAME, *writes[2:])
    staff("nbgrader", "release_feedback", NAME)
    student.run("nbgrader", "fetch_feedback", NAME, "--course", COURSE_ID)
    [page] = (student.folder / NAME / "feedback").rglob(f"{NAME}.html")
    [written] = (course.folder / "feedback").rglob(f"{NAME}.html")
    assert page.read_bytes() == written.read_bytes()


def test_a_later_submission_is_collected_and_others_are_kept_out_of_the_release(day):
    """As the page says: `--update`, and who did not come through the exchange has no page in it."""
    course, student, _, staff = day
    shutil.copy(ROOT / "release" / NAME / f"{NAME}.ipynb", student.folder / NAME)
    student.run("nbgrader", "submit", NAME, "--course", COURSE_ID)
    [collected] = (course.folder / "submitted").iterdir()
    first = (collected / NAME / "timestamp.txt").read_text()
    staff("nbgrader", "collect", NAME, "--update")
    assert (collected / NAME / "timestamp.txt").read_text() > first
    course.hand_in("student-02")
    staff("autograder", "grade", NAME)
    assert (course.result(collected.name)["score"], course.result("student-02")["score"]) == (0, 24)
    staff("autograder", "feedback", NAME)
    alone = course.run("nbgrader", "release_feedback", NAME)
    assert alone.returncode != 0
    assert "student-02" in alone.stdout + alone.stderr
    shutil.rmtree(student.folder / NAME / "feedback", ignore_errors=True)
    staff("nbgrader", "release_feedback", NAME, "--CourseDirectory.student_id_exclude=student-02")
    student.run("nbgrader", "fetch_feedback", NAME, "--course", COURSE_ID)
    pages = [path.read_bytes() for path in (student.folder / NAME / "feedback").rglob(f"{NAME}.html")]
    assert (course.folder / "feedback" / collected.name / NAME / f"{NAME}.html").read_bytes() in pages
