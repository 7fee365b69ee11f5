"""Throughput against stock nbgrader and otter-grader: the same class, the same checks, on the same machine, in one run.

Throughput is submissions over the whole time that a command takes, from its start to its last file.

Stock nbgrader executes each notebook in a kernel of its own, with the hidden tests in its cells. otter-grader does so
from an environment of its own, which is made in `build/` the first time and takes some minutes and 2 GB.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import nbformat
from sample import NAME, ROOT, forget, make_class

BIN = Path(sys.executable).parent
AS_USUAL = {name: value for name, value in os.environ.items() if name not in ("OMP_NUM_THREADS", "MPLBACKEND")}
ENVIRONMENT = {
    **AS_USUAL,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")]),
    "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")]),
}
EXERCISES = ("linear_gain", "fit_gain", "phase_shift", "spectral_loss", "recover_gain")
HIDDEN = "### BEGIN HIDDEN TESTS\n"
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ExecutePreprocessor.timeout = 300
"""
OTTER = (
    "otter-grader==7.0.0",
    "torch==2.13.0",
    "scipy",
    "tqdm",
    "nbgrader==0.9.6",
    "safetensors",
    "ipywidgets",
    "bleach[css]",
    "matplotlib",
)


def timed(command: list[str | Path], folder: Path) -> float:
    """Seconds of wall time. Raises `RuntimeError` with what the command said, when it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def ours(folder: Path, count: int, workers: int) -> float:
    """Seconds for a class of `count`, from the command to its end: start-up, grades, gradebook, notebooks, results."""
    forget(folder)
    seconds = timed([BIN / "autograder", "grade", NAME, "--workers", str(workers)], folder)
    assert len(list((folder / "autograded").iterdir())) == count
    return seconds


def in_cells(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the hidden tests in its autograded cells."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "code" and name.startswith("test_"):
            cell.source = cell.source.split(HIDDEN)[0] + (
                f"{HIDDEN}import in_cell\nin_cell.check({NAME!r}, {name!r}, globals())\n### END HIDDEN TESTS"
            )
    return notebook


def stock_nbgrader(folder: Path, course: Path, students: list[str]) -> Iterator[float]:
    """Seconds for each student of `nbgrader autograde` as it comes, with its own `Execute`."""
    source = folder / "source" / NAME
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    original = course / "source" / NAME / f"{NAME}.ipynb"
    nbformat.write(in_cells(nbformat.read(original, as_version=4)), source / f"{NAME}.ipynb")
    timed([BIN / "nbgrader", "generate_assignment", NAME], folder)
    for student in students:
        shutil.copytree(course / "submitted" / student, folder / "submitted" / student)
    command = [BIN / "nbgrader", "autograde", NAME]
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    last = time.perf_counter()
    for student in students:  # it grades them in this order, and copies a notebook when it is done with it
        made = folder / "autograded" / student / NAME / f"{NAME}.ipynb"
        while process.poll() is None and not _executed(made):
            time.sleep(0.02)
        now = time.perf_counter()
        yield now - last
        last = now
    process.wait()
    graded = len(list((folder / "autograded").iterdir()))
    assert graded == len(students), f"stock nbgrader graded {graded} of {len(students)}"
    first = json.loads((folder / "autograded" / students[0] / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    failed = [
        output["evalue"]
        for cell in first["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    ]
    assert not failed, f"a right answer fails in stock nbgrader: {failed}"  # else not all questions were asked


def _executed(path: Path) -> bool:
    """nbgrader writes a notebook twice: as it was handed in, and with its outputs."""
    try:
        return '"execution_count": 1' in path.read_text(encoding="utf-8")
    except OSError:
        return False


def otter(folder: Path, course: Path, students: list[str]) -> Iterator[float]:
    """Seconds for each student of `otter run`."""
    home = otter_environment()
    archive = folder / "autograder.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("otter_config.json", json.dumps({"lang": "python"}))
        for name in EXERCISES:
            case = {"code": f">>> import in_cell\n>>> in_cell.check({NAME!r}, 'test_{name}', globals())\n"}
            test = {"name": name, "points": 1, "suites": [{"cases": [case], "type": "doctest"}]}
            file.writestr(f"tests/{name}.py", f"OK_FORMAT = True\ntest = {test!r}\n")
    for student in students:
        submitted = course / "submitted" / student / NAME / f"{NAME}.ipynb"
        out = folder / student
        out.mkdir()
        yield timed([home / "bin" / "otter", "run", "-a", archive, "-o", out, submitted], folder)
        results = json.loads((out / "results.json").read_text(encoding="utf-8"))  # fails where there are none
        scored = sum(test.get("score", 0) for test in results["tests"])
        assert student != students[0] or scored == len(EXERCISES), f"a right answer fails in otter: {results}"


def otter_environment() -> Path:
    """The environment of otter-grader, made when it is not there."""
    home = ROOT / "build" / "otter-grader"
    ready = home / "ready"
    if not ready.is_file() or ready.read_text().split() != list(OTTER):
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", *OTTER], check=True)
        ready.write_text("\n".join(OTTER))
    return home


def told(name: str, each: list[float], base: list[float]) -> str:
    """A line for a peer: its whole time over its submissions, each of them as median and range, and the ratio."""
    mean = statistics.mean(each)
    return (
        f"{name:28} {mean:8.3f} s a submission (median {statistics.median(each):.3f}, {min(each):.3f} to "
        f"{max(each):.3f})  {mean / statistics.median(base):6.1f} times ours"
    )


def ours_told(name: str, rounds: list[float]) -> str:
    """A line for ours: the whole time over the submissions, as median and range of the rounds."""
    return f"{name:28} {statistics.median(rounds):8.3f} s a submission ({min(rounds):.3f} to {max(rounds):.3f})"


@click.command()
@click.option("--submissions", default=40, show_default=True, help="For every grader.")
@click.option("--large", default=600, show_default=True, help="A larger class, for ours alone.")
@click.option("--rounds", default=3, show_default=True, help="Times that ours grades each class.")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    type=click.Choice(["nbgrader", "otter"]),
    default=("nbgrader", "otter"),
    show_default=True,
)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True)
def main(submissions: int, large: int, rounds: int, peers: tuple[str, ...], workers: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        grading = {"nbgrader": stock_nbgrader, "otter": otter}
        each: dict[str, list[float]] = {}
        small: list[float] = []
        make_class(folder / "course", submissions)
        students = sorted(path.name for path in (folder / "course" / "submitted").iterdir())
        for peer in peers:  # in turn with ours, so that a slow hour of the machine is everybody's
            small += [ours(folder / "course", submissions, workers) / submissions for _ in range(rounds)]
            (folder / peer).mkdir()
            each[peer] = list(grading[peer](folder / peer, folder / "course", students))
        many: list[float] = []
        if large:
            make_class(folder / "large", large)
            many = [ours(folder / "large", large, workers) / large for _ in range(rounds)]
        click.echo(f"{submissions} submissions, {workers} workers")
        click.echo(ours_told(f"ours, class of {submissions}", small))
        if many:
            click.echo(ours_told(f"ours, class of {large}", many))
        for peer, seconds in each.items():
            click.echo(told(f"{peer}, against {submissions}", seconds, small))
            if many:
                click.echo(told(f"{peer}, against {large}", seconds, many))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
