"""The zip for Gradescope: whole, closed, and it grades there as the kit grades here."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from autograder.cli import main
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.platforms.gradescope import container as there
from autograder.platforms.gradescope import pack
from autograder.platforms.gradescope.attempts import too_many
from autograder.platforms.gradescope.options import Options, options
from autograder.platforms.gradescope.pack import pinned, write_zip
from autograder.records.results import class_seed
from autograder.sandbox.sandbox import Sandbox, SandboxFault
from autograder.verdict import Status

NAME = "differentiable_gain"
ROOT = Path(__file__).resolve().parents[1]
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
THIEF = """
import glob, os
found = []
for place in ("{root}/source", "{root}/submission", "{root}/results", "{root}/venv"):
    try:
        found += [os.path.join(place, name) for name in os.listdir(place)]
    except OSError:
        pass
try:
    open("{root}/results/results.json", "w").write('{{"score": 24}}')
    found.append("written")
except OSError:
    pass
class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        raise RuntimeError("<b>" + str(found) + "</b> \\x1b[31m \\ud800")
"""


@pytest.fixture(scope="module")
def course(pristine, tmp_path_factory):
    """A course folder with things in it that are nobody else's business."""
    folder = tmp_path_factory.mktemp("gradescope") / "course"
    shutil.copytree(pristine, folder)
    (folder / "submitted" / "student-01" / NAME).mkdir(parents=True)
    (folder / "submitted" / "student-01" / NAME / f"{NAME}.ipynb").write_text("{}")
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc.AutograderLimits.cell = 45\nPASSWORD = 'opensesame'\n")
    return Assignment(NAME, folder)


@pytest.fixture(scope="module")
def packed(course):
    path = course.course / "made.zip"
    write_zip(course, path)
    return path


