"""A course of one's own: from nothing to grades, with nothing changed, and every misfit named in a sentence."""

import json
import re

import nbformat
import pytest

from autograder.course import scaffold
from autograder.course.assignment import Assignment
from autograder.errors import UsageError

NAME = "filters"
EXERCISES = ("one_pole", "moving_average")


@pytest.fixture
def made(tmp_path, command, monkeypatch):
    """A new course folder with a new assignment; one stands in it."""
    list(scaffold.init(tmp_path / "signals 101"))
    monkeypatch.chdir(tmp_path / "signals 101")
    scaffold.new(tmp_path / "signals 101", NAME, EXERCISES)
    return tmp_path / "signals 101"


def test_init_makes_a_course_and_touches_nothing_that_is_there(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("mine")
    code, out, _ = command("init", "mine")
    assert code == 0
    assert (tmp_path / "mine" / "README.md").read_text() == "mine"
    assert re.search(r"kept +\S+README.md", out)
    assert 'configure(c, course_id="mine")' in (tmp_path / "mine" / "nbgrader_config.py").read_text()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "mine").rglob("*")}
    assert command("init", "mine")[0] == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "mine").rglob("*")} == before


def test_a_new_assignment_fits_together_as_it_is(made, command):
    code, out, _ = command("check", NAME)
    assert (code, out) == (
        0,
        f"  note  release/{NAME}/{NAME}.ipynb: It is not made yet: nbgrader generate_assignment "
        f"{NAME} --force\n{NAME}: everything fits together.\n",
    )


@pytest.mark.timeout(1200)
def test_the_audit_of_a_new_assignment_holds(made, command):
    code, out, err = command("audit", NAME, "--seeds", "3", "--workers", "1")
    assert code == 0, out + err


def test_a_new_assignment_is_graded(made, command):
    assignment = Assignment(NAME, made)
    folder = made / "submitted" / "student-01" / NAME
    folder.mkdir(parents=True)
    nbformat.write(assignment.released, folder / f"{NAME}.ipynb")
    assert command("grade", NAME)[0] == 0
    result = json.loads((made / "results" / NAME / "student-01.json").read_bytes())
    assert (result["score"], result["max_score"]) == (0, 3 * len(EXERCISES))


