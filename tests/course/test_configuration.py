"""A course says where things are, once, for nbgrader and for the kit, and never lets code run without walls."""

import os
import shutil
from pathlib import Path

import pytest
from conftest import content, hand_in

from autograder.course.assignment import Assignment
from autograder.course.configuration import require_own_steps
from autograder.course.folder import Folders, settings, submitted
from autograder.errors import UsageError
from autograder.running.grade_class import grade_class

NAME = "differentiable_gain"
OURS = "from autograder.course import configure\nc = get_config()\nconfigure(c, course_id='signals-101')\n"


@pytest.fixture
def configured(tmp_path):
    """configured(text): a course folder with this configuration."""

    def make(text):
        (tmp_path / "nbgrader_config.py").write_text(text)
        return tmp_path

    return make


def test_two_lines_are_a_whole_configuration(configured):
    course = configured(OURS)
    app = settings(course)
    require_own_steps(app)
    assert app.coursedir.course_id == "signals-101"
    assert Folders.of(course) == Folders.standard(course)


@pytest.mark.parametrize(
    "text",
    [
        "c = get_config()\nc.CourseDirectory.course_id = 'signals-101'\n",
        OURS + "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\n",
        OURS + "c.Autograde.autograde_preprocessors.insert(0, 'nbconvert.preprocessors.ExecutePreprocessor')\n",
        OURS + "from nbgrader.preprocessors import Execute\nclass Mine(Execute): pass\n"
        "c.Autograde.sanitize_preprocessors.append(Mine)\n",
        OURS + "c.Autograde.sanitize_preprocessors = []\n",
        OURS + "c.Autograde.exporter_class = 'nbconvert.exporters.NotebookExporter'\n",
        OURS + "c.Autograde.autograde_preprocessors = c.Autograde.autograde_preprocessors[1:]\n",
        OURS + "c.Autograde.autograde_preprocessors = ['no.such.Step']\n",
    ],
    ids=["nbgrader's own", "execute", "nbconvert's", "a subclass", "no restore", "exporter", "no grading", "not there"],
)
def test_a_course_in_which_nbgrader_runs_student_code_is_refused(configured, text):
    with pytest.raises(UsageError, match=r"from autograder\.course import configure"):
        require_own_steps(settings(configured(text)))


def test_grading_refuses_such_a_course_and_touches_nothing(command, course):
    course.hand_in("student-01")
    (course.folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'x'\n")
    before = sorted(course.folder.rglob("*"))
    code, out, err = command("grade", NAME)
    assert (code, out) == (2, "")
    assert "runs student code itself, without walls" in err
    assert err.count("\n") == 1
    assert sorted(course.folder.rglob("*")) == before


def test_every_folder_can_have_another_name(assignment, configured, sandbox):
    course = configured(
        OURS
        + """
c.CourseDirectory.source_directory = "staff/source"
c.CourseDirectory.submitted_directory = "in/submitted"
c.CourseDirectory.autograded_directory = "out/marked"
c.CourseDirectory.db_url = "sqlite:///marks.db"
c.Autograder.hidden_directory = "staff/hidden"
c.Autograder.answers_directory = "staff/answers"
c.Autograder.results_directory = "out/results"
"""
    )
    for part in ("source", "hidden"):
        shutil.copytree(assignment.course / part / NAME, course / "staff" / part / NAME)
    hand_in(course / "in" / "submitted" / "student-01" / NAME, content(assignment, None))
    assert list(submitted(course, NAME)) == ["student-01"]
    moved = Assignment(NAME, course)
    assert moved.hidden_tests_sha256 == assignment.hidden_tests_sha256
    here = Path.cwd()
    os.chdir(course)
    try:
        summary = grade_class(moved)
    finally:
        os.chdir(here)
    assert summary.grades["student-01"].score == 24
    assert (course / "out" / "results" / NAME / "student-01.json").is_file()
    assert (course / "out" / "marked" / "student-01" / NAME / f"{NAME}.ipynb").is_file()
    assert (course / "marks.db").is_file()
    assert not [name for name in ("results", "autograded", "submitted", "gradebook.db") if (course / name).exists()]
    assert {course / "staff" / "hidden", course / "in" / "submitted", course / "marks.db"} <= set(moved.folders.secret)


@pytest.mark.parametrize(
    "line",
    [
        "c.CourseDirectory.directory_structure = '{assignment_id}/{student_id}'",
        "c.Autograder.hidden_directory = 5",
        "c.Autograder.results_directory = ''",
    ],
)
def test_folders_that_the_kit_would_not_find_are_refused(configured, line):
    with pytest.raises(UsageError, match=r"c\.(CourseDirectory|Autograder)\."):
        Folders.of(configured(f"{OURS}{line}\n"))


def test_the_course_may_be_elsewhere(command, course, tmp_path, monkeypatch):
    course.hand_in("student-01")
    monkeypatch.chdir(tmp_path)
    assert command("grade", NAME)[0] == 2
    code, out, _ = command("grade", NAME, "--course", str(course.folder))
    assert code == 0
    assert "student-01" in out
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("--course", str(course.folder), "report", NAME, "--output", "here.html")
    assert code == 0
    assert (tmp_path / "here.html").is_file()
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("report", NAME, "--course", str(course.folder))
    assert code == 0
    assert (course.folder / f"report-{NAME}.html").is_file()


def test_a_folder_that_is_no_course_is_said(command, tmp_path):
    code, _, err = command("grade", NAME, "--course", str(tmp_path))
    assert code == 2
    assert "is not a course folder" in err
    assert "autograder init" in err
