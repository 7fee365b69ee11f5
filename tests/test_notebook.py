"""What a student sees of the handout: the visible checks, and what they say when something is wrong."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NAME = "differentiable_gain"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
CHECKS = {
    "test_linear_gain": ["linear_gain"],
    "test_fit_gain": ["fit_gain"],
    "test_phase_shift": ["phase_shift_experiment", "loss_landscape"],
    "test_spectral_loss": ["spectral_loss"],
    "test_recover_gain": ["recover_gain"],
}
SOLUTIONS = [cell for cells in CHECKS.values() for cell in cells]
# Wrong answers, the check that must notice, and a word of its sentence.
WRONG = {
    "gain": ("linear_gain", "self.gain * x", "2 * self.gain * x", "test_linear_gain", "what forward does"),
    "history": ("fit_gain", "optimizer.zero_grad()", "pass", "test_fit_gain", "cleared in every iteration"),
    "shift": ("phase_shift_experiment", "torch.nn.L1Loss()", "SpectralLoss()", "test_phase_shift", "which loss"),
    "list": ("loss_landscape", "torch.stack(", "list(", "test_phase_shift", "torch.stack makes one tensor"),
    "magnitudes": ("spectral_loss", ".abs()", ".real", "test_spectral_loss", "magnitudes"),
    "nan": ("recover_gain", "SpectralLoss()", "SpectralLoss(2)", "test_recover_gain", "no number any more"),
}


@pytest.fixture
def said(run, assignment):
    """said(check, **cells): the error of a cell after the set-up, the solutions with some replaced, and itself.

    None where it passes. A solution that is given as None is left out.
    """
    source = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in assignment.source.cells if "nbgrader" in cell.metadata
    }

    def said(check, **cells):
        own = [cells.get(name, source[name]) for name in SOLUTIONS]
        ran = run(source["setup"], source["helpers"], *filter(None, own), source.get(check, check))
        assert not any(one.error for one in ran[:-1])
        return next((output for output in ran[-1].outputs if output["output_type"] == "error"), None)

    said.source = source
    return said


def shown(error):
    return ANSI.sub("", "\n".join(error["traceback"]))


def rows(text):
    """The first words of the lines of a message; lines that go on are indented."""
    return [line.split("  ")[1] for line in text.splitlines() if not line.startswith("     ")]


def test_a_student_sees_one_line_of_each_check(assignment):
    for name in CHECKS:
        lines = assignment.cells[name].source.strip().splitlines()
        assert len(lines) == 1, name
        assert lines[0].startswith("check_exercise(")


def test_the_helpers_are_collapsed(assignment):
    assert assignment.cells["helpers"].metadata["jupyter"] == {"source_hidden": True}


@pytest.mark.parametrize("check", CHECKS)
def test_a_right_answer_passes(said, check):
    assert said(check) is None


@pytest.mark.parametrize("wrong", WRONG)
def test_a_check_that_fails_says_three_things_and_shows_no_line_of_ours(said, wrong):
    cell, old, new, check, word = WRONG[wrong]
    answer = said.source[cell].replace(old, new)
    assert answer != said.source[cell]
    error = said(check, **{cell: answer})
    assert error["ename"] == "CheckFailed"
    assert rows(shown(error)) == ["Expected", "Found", "Look at"]
    assert word in " ".join(shown(error).split())
    assert "Traceback" not in shown(error)
    assert "expect(" not in shown(error)
    assert max(map(len, shown(error).splitlines())) <= 72


def test_every_failure_of_every_check_has_three_things_to_say(assignment):
    calls = [
        call
        for call in ast.walk(ast.parse(assignment.cells["helpers"].source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("expect", "CheckFailed")
    ]
    assert len(calls) > 60
    for call in calls:
        assert len(call.args) == {"expect": 4, "CheckFailed": 3}[call.func.id], ast.unparse(call)


@pytest.mark.parametrize("check", CHECKS)
def test_an_error_of_the_student_shows_the_line_of_the_student(said, check):
    for cell in CHECKS[check]:
        name = re.search(r"(?:def|class) (\w+)", said.source[cell])[1]
        broken = f"def {name}(*arguments, **named):\n    spoilt = 1\n    return spoilt / 0"
        error = said(check, **{cell: broken})
        assert error["ename"] == "ZeroDivisionError"
        assert "return spoilt / 0" in shown(error)
        assert "check_" not in shown(error)
        assert "outcome" not in shown(error)


def test_an_error_inside_torch_shows_the_line_that_led_there_and_no_other(said):
    answer = said.source["spectral_loss"].replace("torch.fft.rfft(x)", "torch.fft.rfft(x.long() > 0, dim=7)")
    error = said("test_spectral_loss", spectral_loss=answer)
    assert error["ename"] == "IndexError"
    assert "rfft(x.long() > 0, dim=7)" in shown(error)
    assert "module.py" not in shown(error)


def test_a_call_that_the_part_does_not_understand_is_told_in_three_lines(said):
    error = said("test_fit_gain", fit_gain="def fit_gain(model, loss_fn):\n    return []")
    assert error["ename"] == "TypeError"
    assert rows(shown(error)) == ["Expected", "Found", "Look at"]
    assert "history = fit_gain(model, torch.nn.MSELoss(), source, target, n_iter=8, lr=0.1)" in " ".join(
        shown(error).split()
    )


@pytest.mark.parametrize("check", CHECKS)
def test_a_name_that_is_missing_comes_with_the_cell_to_run(said, check):
    number = 1 + list(CHECKS).index(check)
    for cell in CHECKS[check]:
        begins = re.search(r"(?:def|class) \w+", said.source[cell])[0]
        error = said(check, **{cell: None})
        assert rows(shown(error)) == ["Expected", "Found", "Look at"]
        assert f"the cell of exercise {number} that begins with “{begins}”" in " ".join(shown(error).split())


def test_a_name_that_another_part_misses_comes_with_its_cell(said):
    error = said("test_recover_gain", fit_gain=None)
    assert "the cell of exercise 2 that begins with “def fit_gain”" in " ".join(shown(error).split())


def test_what_is_not_written_yet_is_named(said, assignment):
    error = said("test_recover_gain", fit_gain=assignment.cells["fit_gain"].source)
    assert error["ename"] == "NotImplementedError"
    assert rows(shown(error)) == ["Expected", "Found", "Look at"]
    assert "fit_gain is written." in shown(error)


def test_helpers_without_the_set_up_say_what_to_run(run, assignment):
    [ran] = run(assignment.cells["helpers"].source)
    [error] = ran.outputs
    assert rows(shown(error)) == ["Expected", "Found", "Look at"]
    assert "the first code cell" in shown(error)


def summary(run, assignment, **cells):
    source = {name: cell.source for name, cell in assignment.cells.items()}
    solved = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in assignment.source.cells if "nbgrader" in cell.metadata
    }
    own = [cells.get(name, solved[name]) for name in SOLUTIONS]
    *_, ran = run(source["setup"], source["helpers"], *own, source["summary"])
    [output] = ran.outputs
    return output["text"].splitlines()


def test_the_last_cell_says_which_checks_pass(run, assignment):
    assert summary(run, assignment)[-1].startswith("5 of 5 checks pass.")
    *lines, last = summary(run, assignment, fit_gain="def fit_gain(*_, **__):\n    return []", loss_landscape="1 + 1")
    assert [("DOES NOT PASS" in line) for line in lines] == [False, True, True, False, True]
    assert last.startswith("2 of 5 checks pass.")


def test_the_sentence_of_a_check_reaches_the_feedback(grade, assignment):
    solved = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in assignment.source.cells if "nbgrader" in cell.metadata
    }
    for cell, old, new, check, word in (WRONG["gain"], WRONG["list"]):
        graded = grade({cell: solved[cell].replace(old, new)}).grade
        hints = [one.hint for one in graded.exercises[check].checks if one.hint]
        assert any(hint.startswith("Expected: ") and word in hint for hint in hints), hints


@pytest.fixture(scope="module")
def executed(assignment, tmp_path_factory):
    """The solved notebook with every cell run in a kernel, animations and sliders too; and its text."""
    folder = tmp_path_factory.mktemp("executed")
    notebook = nbformat.from_dict(assignment.source)
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    path = folder / "all.ipynb"
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    program = Path(sys.executable).parent / "jupyter"
    done = subprocess.run(
        [program, "execute", "--inplace", path.name],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(path, as_version=4), path.read_text(encoding="utf-8")


def outputs(notebook):
    """Every rich output, with the id of its cell."""
    return [
        (cell.id, output.data)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type in ("display_data", "execute_result")
    ]


@pytest.mark.timeout(1020)
def test_the_solved_notebook_with_all_its_outputs_is_small(executed):
    assert len(executed[1].encode()) < 1_000_000


@pytest.mark.timeout(1020)
def test_every_picture_player_and_slider_has_words(executed):
    notebook, _ = executed
    shown = outputs(notebook)
    assert len(shown) > 18
    for name, data in shown:
        assert len(data["text/plain"]) > 20, name
        markup = data["text/html"]
        assert re.search(r"<(img|audio)", markup), name
        for tag in re.findall(r"<(?:img|audio|input type=.range.|input[^>]*range)[^>]*>", markup):
            words = re.search(r'(?:alt|aria-label)="([^"]+)"', tag)
            assert words, (name, tag[:200])
            assert len(words[1]) > 10, (name, words[1])
    widgets = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
    sliders = [one["state"] for one in widgets if "Slider" in one["model_name"] and "description" in one["state"]]
    assert sorted(slider["description"] for slider in sliders) == ["degrees", "gain"]
    assert all(slider["tooltip"] for slider in sliders)
    [knobs] = [data for name, data in shown if name == "turn_knobs"]
    assert '<img alt="Gain 0.50, target shifted by 60 degrees' in knobs["text/html"]


@pytest.mark.timeout(1020)
def test_the_figures_show_what_the_text_says(executed):
    notebook, _ = executed
    words = {}
    for name, data in outputs(notebook):
        words[name] = words.get(name, "") + data["text/plain"]
    assert "lowest at 0.15" in words["plot_l1_landscape"]
    assert "lowest at -0.00" in words["plot_l1_landscape"].replace("at 0.00", "at -0.00")
    assert "lowest at -0.15 and 0.15" in words["plot_polarity"]
    assert "0.075 at 60 degrees" in words["plot_phase_sweep"]
    assert "4000 at 300 Hz" in words["plot_spectra"]


def test_pictures_wait_without_a_traceback_for_what_is_not_written(run, assignment):
    source = {name: cell.source for name, cell in assignment.cells.items()}
    shows = [name for name in source if name.startswith(("plot_", "show_", "turn_"))]
    ran = run(
        source["setup"], source["helpers"], *[source[name] for name in SOLUTIONS], *[source[name] for name in shows]
    )
    said = dict(zip(shows, ran[2 + len(SOLUTIONS) :], strict=True))
    waits = {name for name, one in said.items() if "Nothing to show yet" in str(one.outputs)}
    assert {"plot_l1_fit", "show_l1_fit", "plot_l1_landscape", "plot_polarity", "turn_knobs"} <= waits
    for name in waits:
        assert not said[name].error, name
        assert "exercise" in str(said[name].outputs)


def test_a_guess_comes_before_each_experiment_and_nothing_gives_it_away(assignment):
    names = [cell.id for cell in assignment.released.cells]
    for guess, experiment, answer in (
        ("guess-fit", "plot_l1_fit", "text-one-step"),
        ("guess-shifted", "show_l1_estimates", "text-loss-landscape"),
        ("guess-degrees", "plot_phase_sweep", "text-angles"),
        ("guess-spectral", "plot_spectral_landscape", "text-power"),
        ("guess-polarity", "plot_polarity", "text-polarity-question"),
    ):
        assert names.index(guess) + 1 == names.index(experiment) < names.index(answer)
    guesses = [cell for cell in assignment.released.cells if cell.id.startswith("guess-")]
    assert not any("nbgrader" in cell.metadata for cell in guesses)
    headings = re.findall(r"^#+ .*$", "\n".join(cell.source for cell in assignment.released.cells), re.MULTILINE)
    assert not [line for line in headings if re.search("fails|works|minimum|valley|cannot", line)]


@pytest.mark.timeout(1020)
def test_validate_shows_the_three_lines_and_nothing_of_ours(course, assignment):
    notebook = nbformat.from_dict(assignment.released)
    solved = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in assignment.source.cells if "nbgrader" in cell.metadata
    }
    wrong = {cell: (old, new) for cell, old, new, *_ in (WRONG["history"], WRONG["magnitudes"])}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in SOLUTIONS:
            cell.source = solved[name].replace(*wrong.get(name, ("", "")))
    (course.folder / f"{NAME}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    done = course.run("nbgrader", "validate", f"{NAME}.ipynb", timeout=480)
    said = done.stdout
    assert "VALIDATION FAILED ON" in said, said + done.stderr
    assert "whether the gradients are cleared" in said
    assert "whether you compare magnitudes" in said
    assert "Traceback" not in said
    assert "expect(" not in said
    assert not [line for line in said.splitlines() if len(line) > 86 and line.endswith("...")], "a line was cut"
