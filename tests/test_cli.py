"""The command line: exit codes, one line for wrong usage, and what a run looks like."""

import subprocess
import sys

import pytest

from autograder import __version__
from autograder.errors import GraderFault
from autograder.judging.judge import Judge

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}


# wrong usage


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Missing command"),
        (["no-such-command"], "No such command 'no-such-command'"),
        (["report"], "Missing argument 'ASSIGNMENT'"),
        (["grade", "no_such"], "There is no assignment 'no_such' here"),
        (["grade", ".."], "There is no assignment '..' here"),
        (["grade", NAME, "--fast"], "--fast"),
        (["grade", NAME, "extra"], "unexpected extra argument"),
        (["grade", NAME, "--workers", "1", "--student"], "requires an argument"),
        (["grade", NAME, "--student", "student-99"], "There is no folder submitted/student-99"),
        (["grade", NAME, "--workers", "0"], "0 is not in the range"),
        (["grade", NAME, "--workers", "two"], "not a valid int"),
        (
            ["grade", NAME, "--workers", "2", "--scheduler", "tcp://127.0.0.1:8786"],
            "--workers goes without --scheduler",
        ),
        (["grade", NAME, "--isolation", "some"], "'some' is not one of"),
        (["grade"], "Missing argument 'ASSIGNMENT'"),
        (["report", NAME], "Nothing is graded yet"),
        (["report", "no_such"], "There is no assignment 'no_such' here"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2_with_one_line_on_stderr(command, course, words, told):
    before = course.snapshot()
    code, out, err = command(*words)
    assert code == 2
    assert told in err
    assert err.startswith("autograder: ")
    assert err.count("\n") == 1
    assert out == ""
    assert course.snapshot() == before


@pytest.mark.parametrize(
    "line",
    [
        "c.AutograderLimits.cell = 0",
        "c.AutograderLimits.cell = 'long'",
        "c.AutograderLimits.celll = 3",
        "c.AutograderLimits.memory = True",
    ],
)
def test_a_limit_that_is_none_is_wrong_usage(command, course, line):
    course.hand_in("student-01", "unreadable")
    course.configure(line)
    code, _, err = command("grade", NAME)
    assert code == 2
    assert "c.AutograderLimits.cel" in err or "c.AutograderLimits.memory" in err
    assert err.count("\n") == 1


def test_a_folder_that_is_no_course_is_wrong_usage(command, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, _, err = command("grade", NAME)
    assert code == 2
    assert err.startswith("autograder: This is not a course folder: there is no nbgrader_config.py here.")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["grade", "--help"], ["report", "-h"], ["--version"]])
def test_help_is_0(command, words):
    code, out, err = command(*words)
    assert code == 0
    assert ("Usage:" in out) or (__version__ in out)
    assert err == ""


# grading


def test_a_run_ends_with_the_table_of_the_class(command, course):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    course.hand_in("student-03", "no notebook")
    code, out, err = command("grade", NAME)
    assert (code, err) == (0, "")
    assert "student-01: 24/24" in out
    assert "student-02: 15/24" in out
    assert "student-03: unreadable" in out
    assert "differentiable_gain: 3 submissions" in out
    assert "3 graded now, 0 unchanged since the last run." in out
    assert "student-03 gets 0: " in out


def test_a_second_run_grades_nothing_and_shows_the_same_class(command, course):
    course.hand_in("student-01", "no notebook")
    command("grade", NAME)
    code, out, _ = command("grade", NAME)
    assert code == 0
    assert "0 graded now, 1 unchanged since the last run." in out


def test_students_can_be_chosen(command, course):
    for student in ("student-01", "student-02", "student-03"):
        course.hand_in(student, "no notebook")
    code, out, _ = command("grade", NAME, "--student", "student-02", "--student", "student-03")
    assert code == 0
    assert "differentiable_gain: 2 submissions" in out
    assert not [line for line in out.splitlines() if line.strip().startswith("student-01")]


def test_an_empty_class_is_0(command):
    code, out, err = command("grade", NAME)
    assert (code, err) == (0, "")
    assert "Nothing to grade" in out


def test_a_dry_run_shows_what_would_change_and_writes_nothing(command, course):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    command("grade", NAME)
    course.hand_in("student-02")
    before = course.snapshot()
    code, out, _ = command("grade", NAME, "--regrade", "--dry-run")
    assert code == 0
    assert course.snapshot() == before
    changed = [line for line in out.splitlines() if line.startswith("student-02 ") and "→" in line]
    assert changed
    assert "15" in changed[0]
    assert "24" in changed[0]
    assert "failed → passed" in out or "errored → passed" in out
    assert "1 of 2 would change" in out
    assert not [line for line in out.splitlines() if line.startswith("student-01 ")]


def test_a_dry_run_without_a_change_says_so(command, course):
    course.hand_in("student-01")
    command("grade", NAME)
    code, out, _ = command("grade", NAME, "--regrade", "--dry-run")
    assert code == 0
    assert "No score would change" in out


def test_a_fault_of_the_grader_is_3_and_the_others_are_graded(command, course, monkeypatch):
    real, asked = Judge.judge, []

    def judge(self, *arguments):
        asked.append(1)
        if len(asked) == 1:
            raise GraderFault("The hidden test test_x is broken.")
        return real(self, *arguments)

    monkeypatch.setattr(Judge, "judge", judge)
    course.hand_in("student-01")
    course.hand_in("student-02")
    code, out, _ = command("grade", NAME)
    assert code == 3
    assert "student-01: grader_error" in out
    assert "student-02: 24/24" in out
    assert "The hidden test test_x is broken." in out
    with course.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["student-02"]


def test_a_dry_run_with_a_fault_of_the_grader_is_3(command, course, monkeypatch):
    def judge(self, *_):
        raise GraderFault("broken")

    monkeypatch.setattr(Judge, "judge", judge)
    course.hand_in("student-01")
    code, _, _ = command("grade", NAME, "--dry-run")
    assert code == 3


def test_a_grader_that_cannot_begin_is_3(command, course):
    for path in (course.folder / "hidden" / NAME).glob("*.py"):
        path.unlink()
    course.hand_in("student-01")
    code, _, err = command("grade", NAME)
    assert code == 3
    assert "cannot be collected" in err


def test_a_report_is_written(command, course):
    course.hand_in("student-01")
    command("grade", NAME)
    code, out, _ = command("report", NAME)
    assert code == 0
    assert out == f"Wrote report-{NAME}.html\n"
    assert "<html" in (course.folder / f"report-{NAME}.html").read_text(encoding="utf-8")
    assert command("report", NAME, "--output", "other.html")[0] == 0
    assert (course.folder / "other.html").is_file()


# as it is installed


@pytest.mark.timeout(720)
def test_the_installed_command_grades_a_class_in_sandboxes_of_its_own(course):
    course.hand_in("student-01")
    course.hand_in("student-02", {"fit_gain": "import os\nos._exit(0)"})
    done = course.run("autograder", "grade", NAME, "--workers", "2", timeout=600)
    assert done.returncode == 0, done.stderr
    assert course.result("student-01")["score"] == 24
    assert course.result("student-02")["exercises"]["test_spectral_loss"]["score"] == 5
    assert course.result("student-02")["exercises"]["test_fit_gain"]["score"] == 0


def test_the_module_is_the_command(course):
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--version"],
        cwd=course.folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert __version__ in done.stdout
