"""Every broken submission gets what it must get, and harms nobody beside it."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from submissions.broken import BROKEN, FULL, NAME, Broken, reference, store

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.judging.grader import Grader
from autograder.pages.shown import shown
from autograder.submission import decode, submission
from autograder.submission import pickup as handed_in

GRADED = [broken for broken in BROKEN if broken.status == "graded"]
NOT_GRADED = [broken for broken in BROKEN if broken.status != "graded"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "submitted" / "student-01" / NAME
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def whole(assignment: Assignment, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The code of the reference solution that is run."""
    folder = tmp_path_factory.mktemp("whole") / NAME
    folder.mkdir()
    store(folder, reference(assignment))
    return [cell.source for cell in submission.read(folder, "s", assignment).cells]


def assert_flags(broken: Broken, flags: tuple[str, ...]) -> None:
    for part in broken.flags:
        assert any(part in flag for flag in flags), flags
    if not broken.flags:
        assert flags == ()
    assert not re.search(r"[<>\x00-\x1f\ud800-\udfff]", "".join(flags))


def test_there_are_enough_of_them() -> None:
    assert len(BROKEN) >= 40
    assert len({broken.name for broken in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize("broken", GRADED, ids=str)
def test_a_notebook_that_can_be_repaired_is_graded(
    broken: Broken, folder: Path, whole: list[str], assignment: Assignment, grader: Grader
) -> None:
    broken.write(folder, assignment)
    found = submission.read(folder, "student-01", assignment)
    assert_flags(broken, found.flags)
    nbformat.validate(found.notebook)
    named = [cell.metadata.nbgrader.grade_id for cell in found.notebook.cells if "nbgrader" in cell.metadata]
    assert sorted(named) == sorted(assignment.cells)
    if [cell.source for cell in found.cells] == whole:
        return  # it runs as the reference does, and that is graded below
    graded = shown(grader.grade(folder, "student-01"), grader.assignment)
    assert (graded.grade.status, graded.grade.reason) == ("graded", None)
    assert graded.grade.flags == found.flags
    lost = {name for name, exercise in graded.grade.exercises.items() if exercise.score < exercise.max_score}
    assert lost == broken.costs
    assert graded.grade.max_score == FULL
    assert (graded.grade.score == FULL) == (not broken.costs)
    nbformat.validate(graded.notebook)


@pytest.mark.parametrize("broken", NOT_GRADED, ids=str)
def test_what_cannot_be_repaired_is_named(broken: Broken, folder: Path, assignment: Assignment) -> None:
    broken.write(folder, assignment)
    with pytest.raises(submission.NotGradable) as fault:
        submission.read(folder, "student-01", assignment)
    assert fault.value.status == broken.status
    assert broken.reason in str(fault.value)
    assert not re.search(r"[<>`$\\*\x00-\x1f\u202a-\u202e\ud800-\udfff]", str(fault.value))
    assert len(str(fault.value)) < 600


@pytest.mark.parametrize(
    "broken",
    [
        broken
        for broken in NOT_GRADED
        if broken.name in ("pipe", "cut-in-a-string", "two-notebooks", "name-that-is-markup", "no-folder")
    ],
    ids=str,
)
def test_what_cannot_be_graded_scores_0_with_the_reason(
    broken: Broken, folder: Path, assignment: Assignment, grader: Grader
) -> None:
    broken.write(folder, assignment)
    graded = shown(grader.grade(folder, "student-01"), grader.assignment)
    assert (graded.grade.status, graded.grade.score) == (broken.status, None)
    assert broken.reason in graded.grade.reason
    assert "could not be graded" in graded.notebook.cells[0].source
    assert "<" not in graded.notebook.cells[0].source
    assert json.loads(graded.grade.to_json())["score"] is None


def test_an_honest_submission_beside_them_gets_exactly_its_score(
    tmp_path: Path, assignment: Assignment, grader: Grader
) -> None:
    honest = tmp_path / "honest" / NAME
    honest.mkdir(parents=True)
    store(honest, reference(assignment))
    alone = grader.grade(honest, "honest").grade
    for broken in [*NOT_GRADED[::4], *GRADED[::25]]:
        beside = tmp_path / broken.name / NAME
        beside.mkdir(parents=True)
        broken.write(beside, assignment)
        grader.grade(beside, broken.name)
    after = grader.grade(honest, "honest").grade
    assert after.exercises == alone.exercises
    assert after.score == FULL


def test_an_answer_reaches_its_cell_from_any_of_them(folder: Path, assignment: Assignment) -> None:
    answers = [cell["source"] for cell in reference(assignment)["cells"] if "explained" in str(cell["metadata"])]
    for broken in GRADED:
        if broken.name in ("no-cells-at-all", "notebook-of-another-course", "metadata-and-all-texts-stripped"):
            continue
        for old in folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        if broken.name == "shadows-and-checkpoints-beside-it":
            continue
        broken.write(folder, assignment)
        notebook = submission.read(folder, "s", assignment).notebook
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        for name, answer in zip(("phase_shift_explained", "polarity_explained"), answers, strict=True):
            assert cells[name].cell_type == "markdown"
            assert cells[name].source.startswith(answer), broken.name


def test_a_file_that_may_not_be_opened_is_our_fault(
    folder: Path, assignment: Assignment, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(folder, reference(assignment))
    (folder / f"{NAME}.ipynb").chmod(0)
    real = os.open

    def opened(name: str, *arguments: Any, **more: Any) -> int:
        if name.endswith(".ipynb"):  # root may open it all the same
            raise PermissionError(errno.EACCES, "denied")
        return real(name, *arguments, **more)

    monkeypatch.setattr(handed_in.os, "open", opened)
    with pytest.raises(GraderFault, match="permission denied"):
        submission.read(folder, "s", assignment)
    graded = shown(grader.grade(folder, "s"), grader.assignment)
    assert (graded.grade.status, graded.grade.score, graded.text) == ("grader_error", None, None)


def test_a_device_is_refused(folder: Path, assignment: Assignment) -> None:
    try:
        os.mknod(folder / f"{NAME}.ipynb", 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root may make a device")
    with pytest.raises(submission.Refused, match="not a regular file"):
        submission.read(folder, "s", assignment)


def test_a_file_that_grows_while_it_is_read_is_refused(
    folder: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(folder, reference(assignment))
    real = os.fstat

    def small(file: int) -> os.stat_result:
        return os.stat_result([*real(file)[:6], 10, *real(file)[7:10]])

    monkeypatch.setattr(handed_in.os, "fstat", small)
    monkeypatch.setattr(handed_in, "SIZE_CAP", 1000)
    with pytest.raises(submission.Refused, match="too large"):
        submission.read(folder, "s", assignment)


def test_a_file_that_is_swapped_for_a_link_is_not_followed(
    folder: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(folder, reference(assignment))
    real = handed_in._only

    def swap(directory: int, wanted: str) -> Any:
        found = real(directory, wanted)
        (folder / wanted).unlink()
        (folder / wanted).symlink_to(assignment.source_path)
        return found

    monkeypatch.setattr(handed_in, "_only", swap)
    with pytest.raises(submission.Refused, match="is a link"):
        submission.read(folder, "s", assignment)


@pytest.mark.parametrize("at", ["judging.grader.submission.understood", "pages.shown.annotated"])
def test_what_stops_the_grader_at_one_submission_is_our_fault(
    folder: Path, assignment: Assignment, grader: Grader, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def stop(*_: Any) -> None:
        raise RecursionError("too deep")

    store(folder, reference(assignment))
    monkeypatch.setattr(f"autograder.{at}", stop)
    graded = shown(grader.grade(folder, "student-01"), grader.assignment)
    assert (graded.grade.status, graded.grade.score, graded.notebook) == ("grader_error", None, None)
    assert "too deep" in graded.grade.reason


@pytest.mark.parametrize("number", [2, 3])
def test_outputs_of_an_old_notebook_are_not_converted(folder: Path, number: int) -> None:
    output = {"output_type": "stream", "stream": "stdout", "text": "a"}
    cell = {"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": [output] * 200_000}
    content = json.dumps({"nbformat": number, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]})
    started = time.process_time()
    assert [cell.source for cell in decode.decode(content.encode(), "python3").cells] == ["x = 1"]
    assert time.process_time() - started < 2


def test_files_beside_the_notebook_shadow_nothing(folder: Path, assignment: Assignment, grader: Grader) -> None:
    store(folder, reference(assignment))
    trace = folder / "was run"
    mean = f"open({str(trace)!r}, 'w').close()\nraise SystemExit('shadowed')\n"
    for name in (
        "torch",
        "numpy",
        "conftest",
        "sitecustomize",
        "usercustomize",
        "json",
        "pytest",
        "nbgrader",
        "nbgrader_config",
        "jupyter_config",
        "autograder",
        "oracle",
        "probe_fit_gain",
        "test_fit_gain",
    ):
        (folder / f"{name}.py").write_text(mean)
    for package in ("autograder", "torch", "hidden"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(mean)
    for name in ("pytest.ini", "pyproject.toml", "setup.cfg", ".pth", "x.pth", "matplotlibrc", "nbgrader_config.json"):
        (folder / name).write_text("[pytest]\naddopts = --nonsense\nimport shadowed")
    graded = grader.grade(folder, "student-01").grade
    assert graded.score == FULL
    assert graded.flags == ()
    assert not trace.exists()


def test_nbgraders_own_command_reads_them_the_same_way(course: Any) -> None:
    chosen = {"pipe": 0, "cut-in-a-string": 0, "link-to-the-source": 0, "metadata-stripped": 24, "format-3": 24}
    for broken in BROKEN:
        if broken.name in chosen:
            folder = course.folder / "submitted" / broken.name / NAME
            folder.mkdir(parents=True)
            broken.write(folder, course.assignment)
    here = course.folder / "submitted"
    os.mkfifo(here / "link-to-the-source" / NAME / "timestamp.txt")
    os.mkfifo(here / "metadata-stripped" / NAME / "pipe")
    (here / "metadata-stripped" / NAME / "notes.txt").symlink_to(course.folder / "nbgrader_config.py")
    (here / "metadata-stripped" / NAME / "timestamp.txt").symlink_to(course.folder / "nbgrader_config.py")
    (here / "format-3" / NAME / "timestamp.txt").write_text("yesterday")
    (here / "cut-in-a-string" / NAME / "timestamp.txt").write_text("2026-02-28 12:00:00 UTC")
    done = course.run("nbgrader", "autograde", NAME, "--log-level=ERROR")
    assert done.returncode == 0, done.stderr
    exported = course.run("nbgrader", "export", "--log-level=ERROR")
    assert exported.returncode == 0, exported.stderr
    with (course.folder / "grades.csv").open() as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == chosen
    results = (course.folder / "results" / NAME).glob("*.json")
    graded = course.folder / "autograded"
    beside = {
        path.parent.parent.name: path.read_text()
        for path in graded.rglob("*")
        if path.is_file() and path.suffix != ".ipynb"
    }
    assert beside == {"format-3": "yesterday", "cut-in-a-string": "2026-02-28 12:00:00 UTC"}
    statuses = {path.stem: json.loads(path.read_text())["status"] for path in results}
    assert statuses == {broken.name: broken.status for broken in BROKEN if broken.name in chosen}
