"""A class of 120, from the command line: everybody gets what is due, and the second run has nothing to do."""

import json
import re
import shutil

import nbformat
import pytest
from sqlalchemy import func, select

from autograder.course import answers as corpus

NAME = "differentiable_gain"
COUNT = 120
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}


@pytest.mark.timeout(1200)
def test_a_large_class_is_graded_whole_and_once(course, assignment):
    """Most are cheap: left as released but for the first exercise. So the test takes seconds, not minutes."""
    cheap = nbformat.from_dict(assignment.released)
    for cell in cheap.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "linear_gain":
            cell.source = corpus.reference(assignment)["linear_gain"]
    kinds = {0: (None, 24), 1: (WRONG, 15), 2: ("cut off", None)}  # of every 30; all others are cheap
    first = {}
    for number in range(COUNT):
        student = f"student-{number + 1:03}"
        what, _ = kinds.get(number % 30, (cheap, 5))
        if number % 30 in first:
            shutil.copytree(first[number % 30], course.folder / "submitted" / student / NAME)
        else:
            first[number % 30] = course.hand_in(student, what)
    done = course.run("autograder", "grade", NAME, timeout=900)
    assert done.returncode == 0, done.stderr
    assert f"{COUNT} graded now, 0 unchanged" in done.stdout
    assert len(re.findall(r"^student-\d+: .* s\)$", done.stdout, re.MULTILINE)) == COUNT
    results = {
        path.stem: json.loads(path.read_text()) for path in (course.folder / "results" / NAME).glob("student-*.json")
    }
    assert {student: result["score"] for student, result in results.items()} == {
        f"student-{number + 1:03}": kinds.get(number % 30, (None, 5))[1] for number in range(COUNT)
    }
    assert len(list((course.folder / "autograded").iterdir())) == COUNT
    with course.gradebook() as gradebook:
        scores = {submission.student_id: submission.score for submission in gradebook.find_assignment(NAME).submissions}
        assert (
            gradebook.db.scalar(
                select(func.count()).select_from(
                    gradebook.find_grade("test_fit_gain", NAME, NAME, "student-001").__class__
                )
            )
            == COUNT * 7
        )
    assert scores == {student: result["score"] or 0 for student, result in results.items()}
    again = course.run("autograder", "grade", NAME)
    assert again.returncode == 0, again.stderr
    assert f"0 graded now, {COUNT} unchanged" in again.stdout
