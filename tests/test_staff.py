"""What goes wrong on the staff's side is said in one line that names the file, and never charged to a student."""

import json
import os
import shutil
import sqlite3

import nbformat
import pytest
from conftest import NAME, SEED

from autograder.audit.consistency import of_assignment
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.judging.grader import Grader
from autograder.records.gradebook import Gradebook
from autograder.records.results import class_seed, read_results
from autograder.running.grade_class import grade_class
from autograder.verdict import Status

pytestmark = pytest.mark.usefixtures("warm")


def grade(course, **options):
    return grade_class(Assignment(NAME, course.folder), **options)


def change_source(course, change):
    path = course.folder / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def named(cells, name):
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


# names


@pytest.mark.parametrize("name", [f"./{NAME}", f"{NAME}/", f"./{NAME}//"])
def test_a_name_with_a_dot_or_a_slash_is_the_name(course, name):
    assert Assignment(name, course.folder).name == NAME


@pytest.mark.parametrize("name", ["", ".", "..", "../course", f"source/{NAME}", f"/{NAME}", f"a/../{NAME}", "a\0b"])
def test_a_path_is_no_name(course, name):
    with pytest.raises(UsageError, match="There is no assignment"):
        Assignment(name, course.folder)


def test_a_completed_name_grades_the_assignment_it_means(course):
    course.hand_in("student-01", "{")
    for name in (NAME, f"./{NAME}", f"{NAME}/"):
        done = course.run("autograder", "grade", name, "--workers", "1")
        assert done.returncode == 0, done.stderr
    assert "0 graded now, 1 unchanged" in done.stdout
    assert sorted(path.name for path in (course.folder / "results").iterdir()) == [NAME]
    assert course.run("autograder", "report", f"./{NAME}").stdout == f"Wrote report-{NAME}.html\n"
    assert course.run("autograder", "grade", f"source/{NAME}").returncode == 2


# folders that are no students

STRAYS = ["__MACOSX", "@eaDir", "System Volume Information", "lost+found", "#recycle", "New folder", "archive"]


def test_stray_folders_enter_nothing(course, entries):
    course.hand_in("student-01", "{")
    submitted = course.folder / "submitted"
    for name in STRAYS:
        (submitted / name).mkdir()
    (submitted / "__MACOSX" / NAME).mkdir()
    (submitted / "archive" / "student-01").mkdir(parents=True)
    (submitted / "archive" / "class.zip").write_bytes(b"PK")
    summary = grade(course)
    assert list(summary.grades) == ["student-01"]
    assert sorted(summary.strays) == ["New folder", "archive"]
    assert [path.name for path in (course.folder / "autograded").iterdir()] == ["student-01"]
    with course.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["student-01"]


def test_who_is_known_or_has_another_assignment_is_a_student_all_the_same(course):
    (course.folder / "students.csv").write_text("id\nstudent-01\n")
    with course.gradebook() as gradebook:
        gradebook.add_student("student-02")
    shutil.copytree(course.folder / "source" / NAME, course.folder / "source" / "hw2")
    for folder in ("student-01", "student-02/notes", "student-03/hw2", f"student-04/{NAME}", "student-05/empty"):
        (course.folder / "submitted" / folder).mkdir(parents=True)
    summary = grade(course)
    assert {student: one.status for student, one in summary.grades.items()} == {
        f"student-0{number}": Status.missing for number in (1, 2, 3, 4)
    }
    assert summary.strays == ["student-05"]


@pytest.mark.parametrize("name", ["group [A]", "a*", "who?"])
def test_an_id_that_nbgrader_takes_for_a_pattern_is_refused(course, name):
    course.hand_in(name)
    [one] = grade(course).grades.values()
    assert (one.status, one.score) == (Status.grader_error, None)
    assert "takes for a pattern" in one.reason
    assert not (course.folder / "autograded" / name).exists()


# a source notebook that changes


def test_a_changed_set_up_grades_again_and_other_changes_do_not(course):
    course.hand_in("student-01", "{")
    grade(course)
    change_source(course, lambda cells: cells.insert(0, nbformat.v4.new_markdown_cell("More prose.")))
    solution = "def fit_gain(model):\n    pass"

    def other_solution(cells):
        cell = named(cells, "fit_gain")
        before, begin, rest = cell.source.partition("### BEGIN SOLUTION\n")
        _, end, after = rest.partition("\n    ### END SOLUTION")
        assert end
        cell.source = before + begin + solution + end + after

    change_source(course, other_solution)
    assert grade(course).fresh == []
    changes = [
        lambda cells: named(cells, "setup").update(source=named(cells, "setup").source + "\nadded = 1"),
        lambda cells: named(cells, "polarity_explained").metadata.nbgrader.update(points=3),
    ]
    for change in changes:
        change_source(course, change)
        assert grade(course).fresh == ["student-01"]
        assert grade(course).fresh == []