@pytest.fixture(scope="module")
def container(packed, tmp_path_factory):
    """Gradescope's /autograder, elsewhere: the zip is unpacked, its script copied, and Python is this one."""
    root = tmp_path_factory.mktemp("container") / "autograder"
    for name in ("submission", "results", "venv/bin"):
        (root / name).mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", packed, root / "source"], check=True)
    shutil.copyfile(root / "source" / "run_autograder", root / "run_autograder")
    (root / "venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for script in ("run_autograder", "venv/bin/python"):
        (root / script).chmod(0o755)
    return root


@pytest.fixture
def grade_there(container, assignment):
    """grade_there(files): (exit code, what was printed, results.json or None) for these files."""
    from conftest import content, hand_in

    def grade_there(what=None, names=(NAME,)):
        shutil.rmtree(container / "submission")
        (container / "submission").mkdir()
        (container / "results" / "results.json").unlink(missing_ok=True)
        for name in names:
            hand_in(container / "submission", content(assignment, what))
            (container / "submission" / f"{NAME}.ipynb").rename(container / "submission" / f"{name}.ipynb")
        done = subprocess.run(
            [container / "run_autograder"], cwd=container, capture_output=True, text=True, timeout=360, check=False
        )
        assert done.stderr == ""
        results = container / "results" / "results.json"
        return done.returncode, done.stdout, json.loads(results.read_bytes()) if results.exists() else None

    return grade_there


# the zip


def test_the_zip_holds_what_gradescope_starts_and_what_grading_needs(packed):
    with zipfile.ZipFile(packed) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert {name for name, mode in modes.items() if mode == 0o755} == {"setup.sh", "run_autograder"}
    kit = {
        f"kit/{path.relative_to(ROOT)}"
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set(modes) == kit | {
        "setup.sh",
        "run_autograder",
        "requirements.txt",
        "constraints.txt",
        "terms.json",
        f"course/source/{NAME}/{NAME}.ipynb",
        *(f"course/{path.relative_to(ROOT)}" for path in (ROOT / "hidden" / NAME).glob("*.py")),
    }
    assert set(modes.values()) == {0o755, 0o644}


def test_nothing_else_of_the_course_is_in_the_zip(packed, course):
    with zipfile.ZipFile(packed) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"opensesame" not in content
    assert str(course.course).encode() not in content
    assert str(ROOT).encode() not in content


def test_hidden_tests_of_other_assignments_stay_here(pristine, tmp_path):
    shutil.copytree(pristine, tmp_path / "course")
    (tmp_path / "course" / "hidden" / "another").mkdir()
    (tmp_path / "course" / "hidden" / "another" / "test_it.py").touch()
    names = [name for name, _ in pack._files(Assignment(NAME, tmp_path / "course"))]
    assert f"course/hidden/{NAME}/oracle.py" in names
    assert not [name for name in names if "another" in name]


def test_the_same_course_makes_the_same_zip(packed, course, tmp_path):
    write_zip(course, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_the_terms_are_those_of_the_class(packed, course):
    with zipfile.ZipFile(packed) as archive:
        terms = json.loads(archive.read("terms.json"))
    assert terms["seed"] == class_seed(course.course, NAME)
    assert terms["limits"]["cell"] == 45
    assert terms["isolation"] == "auto"


def test_every_package_that_grading_imports_is_pinned_to_what_is_installed_here():
    lines = pinned()
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.!]+( ; [^;]+)?", line) for line in lines), lines
    versions = dict(line.partition(" ;")[0].split("==") for line in lines)
    assert list(versions) == sorted(versions)
    assert versions["torch"] == version("torch").split("+")[0]
    assert {"numpy", "nbgrader", "pytest", "tinycss2", "safetensors", "scipy", "ipywidgets"} <= set(versions)
    assert not {"autograder-assignment-kit", "distributed", "playwright", "mypy", "cosmic-ray"} & set(versions)


def test_the_pins_are_the_same_after_an_import_that_replaces_how_packages_are_found():
    """Dask imports the backport of importlib.metadata, where a field that is missing is a KeyError."""
    ask = "from autograder.platforms.gradescope.pack import pinned\nprint(*pinned(), sep='\\n')"
    alone, after = (
        subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
        for text in (ask, f"import dask\n{ask}")
    )
    assert alone == after != ""


def test_a_version_that_needs_a_newer_python_is_not_asked_for(monkeypatch):
    """Debian 12 has Python 3.11.2, which is too old for some that 3.11.7 can have."""
    installed = {}
    for name, requires, pythons in (
        (pack.KIT, ["soup", "old"], ">=3.11"),
        ("old", [], None),
        ("soup", ["old; extra == 'more'"], "!=3.14.1,>=3.11.5"),
    ):
        metadata = Message()
        if pythons:
            metadata["Requires-Python"] = pythons
        installed[name] = SimpleNamespace(version="4.1.2", requires=requires, metadata=metadata)
    monkeypatch.setattr(pack, "distribution", installed.__getitem__)
    old, soup = map(Requirement, pack.pinned())
    assert (str(old), soup.name, str(soup.specifier)) == ("old==4.1.2", "soup", "==4.1.2")
    assert [soup.marker.evaluate({"python_full_version": python}) for python in ("3.11.2", "3.11.5", "3.14.1")] == [
        False,
        True,
        False,
    ]


def test_pip_finds_that_the_packages_fit_together(packed, tmp_path):
    """They are all installed here, so nothing is fetched."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--no-index",
            "-r",
            tmp_path / "requirements.txt",
            "-c",
            tmp_path / "constraints.txt",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(script):
    subprocess.run(["bash", "-n", ROOT / "autograder" / "platforms" / "gradescope" / script], check=True)


# what runs there


def test_a_right_answer_gets_the_same_there_as_here(grade_there, grade, packed):
    code, printed, results = grade_there()
    assert (code, printed) == (0, "All checks passed.\n")
    assert results["score"] == 24
    assert results["output"] == "24 of 24 points."
    here = grade().grade
    assert [(test["name"], test["max_score"]) for test in results["tests"]] == [
        (f"{name.removeprefix('test_')}: {check.title}", check.max_points)
        for name, exercise in here.exercises.items()
        for check in exercise.checks
    ]
    assert {(test["status"], test["output"]) for test in results["tests"]} == {("passed", "passed")}
    assert results["extra_data"]["hidden_tests_sha256"] == here.provenance["hidden_tests_sha256"]
    assert "seed" not in results["extra_data"]


def test_a_wrong_answer_is_told_what_it_is_told_here(grade_there, grade):
    code, printed, results = grade_there(WRONG)
    here = grade(WRONG).grade
    assert code == 0
    assert results["score"] == here.score == sum(test["score"] for test in results["tests"]) < 24
    assert [test["output"].partition(": ")[2] for test in results["tests"]] == [
        check.hint or "" for exercise in here.exercises.values() for check in exercise.checks
    ]
    assert {test["number"][0] for test in results["tests"] if test["status"] == "failed"} == {"4", "5"}
    assert "test_spectral_loss::" in printed
    assert results["stdout_visibility"] == "hidden"


@pytest.mark.parametrize(
    ("what", "names", "reason"),
    [
        ("{", (NAME,), "it was cut off"),
        (None, (), "The folder is empty"),
        (None, ("other",), "Found instead: “other"),
        (None, ("copy", "another"), "There are 2 notebooks"),
    ],
)
def test_what_is_no_notebook_is_zero_with_the_reason(grade_there, what, names, reason):
    code, _, results = grade_there(what, names)
    assert code == 0
    assert (results["score"], results["tests"]) == (0, [])
    assert reason in results["output"]


def test_student_code_finds_nothing_of_the_container_and_writes_no_results(grade_there, container):
    code, _, results = grade_there({"linear_gain": THIEF.format(root=container)})
    assert code == 0
    assert results["score"] < 24
    told = json.dumps(results)
    assert "<b>[]</b>" in told, told  # nothing found, and the message is quoted as text
    assert results["test_output_format"] == "text"


def test_without_walls_there_is_no_grade(container, monkeypatch, capsys):
    def refuse(self):
        raise SandboxFault("Landlock is missing.")

    monkeypatch.setattr(Sandbox, "start", refuse)
    monkeypatch.setattr(sys, "argv", ["there", str(container)])
    (container / "results" / "results.json").unlink(missing_ok=True)
    with pytest.raises(SystemExit) as stop:
        there.main()
    assert stop.value.code == 3
    assert "no grade, for the grader's own fault. Landlock is missing." in capsys.readouterr().out
    assert not (container / "results" / "results.json").exists()


def test_a_fault_of_the_grader_is_no_results_file(grade):
    fault = grade().grade
    object.__setattr__(fault, "status", Status.grader_error)
    object.__setattr__(fault, "reason", "It stopped.")
    with pytest.raises(GraderFault, match="It stopped"):
        there.results_json(fault, Options())


# what students see, and how often


@pytest.fixture
def graded_wrong(grade):
    return grade(WRONG).grade


@pytest.mark.parametrize(
    ("shows", "outputs", "count"),
    [("hints", True, None), ("verdicts", False, None), ("exercises", False, 5), ("nothing", False, 0)],
)
def test_students_see_as_much_of_a_check_as_the_course_says(graded_wrong, shows, outputs, count):
    results = there.results_json(graded_wrong, Options(shows=shows, visibility="after_due_date"))
    hints = [check.hint for exercise in graded_wrong.exercises.values() for check in exercise.checks if check.hint]
    assert results["visibility"] == "after_due_date"
    assert results["score"] == graded_wrong.score
    assert any(hint in json.dumps(results["tests"], ensure_ascii=False) for hint in hints) == outputs
    assert count is None or len(results["tests"]) == count
    if results["tests"]:
        assert sum(test["score"] for test in results["tests"]) == graded_wrong.score


NOW = "2026-11-20T12:00:00.000000-08:00"


def before(*times, score=10.0, **extra):
    return [
        {"submission_time": time, "score": score, "results": {"score": score, "extra_data": extra}} for time in times
    ]


@pytest.mark.parametrize(
    ("previous", "attempts", "period", "refused"),
    [
        ([], 1, None, False),
        (before("2026-11-01T12:00:00-08:00"), 1, None, True),
        (before("2026-11-01T12:00:00-08:00"), 2, None, False),
        (before("2026-11-19T11:00:00-08:00"), 1, 86400, False),
        (before("2026-11-19T13:00:00-08:00"), 1, 86400, True),
        (before("2026-11-19T21:00:00+00:00"), 1, 86400, True),
        (before("2026-11-20T11:00:00-08:00", status="not_graded_yet"), 1, 86400, False),
        ([{"submission_time": "2026-11-20T11:00:00-08:00", "results": {}}], 1, 86400, False),
        ([{"submission_time": "2026-11-20T11:00:00-08:00", "results": None}], 1, 86400, False),
        ([{"submission_time": "some day", "results": {"score": 1}}], 1, 86400, False),
        ("nonsense", 1, 86400, False),
        (None, 1, None, False),
    ],
)
def test_attempts_are_counted_within_their_period(previous, attempts, period, refused):
    found = too_many({"created_at": NOW, "previous_submissions": previous}, attempts, period)
    assert (found is not None) == refused
    if found:
        assert found.score == 10


def test_who_comes_too_early_keeps_the_latest_score_and_reads_when_to_come_again():
    previous = before("2026-11-20T02:00:00-08:00", score=3) + before("2026-11-20T11:00:00-08:00", score=7.5)
    found = too_many({"created_at": NOW, "previous_submissions": previous[::-1]}, 2, 86400)
    assert found.score == 7.5
    assert found.sentence == (
        "This submission was not graded. You may be graded 2 times within a day, and were. Hand in again after "
        "2026-11-21 02:00 (UTC-08:00). Your latest score stays: 7.5 points."
    )


def test_a_submission_too_early_is_not_run(container, monkeypatch, capsys):
    terms = container / "source" / "terms.json"
    kept = terms.read_text()
    chosen = {**json.loads(kept), "gradescope": {"attempts": 1}}
    terms.write_text(json.dumps(chosen))
    metadata = {"created_at": NOW, "previous_submissions": before("2026-11-20T11:00:00-08:00")}
    (container / "submission_metadata.json").write_text(json.dumps(metadata))
    monkeypatch.setattr(there, "graded", lambda root: pytest.fail("it was graded"))
    monkeypatch.setattr(sys, "argv", ["there", str(container)])
    try:
        there.main()
    finally:
        terms.write_text(kept)
        (container / "submission_metadata.json").unlink()
    results = json.loads((container / "results" / "results.json").read_text())
    assert (results["score"], results["extra_data"]) == (10, {"status": "not_graded_yet"})
    assert "You may be graded once, and were" in results["output"]
    assert "You may be graded once" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("visibility = 'never'", "must be one of visible, after_due_date"),
        ("shows = 'all'", "must be one of hints"),
        ("attempts = 0", "whole number from 1 on"),
        ("attempts = True", "whole number"),
        ("period = '1 day'", "goes with"),
        ("attempts = 1\nc.AutograderGradescope.period = '24'", "no length of time"),
        ("hints = 1", "is not an option"),
        ("torch_index = 'http://x'", "begins with https://"),
        ("torch_index = 'https://x\\n-e .'", "begins with https://"),
    ],
)
def test_an_option_that_is_none_is_wrong_usage(pristine, tmp_path, line, told):
    (tmp_path / "nbgrader_config.py").write_text(
        (pristine / "nbgrader_config.py").read_text() + f"\nc.AutograderGradescope.{line}\n"
    )
    with pytest.raises(UsageError, match=told):
        options(tmp_path)


def test_the_build_of_torch_for_the_cpu_is_asked_for_where_its_index_is_known(course, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(course.course, folder)
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc.AutograderGradescope.torch_index = 'https://example.org/cpu'\n")
    files = dict(pack._files(Assignment(NAME, folder)))
    assert files["requirements.txt"].startswith(b"--extra-index-url https://example.org/cpu\n")
    assert re.search(rb"^torch==[\d.]+\+cpu\b", files["constraints.txt"], re.MULTILINE)


def test_only_its_owner_may_read_the_zip(packed):
    assert packed.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("what", "names", "told"),
    [
        (None, (), "Nothing was graded (missing). There is no notebook"),
        ("{", (NAME,), "Nothing was graded (unreadable)."),
    ],
)
def test_staff_are_told_why_nothing_was_graded(grade_there, what, names, told):
    _, printed, _ = grade_there(what, names)
    assert told in printed
    assert "All checks passed" not in printed


def test_staff_and_student_are_told_that_the_notebook_lies_in_a_folder(grade_there, container, assignment):
    """As in a repository that was handed in: the notebook is in a folder, and something lies beside it."""
    from conftest import content, hand_in

    for path in (container / "submission").iterdir():
        path.unlink()
    (container / "submission" / "README.md").write_text("x")
    hand_in(container / "submission" / "hw1", content(assignment, None))
    done = subprocess.run(
        [container / "run_autograder"], cwd=container, capture_output=True, text=True, timeout=360, check=False
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((container / "results" / "results.json").read_bytes())
    assert results["score"] == 24
    for text in (results["output"], done.stdout):
        assert "notebook taken from a folder of its own: “hw1”" in text


# the command


def test_the_command_writes_where_it_is_told(course, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(course.course)
    for words, path in (
        ((), course.course / f"gradescope-{NAME}.zip"),
        (("--output", str(tmp_path / "it.zip")), tmp_path / "it.zip"),
    ):
        monkeypatch.setattr(sys, "argv", ["autograder", "export", "gradescope", NAME, *words])
        main()
        assert zipfile.is_zipfile(path)
        assert f"Wrote {path.name if not words else path}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["export"], 2, "Missing command"),
        (["export", "gradescope"], 2, "Missing argument 'ASSIGNMENT'"),
        (["export", "gradescope", "no_such"], 2, "There is no assignment 'no_such' here"),
        (["export", "gradescope", NAME, "--output", "/proc/no/such.zip"], 3, "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(course, monkeypatch, capsys, words, code, told):
    monkeypatch.chdir(course.course)
    monkeypatch.setattr(sys, "argv", ["autograder", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    err = capsys.readouterr().err
    assert stop.value.code == code
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_configuration_that_cannot_be_read_is_wrong_usage(course, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(course.course, folder)
    (folder / "nbgrader_config.py").write_text("c.AutograderLimits.no_such = 1\n")
    with pytest.raises(UsageError, match="not a limit"):
        write_zip(Assignment(NAME, folder), tmp_path / "it.zip")
    assert not (tmp_path / "it.zip").exists()