@pytest.mark.parametrize(
    "words",
    [
        ["new", "../up", "--exercise", "a"],
        ["new", "a b", "--exercise", "a"],
        ["new", NAME, "--exercise", "a"],
        ["new", "other", "--exercise", "Not-a-name"],
        ["new", "other", "--exercise", "class"],
        ["new", "other"],
        ["new", "other", "--exercise", "a", "--exercise", "a"],
        ["new", "other", "--exercise", "test_a"],
        ["new", "other", "--exercise", "setup"],
        ["new", "", "--exercise", "a"],
    ],
)
def test_names_that_cannot_be_used_are_wrong_usage(made, command, words):
    before = sorted(made.rglob("*"))
    code, out, err = command(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sorted(made.rglob("*")) == before


def test_a_folder_in_which_nbgrader_cannot_work_is_no_course(tmp_path):
    with pytest.raises(UsageError, match="leave"):
        list(scaffold.init(tmp_path / "why filters?"))
    assert not list(tmp_path.iterdir())


# what `check` finds


def _replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _unlink(course):
    return course.unlink()


SOURCE, HIDDEN, ANSWERS = f"source/{NAME}/{NAME}.ipynb", f"hidden/{NAME}", f"answers/{NAME}"


@pytest.mark.parametrize(
    ("path", "change", "told"),
    [
        (f"{HIDDEN}/probe_one_pole.py", ("def mix(", "def mixx("), "There is no probe mix"),
        (
            f"{HIDDEN}/probe_one_pole.py",
            ('return {"y": y', 'return {"y": yy'),
            "uses the name yy, which is defined now",
        ),
        (f"{HIDDEN}/probe_one_pole.py", ("def mix(", "def mix(("), "is not Python"),
        (f"{HIDDEN}/probe_one_pole.py", None, "Its probes are missing: write probe_one_pole.py"),
        (f"{HIDDEN}/test_one_pole.py", None, "It has no hidden tests: write"),
        (f"{HIDDEN}/test_one_pole.py", ("@points(1", "@points(2"), "The notebook gives 3 points, the hidden tests 6"),
        (f"{HIDDEN}/test_one_pole.py", ("from .oracle import SINGLE", "from .oracle import SINGEL"), "SINGEL"),
        (f"{HIDDEN}/test_one_pole.py", ("mixed(x, 0.5)", "mixed(x, 0.7)"), "the reference solution: It does not pass"),
        (f"{HIDDEN}/probe_one_pole.py", ("x.requires_grad_()", "x.requires_grade_()"), "the reference solution"),
        (SOURCE, ('"grade_id": "test_one_pole"', '"grade_id": "test_two_pole"'), "test_two_pole.py"),
        (SOURCE, ('"nbformat"', '"nbformatted'), "is not a notebook"),
        (f"{ANSWERS}/misconceptions/one-pole-mean-whole.py", ("test_one_pole", "test_no_pole"), "test_no_pole, which"),
        (f"{ANSWERS}/misconceptions/one-pole-mean-whole.py", ("# costs: test_one_pole\n", ""), "does not say what it"),
        (f"{ANSWERS}/alternatives/one-pole-with-lerp.py", ("# %% one_pole", "# %% no_pole"), "there is no place for"),
        ("nbgrader_config.py", ("configure(c, ", "dict(c=c, "), "runs student code itself"),
        (
            "nbgrader_config.py",
            ("configure(c, ", "c.AutograderLimits.cel = 5; configure(c, "),
            "c.AutograderLimits.cel",
        ),
        (
            "nbgrader_config.py",
            ("configure(c, ", 'configure(c, warm_imports=["colorsys", "no_such_module.part"], '),
            "warm_imports: no_such_module.part is not installed here.",
        ),
        ("nbgrader_config.py", ("configure(c, ", 'configure(c, warm_imports=["a b"], '), "not the name of a module"),
        ("requirements.txt", ("# What", "no-such-package-at-all\n# What"), "no-such-package-at-all is not installed"),
    ],
)
def test_what_does_not_fit_is_named_in_a_sentence(made, command, path, change, told):
    if change is None:
        (made / path).unlink()
    else:
        _replace(made / path, *change)
    code, out, err = command("check", NAME)
    assert code == 1 or (code, out) == (2, "")
    assert told in " ".join((out + err).split())
    assert "Traceback" not in out + err


def test_an_assignment_without_answers_is_checked_and_audited(made, command):
    import shutil

    shutil.rmtree(made / "answers")
    code, out, _ = command("check", NAME)
    assert code == 0
    assert "There is no such folder; the audit looks there for answers that are right." in " ".join(out.split())
    code, out, err = command("audit", NAME, "--exercise", "test_one_pole", "--seeds", "1", "--workers", "1")
    assert code in (0, 1)
    assert "Traceback" not in out + err


def test_a_probe_that_fails_for_the_reference_too_costs_nobody_a_point(made, command):
    """A typo that only shows when it is asked."""
    _replace(made / HIDDEN / "probe_one_pole.py", "x.requires_grad_()", "x.requires_grade_()")
    folder = made / "submitted" / "student-01" / NAME
    folder.mkdir(parents=True)
    from autograder.course import answers

    nbformat.write(answers.notebook(Assignment(NAME, made)), folder / f"{NAME}.ipynb")
    code, out, _ = command("grade", NAME)
    assert code == 3
    assert "stops with an error for the reference solution too, so its probe is wrong" in " ".join(out.split())
    assert json.loads((made / "results" / NAME / "student-01.json").read_bytes())["status"] == "grader_error"