def added(cells):
    cell = nbformat.from_dict(named(cells, "polarity_explained"))
    cell.metadata.nbgrader.grade_id, cell.id = "third_explained", "third"
    cells.append(cell)


def test_a_question_that_is_added_after_the_first_grades_waits_for_all(course, entries):
    course.hand_in("student-01")
    grade(course)
    change_source(course, added)
    summary = grade(course)
    assert summary.fresh == ["student-01"]
    found = entries(course, "student-01")
    assert found["auto"]["test_fit_gain"] == 6
    assert "third_explained" in found["auto"]
    done = course.run("nbgrader", "autograde", NAME, "--force", "--log-level=ERROR")
    assert done.returncode == 0, done.stderr
    done = course.run("nbgrader", "generate_assignment", NAME, "--force", "--log-level=ERROR")
    assert done.returncode == 0, done.stderr


def test_a_question_that_is_taken_out_goes_unless_somebody_has_marked_it(course, entries):
    course.hand_in("student-01")
    grade(course)

    def removed(cells):
        cells.remove(named(cells, "polarity_explained"))

    with course.gradebook() as gradebook:
        gradebook.find_grade("polarity_explained", NAME, NAME, "student-01").manual_score = 1.5
        gradebook.db.commit()
    change_source(course, removed)
    with pytest.raises(UsageError, match="polarity_explained is not in the source notebook any more"):
        grade(course)
    assert entries(course, "student-01")["manual"]["polarity_explained"] == 1.5
    with course.gradebook() as gradebook:
        gradebook.find_grade("polarity_explained", NAME, NAME, "student-01").manual_score = None
        gradebook.db.commit()
    grade(course)
    found = entries(course, "student-01")
    assert "polarity_explained" not in found["auto"]
    assert found["auto"]["test_fit_gain"] == 6


TASK = {
    "grade": False,
    "grade_id": "own_plot",
    "locked": True,
    "points": 4,
    "schema_version": 3,
    "solution": False,
    "task": True,
    "cell_type": "markdown",
}


def test_a_manually_graded_task_waits_for_a_person_with_both_commands(course, entries):
    change_source(
        course,
        lambda cells: cells.append(
            nbformat.v4.new_markdown_cell("Add a plot of your own below.", metadata={"nbgrader": TASK})
        ),
    )
    course.hand_in("student-01")
    course.hand_in("student-02", "{")
    for command in (
        ("autograder", "grade", NAME, "--workers", "1"),
        ("nbgrader", "autograde", NAME, "--force", "--log-level=ERROR"),
        ("autograder", "grade", NAME, "--workers", "1", "--regrade"),
    ):
        done = course.run(*command)
        assert done.returncode == 0, done.stderr
        found = entries(course, "student-01")
        assert "own_plot" in found["waits"], command
        assert found["auto"]["own_plot"] is None, command
        assert (entries(course, "student-02")["auto"]["own_plot"] or 0) == 0
    assert "3 written answers of 1 student wait for a mark" in done.stdout


# files that cannot be read


def shut(path, monkeypatch):
    """Root may read anything: what the system would say to others is said here."""
    real = type(path).read_bytes

    def refused(self):
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(type(path), "read_bytes", refused)


@pytest.mark.parametrize("what", ["seed", "result", "source", "hidden"])
def test_what_this_account_may_not_read_is_named(course, monkeypatch, what):
    course.hand_in("student-01", "{")
    grade(course)
    path = {
        "seed": course.folder / "results" / NAME / ".seed",
        "result": course.folder / "results" / NAME / "student-01.json",
        "source": course.folder / "source" / NAME / f"{NAME}.ipynb",
        "hidden": course.folder / "hidden" / NAME / "oracle.py",
    }[what]
    shut(path, monkeypatch)
    with pytest.raises(GraderFault, match="may not be read by this account") as fault:
        grade(course, regrade=True)
    assert str(path) in str(fault.value)
    assert "chmod g+rX" in str(fault.value)


@pytest.mark.parametrize("content", ["", "none\n", "12 13", "\0\0\0"])
def test_a_damaged_seed_is_named(course, content):
    course.hand_in("student-01", "{")
    grade(course)
    path = course.folder / "results" / NAME / ".seed"
    path.write_text(content)
    with pytest.raises(GraderFault, match="is damaged: it holds no number") as fault:
        grade(course, regrade=True)
    assert str(path) in str(fault.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 7}', b"\xff\xfe", b"null"])
