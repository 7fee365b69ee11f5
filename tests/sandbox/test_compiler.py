"""What is compiled before the first fork runs as it would have been compiled in the child."""

import pytest

from autograder.course.limits import Limits
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Sandbox
from autograder.submission import submission
from autograder.submission.cells import SubmittedCell as Cell

GIVEN = (
    "value = 3\n\ndef third(x):\n    return x / value\n\nvalue + 1",
    "from __future__ import annotations\n\ndef odd(x: not_defined):\n    return x",
    "def broken(:\n    pass",
    "'one line'",
    "import asyncio\nawait asyncio.sleep(0, 'waited')",
)
LEFT = "print(len(get_ipython().compile._trees))"


@pytest.fixture(scope="module")
def children():
    """children(source, ...): what these cells did in a child of a template process that was given `GIVEN`."""
    with Sandbox(cells=GIVEN) as sandbox:

        def run(*sources):
            cells = [Cell(index, source, f"number {index}") for index, source in enumerate(sources)]
            with Attempt(sandbox, cells, Limits(cell=30, question=30)) as attempt:
                attempt.run()
                return [attempt.ran[index] for index in range(len(sources))]

        yield run


def shown(ran):
    return "".join(
        item["text"] if item["output_type"] == "stream" else item["data"]["text/plain"] for item in ran.outputs
    )


def test_a_notebook_may_turn_await_off(children):
    _, waited = children("%autoawait off", GIVEN[4])
    assert waited.error == "SyntaxError"


def test_what_was_given_is_what_runs(children):
    first, used, waited = children(GIVEN[0], "third(6)", GIVEN[4])
    assert [shown(first), shown(used), shown(waited)] == ["4", "2.0", "'waited'"]


def test_every_cell_of_the_assignment_is_found_compiled(assignment, grader):
    given = submission.given(assignment)
    compiled = [cell for cell in given if len(cell.splitlines()) > 1]  # what one line means depends on what is defined
    assert "check_exercise(5)" in given[-1]
    assert len(compiled) == 2  # the imports, and the helpers
    handed_in = submission.understood(assignment.source_path.read_bytes(), "student-01", assignment)
    cells = [*handed_in.cells, Cell(999, LEFT, "last")]
    with Attempt(grader._sandbox, [Cell(0, LEFT, "first")]) as before, Attempt(grader._sandbox, cells) as attempt:
        before.run()
        attempt.run()
    assert shown(before.ran[0]) == f"{len(compiled)}\n"
    assert shown(attempt.ran[999]) == "0\n"


def test_a_cell_that_runs_twice_does_the_same_twice(children):
    first, second = children(GIVEN[0], GIVEN[0])
    assert shown(first) == shown(second) == "4"


def test_a_traceback_shows_the_lines_and_the_number_of_the_cell(children):
    *_, ran = children("before = 1", GIVEN[0], "third(None)")
    lines = "\n".join(ran.outputs[-1]["traceback"])
    assert "Cell In[2], line 4, in third(x)" in lines
    assert "----> 4     return x / value" in lines
    assert "Cell In[3], line 1" in lines


def test_a_future_statement_holds_from_where_it_stands(children):
    early, defined, late = children(
        "try:\n    def f(x: not_defined): pass\nexcept NameError:\n    print('early')",
        GIVEN[1],
        "def f(x: not_defined): pass\nprint('late')",
    )
    assert [shown(early), defined.error, shown(late)] == ["early\n", None, "late\n"]


def test_a_future_statement_of_a_student_holds_for_the_cells_after_it(children):
    """What was compiled without it does not count then."""
    _, first, looked = children("from __future__ import annotations", GIVEN[0], LEFT)
    assert shown(first) == "4"
    assert shown(looked) == "2\n"  # neither of the two that have no `from __future__` was taken


def test_a_cell_that_cannot_be_compiled_is_an_error_where_it_runs(children):
    broken, after = children(GIVEN[2], "1 + 1")
    assert broken.error == "SyntaxError"
    assert shown(after) == "2"


@pytest.mark.parametrize(
    "register",
    [
        "get_ipython().input_transformers_post.append(lambda lines: [line.replace('3', '30') for line in lines])",
        "get_ipython().input_transformer_manager.line_transforms.append("
        "lambda lines: [line.replace('3', '30') for line in lines])",
        """import ast
class Larger(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(30 if node.value == 3 else node.value), node)
get_ipython().ast_transformers.append(Larger())""",
    ],
    ids=["text", "lines", "tree"],
)
def test_a_transformer_that_was_registered_sees_the_cell(children, register):
    registered, ran = children(register, GIVEN[0])
    assert registered.error is None
    assert shown(ran) == "31"
