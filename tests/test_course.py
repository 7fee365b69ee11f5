"""A course folder is read as its nbgrader_config.py describes it."""

import shutil

import pytest

from autograder.course.assignment import Assignment
from autograder.course.folder import limits, settings, submitted
from autograder.course.limits import Limits
from autograder.errors import UsageError

NAME = "differentiable_gain"


def configured(folder, text=""):
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n")
    return folder


def test_without_settings_the_limits_are_those_of_the_notebook(tmp_path):
    assert limits(configured(tmp_path)) == Limits(cell=60, question=10, submission=120, memory=2 * 2**30)


def test_the_course_that_comes_with_the_kit_keeps_what_the_notebook_says(assignment):
    assert limits(assignment.course) == Limits()
    text = "\n".join(cell.source for cell in assignment.source.cells)
    assert "60 seconds for a cell, 10 seconds for a question" in text
    assert "2 GiB of memory, 120 seconds for everything" in text


def test_limits_can_be_set(tmp_path):
    found = limits(configured(tmp_path, "c.AutograderLimits.cell = 5\nc.AutograderLimits.question = 0.5"))
    assert (found.cell, found.question, found.submission) == (5, 0.5, 120)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("c.AutograderLimits.cel = 5", "cel is not a limit; there are cell, memory, question, submission"),
        ("c.AutograderLimits.cell = 0", "cell must be a positive number, not 0"),
        ("c.AutograderLimits.cell = -1", "must be a positive number"),
        ("c.AutograderLimits.cell = '5'", "must be a positive number, not '5'"),
        ("c.AutograderLimits.cell = True", "must be a positive number, not True"),
        ("c.AutograderLimits.cell = float('nan')", "must be a positive number, not nan"),
        ("c.AutograderLimits.cell = float('inf')", "must be a positive number, not inf"),
    ],
)
def test_a_limit_is_a_positive_number(tmp_path, line, told):
    with pytest.raises(UsageError, match=told.replace("+", r"\+")):
        limits(configured(tmp_path, line))


@pytest.mark.parametrize("text", ["this is no Python", "1 / 0", "import nothing_of_this_name"])
def test_a_configuration_that_cannot_be_read_is_wrong_usage(tmp_path, text):
    with pytest.raises(UsageError, match=r"nbgrader_config\.py cannot be read"):
        settings(configured(tmp_path, text))


def test_settings_are_those_of_the_folder_and_not_of_where_one_is(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    configured(tmp_path / "here", "c.CourseDirectory.course_id = 'here'")
    there = configured(tmp_path / "there", "c.CourseDirectory.course_id = 'there'")
    monkeypatch.chdir(tmp_path / "here")
    course = settings(there).coursedir
    assert course.course_id == "there"
    assert course.root == str(there)
    assert str(there) in course.db_url


def test_students_are_the_folders_in_submitted(tmp_path):
    for name in ("student-02", "student-01", ".hidden", "Zoë"):
        (tmp_path / "submitted" / name).mkdir(parents=True)
    (tmp_path / "submitted" / "a file").touch()
    found = submitted(tmp_path, NAME)
    assert list(found) == ["Zoë", "student-01", "student-02"]
    assert found["student-01"] == tmp_path / "submitted" / "student-01" / NAME


def test_without_a_submitted_folder_there_are_no_students(tmp_path):
    assert submitted(tmp_path, NAME) == {}


def test_an_assignment_needs_a_source_and_hidden_tests(tmp_path, assignment):
    with pytest.raises(UsageError, match="There is no assignment 'other' here"):
        Assignment("other", assignment.course)
    (tmp_path / "source" / "other").mkdir(parents=True)
    (tmp_path / "source" / "other" / "other.ipynb").write_text("{}")
    with pytest.raises(UsageError, match="'other' has no hidden tests"):
        Assignment("other", tmp_path)


def test_points_come_from_the_notebook(assignment):
    assert assignment.exercises == {
        "test_linear_gain": 5,
        "test_fit_gain": 6,
        "test_phase_shift": 4,
        "test_spectral_loss": 5,
        "test_recover_gain": 4,
    }
    assert list(assignment.exercises) == [
        "test_linear_gain",
        "test_fit_gain",
        "test_phase_shift",
        "test_spectral_loss",
        "test_recover_gain",
    ]
    assert assignment.by_hand == {"phase_shift_explained": 2, "polarity_explained": 2}
    assert assignment.max_score == 24


def test_the_hash_of_the_hidden_tests_names_every_byte(assignment, tmp_path):
    for part in ("source", "hidden"):
        shutil.copytree(assignment.course / part / NAME, tmp_path / part / NAME)
    given = assignment.hidden_tests_sha256

    def now():
        return Assignment(NAME, tmp_path).hidden_tests_sha256

    assert now() == given
    path = tmp_path / "hidden" / NAME / "oracle.py"
    path.write_bytes(path.read_bytes() + b"\n")
    changed = now()
    assert changed != given
    path.rename(path.with_name("oracles.py"))
    assert now() not in (changed, given)