def test_a_damaged_result_is_named(course, content):
    for student in ("student-01", "student-02"):
        course.hand_in(student, "{")
    grade(course)
    path = course.folder / "results" / NAME / "student-02.json"
    path.write_bytes(content)
    with pytest.raises(GraderFault) as fault:
        list(read_results(course.folder, NAME))
    assert str(path) in str(fault.value)
    assert grade(course).fresh == ["student-02"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"cells": 5, "nbformat": 4, "nbformat_minor": 5}',
        "<<<<<<< HEAD\n{}",
        '{"nbformat": 99, "cells": []}',
    ],
)
def test_a_damaged_source_notebook_is_named(course, content):
    path = course.folder / "source" / NAME / f"{NAME}.ipynb"
    path.write_text(content)
    course.hand_in("student-01", "{")
    with pytest.raises(GraderFault) as fault:
        grade(course)
    assert str(path) in str(fault.value)
    assert "\n" not in str(fault.value)


def test_the_seed_of_a_shared_course_can_be_read_by_the_group(course):
    course.configure("c.CourseDirectory.groupshared = True")
    before = os.umask(0o022)
    try:
        course.hand_in("student-01", "{")
        grade(course)
    finally:
        os.umask(before)
    folder = course.folder / "results" / NAME
    assert (folder / ".seed").stat().st_mode & 0o777 == 0o640
    for path in (folder, folder / "student-01.json", folder / ".lock", folder / "staff"):
        assert path.stat().st_mode & 0o020, path


def test_the_seed_of_a_course_of_one_is_private(course):
    class_seed(course.folder, NAME)
    assert (course.folder / "results" / NAME / ".seed").stat().st_mode & 0o777 == 0o600


# a gradebook of an older nbgrader


def test_a_gradebook_of_an_older_nbgrader_is_to_be_upgraded(course):
    with sqlite3.connect(course.folder / "gradebook.db") as database:
        database.execute("update alembic_version set version_num = '282d30a0218e'")
    before = (course.folder / "gradebook.db").read_bytes()
    course.hand_in("student-01", "{")
    for attempt in (lambda: grade(course), lambda: Gradebook(Assignment(NAME, course.folder))):
        with pytest.raises(UsageError, match="nbgrader db upgrade"):
            attempt()
    assert (course.folder / "gradebook.db").read_bytes() == before


# what a student's folder does not let us read


def test_what_may_not_be_read_keeps_the_old_grade(course, entries, monkeypatch):
    folder = course.hand_in("student-01")
    grade(course)
    real = os.open

    def refused(name, *arguments, **more):
        if str(name).endswith(".ipynb") and "dir_fd" in more:
            raise PermissionError(13, "denied")
        return real(name, *arguments, **more)

    monkeypatch.setattr("autograder.submission.pickup.os.open", refused)
    [one] = grade(course).grades.values()
    assert (one.status, one.score) == (Status.grader_error, None)
    assert f"“{NAME}.ipynb” may not be opened by the account that grades" in one.reason
    assert entries(course, "student-01")["score"] == 24
    monkeypatch.undo()
    assert folder.is_dir()


def test_a_grader_names_what_it_was_made_with(course, assignment):
    with Grader(assignment, SEED) as grader:
        course.hand_in("student-01", "{")
        grade = grader.grade(course.folder / "submitted" / "student-01" / NAME, "student-01").grade
    assert grade.provenance["source_sha256"] == assignment.source_sha256
    assert json.loads(grade.to_json())["provenance"]["source_sha256"] == assignment.source_sha256


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "has no points"), ("five", "has 'five' in the place"), (float("nan"), "has nan in"), (-1, "-1")],
)
def test_a_graded_cell_without_points_is_named(course, value, told):
    course.hand_in("student-01", "unreadable")
    path = course.folder / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    [cell] = [one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "test_fit_gain"]
    if value is None:
        del cell.metadata.nbgrader["points"]
    else:
        cell.metadata.nbgrader["points"] = value
    path.write_text(json.dumps(notebook))
    with pytest.raises(UsageError, match=f"The graded cell test_fit_gain of the source notebook .*{told}"):
        grade(course)
    [finding] = of_assignment(course.folder, NAME)
    assert "The graded cell test_fit_gain" in finding.what


def test_two_cells_of_one_name_are_named(course):
    course.hand_in("student-01", "unreadable")
    path = course.folder / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_fit_gain":
            cell.metadata.nbgrader["grade_id"] = "test_linear_gain"
    path.write_text(json.dumps(notebook))
    with pytest.raises(UsageError, match="2 cells of the source notebook are called test_linear_gain"):
        grade(course)
    [finding] = of_assignment(course.folder, NAME)
    assert "are called test_linear_gain" in finding.what
