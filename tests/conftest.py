"""What the tests share: one warm grader, and course folders that are quick to make."""

import contextlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook as Database
from xdist.scheduler import LoadScopeScheduling

from autograder.cli import main
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.course.limits import Limits
from autograder.judging.grader import Grader
from autograder.pages.shown import shown
from autograder.records.gradebook import Gradebook
from autograder.sandbox.attempt import Attempt
from autograder.submission.cells import SubmittedCell as Cell

ROOT = Path(__file__).resolve().parents[1]
NAME = "differentiable_gain"
SEED = 20261123
# Tests of these files stand alone, so that workers may share them; any other file is left to one worker, because its
# tests look at one course that takes long to make.
SPREAD = {
    f"tests/{name}.py"
    for name in (
        "test_audit",
        "test_corpus",
        "test_cli",
        "test_demo",
        "test_gradebook",
        "test_release",
        "test_run",
        "sandbox/test_attempt",
        "sandbox/test_shell",
    )
}
# A loaded machine is no reason to fail; nothing but a submission that hangs comes near these.
PATIENT = Limits(cell=45, question=15, submission=150)


# Files whose tests take no grader and few seconds: `make check`.
QUICK = {
    f"tests/{name}.py"
    for name in (
        "test_check",
        "test_judge",
        "test_course",
        "test_verdict",
        "test_wire",
        "test_layout",
        "test_hidden",
        "test_submission",
        "course/test_class_list",
        "sandbox/test_newer",
    )
}
# Files whose tests show that a machine can grade: `make test-bare`.
BARE = {
    f"tests/{name}.py" for name in ("test_walls", "test_bare_machine", "test_run", "test_cli", "test_right_answers")
}
# What a skipped test says it lacks, and how to get it; other reasons stand as they are.
INSTALL = {
    "Chromium": "apt-get install chromium",
    "PostgreSQL": "apt-get install postgresql",
    "openssl": "apt-get install openssl",
    "bubblewrap is not": "apt-get install bubblewrap",
}


def pytest_collection_modifyitems(items):
    for item in items:
        file = item.nodeid.partition("::")[0]
        if file in QUICK:
            item.add_marker(pytest.mark.quick)
        if file in BARE:
            item.add_marker(pytest.mark.bare)


