"""A sample class in a course folder of its own: released, solved well and badly, graded and reported.

`python -m autograder.demo FOLDER` makes the folder anew, from the course folder it is run in.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from autograder import corpus
from autograder.assignment import Assignment
from autograder.errors import UsageError

NAME = "differentiable_gain"
MARK = ".autograder-demo"  # stands in a folder that this module may delete
LIMITS = """
# The demo's hanging submission should not take two minutes.
c.AutograderLimits.cell = 4
c.AutograderLimits.question = 2
c.AutograderLimits.submission = 12
"""
ALTERNATIVES = ["one-element-vector", "autograd-grad", "manual-descent-no-grad", "full-fft-half"]
MISCONCEPTIONS = ["no-zero-grad", "gain-detached", "experiment-typed-in", "spectrum-real-part",
                  "history-after-step", "recover-ratio-of-energies"]
HANGS = corpus.Answer("hangs", "The loop never ends.", frozenset(), (("", "fit_gain", """
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    while abs(model.gain.item() - 0.15) > 1e-9:  # never exactly there
        loss = loss_fn(model(source), target)
        loss.backward()
        with torch.no_grad():
            model.gain -= lr * model.gain.grad
            model.gain.grad = None
"""),))


def sample_class(assignment: Assignment) -> Iterator[tuple[str, NotebookNode | str]]:
    """(what it is, notebook or file content) of each sample submission."""
    yield "the reference solution", corpus.notebook(assignment)
    for kind, names in (("alternatives", ALTERNATIVES), ("misconceptions", MISCONCEPTIONS)):
        known = {answer.name: answer for answer in corpus.answers(assignment.course, assignment.name, kind)}
        for name in names:
            yield known[name].sentence, corpus.notebook(assignment, known[name])
    yield "untouched", assignment.released
    yield HANGS.sentence, corpus.notebook(assignment, HANGS)
    yield "cut off in the middle", nbformat.writes(assignment.released)[:5000]


def make_course(origin: Path, folder: Path) -> Assignment:
    """A fresh course folder with a sample class in `submitted/`. Raises `UsageError` for a folder with other things."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UsageError(f"{folder} holds something that this demo did not make; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    for part in ("source", "solutions"):
        shutil.copytree(origin / part / NAME, folder / part / NAME)
    config = (origin / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(config + LIMITS, encoding="utf-8")
    assignment = Assignment(NAME, folder)
    for number, (_, content) in enumerate(sample_class(assignment), start=1):
        path = folder / "submitted" / f"student-{number:02}" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")
    return assignment


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m autograder.demo FOLDER")
    folder = Path(sys.argv[1]).resolve()
    console = Console()
    try:
        assignment = make_course(Path.cwd(), folder)
    except UsageError as error:
        sys.exit(f"autograder: {error}")
    for number, (what, _) in enumerate(sample_class(assignment), start=1):
        console.print(f"student-{number:02}  {what}", markup=False, highlight=False)
    console.print()
    bin_folder = Path(sys.executable).parent
    for command in (["nbgrader", "generate_assignment", NAME, "--log-level=ERROR"],
                    ["autograder", "grade", NAME], ["autograder", "report", NAME]):
        console.print("$ " + " ".join(command), style="bold", highlight=False)
        code = subprocess.run([bin_folder / command[0], *command[1:]], cwd=folder, check=False).returncode
        if code:
            sys.exit(code)
    console.print(f"\nThe course is in {folder}. Open report-{NAME}.html there in a browser.", highlight=False)


if __name__ == "__main__":
    main()
