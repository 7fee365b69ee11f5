"""What students get, and the solved notebook: made from the source by nbgrader's own commands, and up to date."""

import platform

import nbformat
import pytest

from autograder.course import answers as corpus

NAME = "differentiable_gain"
NOTEBOOK = f"{NAME}/{NAME}.ipynb"
KERNEL_SECONDS = 160  # a fresh kernel that imports torch, on a loaded machine


@pytest.fixture(scope="module")
def released(assignment):
    """The committed release, as text."""
    return (assignment.course / "release" / NOTEBOOK).read_text(encoding="utf-8")


def lines_between(cells, begin, end):
    """Lines that stand between two marks, in any cell."""
    for cell in cells:
        inside = False
        for line in cell.source.splitlines():
            if begin in line or end in line:
                inside = begin in line
            elif inside and line.strip():
                yield line.strip()


def test_the_release_is_what_nbgrader_makes_of_the_source(course, released):
    done = course.run("nbgrader", "generate_assignment", NAME, "--force")
    assert done.returncode == 0, done.stderr
    made = course.folder / "release" / NAME
    assert [path.name for path in made.iterdir()] == [f"{NAME}.ipynb"]
    assert (made / f"{NAME}.ipynb").read_text(encoding="utf-8") == released, "release/ is stale: run `make release`"


def test_the_release_is_what_the_autograder_takes_it_for(assignment, released):
    committed = nbformat.reads(released, as_version=4)
    assert [cell.source for cell in committed.cells] == [cell.source for cell in assignment.released.cells]
    assert [cell.metadata for cell in committed.cells] == [cell.metadata for cell in assignment.released.cells]


def test_the_release_holds_no_line_of_a_solution(assignment, released):
    given = {line.strip() for cell in assignment.released.cells for line in cell.source.splitlines()}
    solutions = list(lines_between(assignment.source.cells, "BEGIN SOLUTION", "END SOLUTION"))
    assert len(solutions) > 20
    told = {"model.gain.item()", "return", ""}
    for line in solutions:
        assert line not in given or line in told, line
        assert len(line) < 25 or line not in released


def test_the_release_holds_no_model_answer(assignment, released):
    for cell in assignment.source.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in assignment.by_hand:
            for line in cell.source.splitlines():
                assert len(line) < 25 or line not in released


@pytest.mark.parametrize("mark", ["BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME", "For the marker"])
def test_the_release_holds_no_mark_of_the_instructor(released, mark):
    assert mark not in released


def test_the_release_holds_nothing_of_the_hidden_tests(assignment, released):
    regions = list(lines_between(assignment.source.cells, "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"))
    assert regions
    for line in regions:
        assert line not in released
    for path in assignment.hidden.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert len(line.strip()) < 25 or line.strip() not in released


def test_the_release_holds_no_output_and_is_a_valid_notebook(released):
    notebook = nbformat.reads(released, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.outputs == [] for cell in notebook.cells if cell.cell_type == "code")


def test_every_solution_cell_waits_for_the_student(assignment, released):
    notebook = nbformat.reads(released, as_version=4)
    waiting = [
        cell.metadata.nbgrader.grade_id for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    assert waiting == [
        "linear_gain",
        "fit_gain",
        "phase_shift_experiment",
        "loss_landscape",
        "phase_shift_explained",
        "spectral_loss",
        "recover_gain",
        "polarity_explained",
    ]
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            assert "# YOUR CODE HERE\n" in cell.source
            assert "raise NotImplementedError()" in cell.source


@pytest.mark.timeout(2 * KERNEL_SECONDS)
def test_validate_passes_on_a_solved_notebook(course, assignment):
    path = course.folder / "solved.ipynb"
    path.write_text(nbformat.writes(corpus.notebook(assignment)), encoding="utf-8")
    done = course.run("nbgrader", "validate", "solved.ipynb", timeout=KERNEL_SECONDS)
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stdout + done.stderr


@pytest.mark.timeout(2 * KERNEL_SECONDS)
def test_validate_fails_on_the_untouched_notebook(course, released):
    (course.folder / "untouched.ipynb").write_text(released, encoding="utf-8")
    done = course.run("nbgrader", "validate", "untouched.ipynb", timeout=KERNEL_SECONDS)
    assert "VALIDATION FAILED ON" in done.stdout, done.stdout + done.stderr
    assert "NotImplementedError" in done.stdout


@pytest.mark.timeout(2 * KERNEL_SECONDS)
def test_generate_solution_renews_all_that_it_made_and_no_answer_of_the_author(course, assignment):
    """What --force deletes with the old notebook is nbgrader's own: the author's answers lie elsewhere."""
    folder = course.folder / "solutions" / NAME
    answer = course.folder / "answers" / NAME / "alternatives" / "an-answer.py"
    for parent in (folder, answer.parent):
        parent.mkdir(parents=True)
    answer.write_text('"""Kept."""\n')
    (folder / f"{NAME}.ipynb").write_text("old")
    done = course.run("nbgrader", "generate_solution", NAME, "--force", timeout=KERNEL_SECONDS)
    assert done.returncode == 0, done.stderr
    assert [str(path.relative_to(folder)) for path in folder.rglob("*.*")] == [f"{NAME}.ipynb"]
    assert answer.read_text() == '"""Kept."""\n'
    made = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    assert not [output for cell in made.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    committed = nbformat.read(assignment.course / "solutions" / NOTEBOOK, as_version=4)
    assert [cell.source for cell in made.cells] == [cell.source for cell in committed.cells], (
        "solutions/ is stale: run `make solutions`"
    )


def test_the_committed_solution_was_executed_without_an_error(assignment):
    solved = nbformat.read(assignment.course / "solutions" / NOTEBOOK, as_version=4)
    ran = [cell for cell in solved.cells if cell.cell_type == "code" and cell.outputs]
    assert len(ran) > 10
    assert not [output for cell in ran for output in cell.outputs if output.output_type == "error"]


def test_the_solved_notebook_gets_every_point(grade, assignment):
    solved = nbformat.read(assignment.course / "solutions" / NOTEBOOK, as_version=4)
    assert grade(solved).grade.score == 24


def test_students_read_which_python_grades(assignment, released):
    version = ".".join(platform.python_version_tuple()[:2])
    for text in (released, (assignment.course / "docs" / "students.md").read_text(encoding="utf-8")):
        assert f"Python {version}" in text