def pytest_terminal_summary(terminalreporter):
    """How many tests were skipped, for what, and what to install for them."""
    reasons = Counter(
        str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.section("skipped here")
    for reason, count in reasons.most_common():
        mend = next((f" ({command})" for word, command in INSTALL.items() if word in reason), "")
        terminalreporter.line(f"{count:4} {reason}{mend}")


class Scheduler(LoadScopeScheduling):
    """Shares the tests out to workers."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return nodeid if file in SPREAD else file


def pytest_xdist_make_scheduler(config, log):
    return Scheduler(config, log)


@pytest.fixture(scope="session")
def assignment():
    return Assignment(NAME, ROOT)


@pytest.fixture(scope="session")
def grader(assignment):
    """One warm grader for all tests, with a fixed seed."""
    with Grader(assignment, SEED, PATIENT) as warm:
        yield warm


@pytest.fixture(scope="session")
def sandbox(grader):
    """The warm grader's sandbox."""
    return grader._sandbox


@pytest.fixture
def attempt(sandbox):
    """attempt(source, ..., **limits): an `Attempt` at these cells, not yet run, ended after the test."""
    with contextlib.ExitStack() as stack:

        def begin(*sources, **limits):
            cells = [Cell(index, source, f"number {index + 1}") for index, source in enumerate(sources)]
            return stack.enter_context(Attempt(sandbox, cells, Limits(**{**vars(PATIENT), **limits})))

        yield begin


@pytest.fixture
def run(attempt):
    """run(source, ..., **limits): what each of these cells did, run in order in one fresh child."""

    def run(*sources, **limits):
        begun = attempt(*sources, **limits)
        begun.run()
        return [begun.ran[index] for index in range(len(sources))]

    return run


@pytest.fixture
def grade(grader, assignment, tmp_path, monkeypatch):
    """grade(what, **limits): the `Graded` of a notebook, a file's text or the reference with some cells replaced.

    Cells are given as {"fit_gain": code, "before fit_gain": code}.
    """

    def grade(what=None, **limits):
        if limits:
            monkeypatch.setattr(grader, "_limits", Limits(**{**vars(PATIENT), **limits}))
        folder = tmp_path / "handed in"
        hand_in(folder, content(assignment, what))
        return shown(grader.grade(folder, "student-01"), assignment)

    return grade


def content(assignment, what):
    """What is handed in: a notebook or a text as it is, else the reference with cells replaced."""
    if isinstance(what, NotebookNode | str):
        return what
    cells = tuple((*key.rpartition(" ")[::2], code) for key, code in (what or {}).items())
    return corpus.notebook(assignment, corpus.Answer("changed", "", frozenset(), cells))


def hand_in(folder, content):
    """Writes a notebook (or any text) where a submission is expected."""
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else nbformat.writes(content)
    (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory, assignment):
    """A course folder with a gradebook that knows the assignment, to copy from."""
    folder = tmp_path_factory.mktemp("pristine")
    for part in ("source", "hidden"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    with Gradebook(Assignment(NAME, folder)):
        pass
    return folder


class Course:
    """A course folder of a test's own."""

    def __init__(self, folder, assignment):
        self.folder = folder
        self.assignment = assignment
        self.db_url = f"sqlite:///{folder}/gradebook.db"

    def hand_in(self, student, what=None):
        """`what`: a notebook, a file's text, cells of the reference to replace, or None for the reference."""
        folder = self.folder / "submitted" / student / NAME
        hand_in(folder, content(self.assignment, what))
        return folder

    def gradebook(self):
        """nbgrader's own view of the gradebook."""
        return Database(self.db_url, "differentiable-audio")

    def result(self, student):
        """The result file, as data."""
        return json.loads((self.folder / "results" / NAME / f"{student}.json").read_text(encoding="utf-8"))

    def autograded(self, student):
        return nbformat.read(self.folder / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)

    def snapshot(self):
        """Every file with its content, size and time, and every folder."""
        return {
            str(path.relative_to(self.folder)): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in sorted(self.folder.rglob("*"))
        }

    def configure(self, line):
        with (self.folder / "nbgrader_config.py").open("a") as config:
            config.write(f"\n{line}\n")

    def run(self, *command, timeout=450):
        """Runs `autograder` or `nbgrader` here; the completed process, with its texts."""
        program = Path(sys.executable).parent / command[0]
        return subprocess.run(
            [program, *command[1:]], cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False
        )


@pytest.fixture
def course(pristine, tmp_path):
    """A course folder with a gradebook and nothing handed in."""
    return copied(pristine, tmp_path)


@pytest.fixture(scope="module")
def shared_course(pristine, tmp_path_factory):
    """A `course` for all tests of a module."""
    return copied(pristine, tmp_path_factory.mktemp("shared"))


def copied(pristine, parent):
    shutil.copytree(pristine, parent / "course")
    return Course(parent / "course", Assignment(NAME, parent / "course"))


def borrow(sandbox, patch):
    """Graders that are made from here on borrow this warm sandbox, so that they start at once."""

    class Borrowed:
        def __init__(self, *_, **__):
            pass

        def __getattr__(self, name):
            return getattr(sandbox, name)

        def start(self):
            pass

        def close(self):
            pass

    patch.setattr("autograder.judging.grader.Sandbox", Borrowed)
    patch.setattr("autograder.sandbox.selftest.require", lambda sandbox: None)  # done when it was started


@pytest.fixture
def warm(sandbox, monkeypatch):
    """Graders that are made during the test borrow the warm sandbox, so that they start at once."""
    borrow(sandbox, monkeypatch)


@pytest.fixture(scope="session")
def entries():
    """entries(course, student): what nbgrader's gradebook holds, by cell."""

    def entries(course, student):
        with course.gradebook() as gradebook:
            found = gradebook.find_submission_notebook(NAME, NAME, student)
            return {
                "auto": {grade.name: grade.auto_score for grade in found.grades},
                "manual": {grade.name: grade.manual_score for grade in found.grades},
                "extra": {grade.name: grade.extra_credit for grade in found.grades},
                "waits": {grade.name for grade in found.grades if grade.needs_manual_grade},
                "comments": {comment.name: comment.auto_comment for comment in found.comments},
                "by hand": {comment.name: comment.manual_comment for comment in found.comments},
                "score": found.score,
            }

    return entries


@pytest.fixture
def run_main(monkeypatch, capsys):
    """run_main(word, ...): (exit code, stdout, stderr) of `autograder word ...`, in this process and folder."""

    def run_main(*words):
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        return code, *capsys.readouterr()

    return run_main


@pytest.fixture
def command(course, warm, monkeypatch, run_main):
    """command(word, ...): (exit code, stdout, stderr) of `autograder word ...` in the course folder."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(course.folder)

    def command(*words):
        alone = ("--workers", "1") if words[:1] == ("grade",) and "--workers" not in words else ()
        return run_main(*words, *alone)

    return command
