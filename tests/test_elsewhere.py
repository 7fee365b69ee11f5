"""An answer beside the cell meant for it is never 0 unseen; nobody who has answered is told “No response.”."""

import nbformat
import pytest
from conftest import NAME, content

from autograder.submission import submission

ANSWER = "The sine and the cosine cancel, so the loss is least where there is no signal at all."
BOTH = {"phase_shift_explained", "polarity_explained"}
MD, CODE, RAW = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell, nbformat.v4.new_raw_cell


def understood(assignment, notebook):
    return submission.understood(nbformat.writes(notebook).encode(), "student-01", assignment)


def place(cells, name):
    return next(at for at, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


@pytest.fixture
def unanswered(assignment):
    """The reference with both written answers as they were released."""
    notebook = content(assignment, None)
    for name in BOTH:
        notebook.cells[place(notebook.cells, name)].source = assignment.cells[name].source
    return notebook


def typed_into_the_question(cells, at):
    question = next(cell for cell in reversed(cells[:at]) if cell.cell_type == "markdown")
    question.source += f"\n\n{ANSWER}"


WAYS = {
    "below": lambda cells, at: cells.insert(at + 1, MD(ANSWER)),
    "above": lambda cells, at: cells.insert(at, MD(ANSWER)),
    "short": lambda cells, at: cells.insert(at + 1, MD("Because they cancel.")),
    "raw": lambda cells, at: cells.insert(at + 1, RAW(ANSWER)),
    "a remark": lambda cells, at: cells.insert(at + 1, CODE(f"# {ANSWER}")),
    "a string": lambda cells, at: cells.insert(at + 1, CODE(f'"""{ANSWER}"""')),
    "in the question": typed_into_the_question,
    "at the end": lambda cells, at: cells.append(MD(ANSWER)),
    "at the top": lambda cells, at: cells.insert(0, MD(ANSWER)),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_written_answer_in_another_cell_waits_for_a_person(assignment, unanswered, way):
    way(unanswered.cells, place(unanswered.cells, "phase_shift_explained"))
    found = understood(assignment, unanswered)
    assert "phase_shift_explained" not in found.untouched(assignment)
    [flag] = [flag for flag in found.flags if "look for the answer in another cell" in flag]
    assert "phase_shift_explained" in flag


def test_without_any_text_there_is_no_answer(assignment, unanswered):
    found = understood(assignment, unanswered)
    assert found.untouched(assignment) == BOTH
    assert found.flags == ()
    unanswered.cells.insert(3, CODE("x = 1\nplt.plot([1, 2])"))
    unanswered.cells.insert(5, MD("## Notes"))
    unanswered.cells.append(MD(""))
    assert understood(assignment, unanswered).untouched(assignment) == BOTH


def test_what_was_released_is_no_answer(assignment):
    found = understood(assignment, nbformat.from_dict(assignment.released))
    assert found.untouched(assignment) >= BOTH
    assert {"linear_gain", "fit_gain"} <= found.untouched(assignment)


def test_a_part_that_another_cell_defines_is_not_called_unanswered(assignment):
    notebook = content(assignment, None)
    at = place(notebook.cells, "fit_gain")
    own = notebook.cells[at].source
    notebook.cells[at].source = assignment.cells["fit_gain"].source
    assert "fit_gain" in understood(assignment, notebook).untouched(assignment)
    notebook.cells.insert(at + 1, CODE(own))
    found = understood(assignment, notebook)
    assert "fit_gain" not in found.untouched(assignment)
    assert found.flags == ()


def test_both_commands_let_a_person_look_and_say_nothing_untrue(course, entries, assignment, unanswered):
    cells = unanswered.cells
    cells.insert(place(cells, "polarity_explained") + 1, MD("They have equal spectra."))
    at = place(cells, "fit_gain")
    cells.insert(at + 1, CODE(cells[at].source))
    cells[at].source = assignment.cells["fit_gain"].source
    course.hand_in("student-01", unanswered)
    for command in (
        ("autograder", "grade", NAME, "--workers", "1"),
        ("nbgrader", "autograde", NAME, "--force", "--log-level=ERROR"),
    ):
        done = course.run(*command)
        assert done.returncode == 0, done.stderr
        found = entries(course, "student-01")
        assert found["score"] == 24, command
        assert found["waits"] == {"polarity_explained"}, command
        assert found["auto"]["phase_shift_explained"] == 0, command
        assert found["comments"]["phase_shift_explained"] == "No response.", command
        assert found["comments"]["polarity_explained"] is None, command
        assert found["comments"]["fit_gain"] is None, command
