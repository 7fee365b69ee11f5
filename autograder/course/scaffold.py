"""A course folder and an assignment to begin with: whole, small and in good style."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.configuration import is_course
from autograder.course.folder import Folders
from autograder.errors import GraderFault, UsageError
from autograder.files import notebook_text

TEMPLATES = Path(__file__).parent / "templates"
NAMES = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,79}")
EXERCISES = re.compile(r"[a-z][a-z0-9_]{0,59}")
TAKEN = frozenset({"setup", "torch", "np", "plt", "check", "oracle"})
POINTS = 3  # of each exercise: its three checks give one each
SETUP = """import numpy as np
import torch
from matplotlib import pyplot as plt"""
OPENING = """# TITLE

Say here what this is about, and what students will have built at the end.

- Write where it says `# YOUR CODE HERE`, and delete the line `raise NotImplementedError()`.
- Each exercise is followed by a check cell. The hidden tests, which give the points, look closer and use other numbers.
- All other code cells are locked: what is changed in them is put back before grading."""


def init(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Makes a course folder: (path, whether it is new) of each part. Touches nothing that is there.

    Raises `UsageError` where the folder cannot be one, `GraderFault` where it cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder.")
    if set("?#[]*%") & set(str(folder)):
        raise UsageError(f"nbgrader cannot work in {folder}: leave ?, #, %, *, [ and ] out of the folder's name.")
    course_id = re.sub(r"[^a-zA-Z0-9_-]+", "-", folder.name).strip("-") or "course"
    try:
        for name in ("source", "hidden", "answers", "submitted"):
            new = not (folder / name).exists()
            (folder / name).mkdir(parents=True, exist_ok=True)
            yield folder / name, new
        for name, template in (
            ("nbgrader_config.py", "nbgrader_config.py.txt"),
            (".gitignore", "gitignore.txt"),
            ("README.md", "README.md.txt"),
            ("requirements.txt", "requirements.txt.txt"),
        ):
            text = (TEMPLATES / template).read_text("utf-8").replace("COURSE_ID", course_id)
            yield folder / name, _write(folder / name, text)
    except OSError as error:
        raise GraderFault(f"{error.filename or folder} cannot be written: {error.strerror}.") from error


def new(course: Path, name: str, exercises: Sequence[str]) -> list[Path]:
    """Makes an assignment in a course folder: notebook, hidden tests and answers of each exercise; their paths.

    Each exercise is a small real one, to be replaced by yours: release, grade and audit work at once.

    Raises `UsageError` for names that cannot be used and for an assignment that is there, `GraderFault` where it cannot
    be written.
    """
    if not NAMES.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an assignment: letters, digits, _ and -, a letter first.")
    for exercise in exercises:
        if not EXERCISES.fullmatch(exercise) or keyword.iskeyword(exercise) or exercise in TAKEN:
            raise UsageError(
                f"{exercise!r} cannot be the name of an exercise: it becomes a Python function, in lower "
                "case, such as one_pole_filter."
            )
        if exercise.startswith(("test_", "probe_", "check_")):
            raise UsageError(
                f"{exercise!r} cannot be the name of an exercise: its cells and files begin with "
                f"{exercise.partition('_')[0]}_ already."
            )
    if len(set(exercises)) < len(exercises):
        raise UsageError("Two exercises have the same name.")
    folders = Folders.of(course)
    for folder in (folders.source / name, folders.hidden / name, folders.answers / name):
        if folder.exists():
            raise UsageError(f"There is something in {folder} already; choose another name.")
    files = dict(_files(folders, name, exercises))
    try:
        for path, text in files.items():
            _write(path, text)
    except OSError as error:
        raise GraderFault(f"{error.filename or course} cannot be written: {error.strerror}.") from error
    return list(files)


def _files(folders: Folders, name: str, exercises: Sequence[str]) -> Iterator[tuple[Path, str]]:
    yield folders.source / name / f"{name}.ipynb", notebook_text(_notebook(name, exercises))
    hidden, answers = folders.hidden / name, folders.answers / name
    yield hidden / "oracle.py", _template("oracle.py")
    for exercise in exercises:
        yield hidden / f"test_{exercise}.py", _template("test.py", exercise)
        yield hidden / f"probe_{exercise}.py", _template("probe.py", exercise)
    for exercise in exercises:
        part = exercise.replace("_", "-")
        yield answers / "alternatives" / f"{part}-with-lerp.py", _template("alternative.py", exercise)
        yield answers / "misconceptions" / f"{part}-mean-whole.py", _template("misconception.py", exercise)
    changes = "\n".join(f'{exercise} = [["mean forgotten", "x.mean()", "0"]]' for exercise in exercises)
    unasked = "\n".join(
        f'[[equivalent]]\ncell = "{exercise}"\nwas = "{exercise}"\nbecomes = "is off for batches of x"\n'
        'proof = "The text promises one-dimensional signals alone."\n'
        for exercise in exercises
    )
    made = _template("mutants.toml").replace("CHANGES", changes).replace("EQUIVALENTS\n", unasked)
    yield answers / "mutants.toml", made


def _notebook(name: str, exercises: Sequence[str]) -> NotebookNode:
    title = name.replace("_", " ").replace("-", " ").capitalize()
    cells = [
        nbformat.v4.new_markdown_cell(OPENING.replace("TITLE", title), id="opening"),
        _code("setup", SETUP, locked=True),
    ]
    for exercise in exercises:
        cells += [
            nbformat.v4.new_markdown_cell(_template("text.md", exercise).strip(), id=f"text-{exercise}"[:64]),
            _code(exercise, _template("solution.py", exercise).strip(), solution=True),
            _code(f"test_{exercise}", _template("check.py", exercise).strip(), locked=True, grade=True, points=POINTS),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    made.nbformat_minor = 5
    return made


def _code(
    grade_id: str,
    source: str,
    *,
    locked: bool = False,
    grade: bool = False,
    solution: bool = False,
    points: float | None = None,
) -> NotebookNode:
    named = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
        **({} if points is None else {"points": points}),
    }
    return nbformat.v4.new_code_cell(source, id=grade_id[:64], metadata={"nbgrader": named})


def _template(name: str, exercise: str = "") -> str:
    return (TEMPLATES / f"{name}.txt").read_text("utf-8").replace("EXERCISE", exercise)


def _write(path: Path, text: str) -> bool:
    """False where there is something already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def require_new(folder: Path) -> None:
    """Raises `UsageError` where `init` has nothing to do."""
    if is_course(folder):
        raise UsageError(f"{folder} is a course folder already.")
