"""The documentation is held to the kit: every command in it runs, every figure, name and link in it is right."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
import nbformat
import numpy as np
import pytest
from processes import ended

import autograder
from autograder import demo
from autograder.cli import cli
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.course.folder import limits
from autograder.course.limits import Limits
from autograder.judging.judge import Judge
from autograder.pages.feedback import WORDS
from autograder.testing import Observation, Recognised, Tolerance, recognising
from autograder.verdict import Status

NAME = "differentiable_gain"
ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = ["student-01", "student-07", "student-12", "student-14"]  # whom the README shows, of the demo's class
MAKES = {"make demo": [f"autograder demo {NAME} --output build/demo"], "make test": ["ruff check", "mypy", "pytest"]}
# named in the text
ALSO_MAKES = {"make audit": [f"autograder audit {NAME}"], "make check": ["ruff check", "mypy", "-m quick"]}
SERVES = "jupyter lab"  # the one command that does not end by itself
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
EACH = 450  # s for one command


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str


def blocks(path: Path, language: str) -> list[Block]:
    """The page's blocks in `language`, in order, without the indentation of the list they may stand in."""
    return [
        Block(found[2], re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE))
        for found in BLOCK.finditer(path.read_text("utf-8"))
        if found[2] == language
    ]


def commands(path: Path) -> list[str]:
    return [
        line.removeprefix("$ ")
        for block in blocks(path, "console")
        for line in block.text.splitlines()
        if line.startswith("$ ")
    ]


def settings(path: Path) -> str:
    """What the page says should go into nbgrader_config.py."""
    return "\n".join(block.text for block in blocks(path, "python") if block.text.startswith("c."))


@dataclass(frozen=True)
class Course:
    """A course folder in which the commands of the pages are run, and the home of the person who runs them."""

    folder: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        binaries = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        jupyter = {f"JUPYTER_{name}_DIR": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        return {
            "PATH": binaries,
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "OMP_NUM_THREADS": "1",
            "IPYTHONDIR": str(self.home / "ipython"),
            **jupyter,
        }

    def run(self, command: str) -> str:
        """What the command says; it must end well."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=EACH,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        return done.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course folder like the demo's, with four of its students, whose files lie in a zip in ~/Downloads."""
    course = Course(tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home"))
    for part in ("source", "hidden", "answers"):
        shutil.copytree(ROOT / part / NAME, course.folder / part / NAME)
    (course.folder / "nbgrader_config.py").write_text(
        (ROOT / "nbgrader_config.py").read_text("utf-8") + settings(ROOT / "docs" / "instructors.md"), "utf-8"
    )
    (course.folder / ".venv").symlink_to(sys.prefix)
    (course.folder / "students.csv").write_text("id,first_name,last_name,email\nstudent-01,First,Last,\n", "utf-8")
    (course.home / "Downloads").mkdir()
    assignment = Assignment(NAME, course.folder)
    with zipfile.ZipFile(course.home / "Downloads" / "submissions.zip", "w") as archive:
        for number, (_, content) in enumerate(demo.sample_class(assignment), start=1):
            if f"student-{number:02}" in SHOWN:
                text = content if isinstance(content, str) else nbformat.writes(content)
                archive.writestr(f"student-{number:02}_{NAME}.ipynb", text)
    (course.home / "Downloads" / "Grades.csv").write_text(
        f'Student,ID,SIS User ID,SIS Login ID,Section,{NAME} (7)\n    Points Possible,,,,,28\n"Last, First",9,,,,\n',
        "utf-8",
    )
    (course.home / "Downloads" / "Worksheet.csv").write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed\n"
        "Participant 9,First Last,,,,28.00,Yes\n",
        "utf-8",
    )
    nbformat.write(corpus.notebook(assignment), course.folder / f"{NAME}.ipynb")  # a student's, at home
    return course


@pytest.fixture(scope="module")
def said(course: Course) -> dict[str, str]:
    """What each command of the instructors' page said; they are run in order, once."""
    found = {}
    for command in commands(ROOT / "docs" / "instructors.md"):
        found[command] = serve(course, command) if command == SERVES else course.run(command)
    return found


def serve(course: Course, command: str) -> str:
    """Starts a server, waits until it lists what it serves, and ends it by its process id; what it said."""
    log = course.home / "server.log"
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", "--IdentityProvider.token="]
    with log.open("w") as output:
        process = subprocess.Popen(
            command.split() + options,
            cwd=course.folder,
            env=course.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with ended(process):
            until = time.monotonic() + EACH
            while time.monotonic() < until and process.poll() is None:
                address = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
                with contextlib.suppress(URLError, TimeoutError, ConnectionError):
                    if address and urlopen(address[0] + "formgrader/", timeout=10).status == 200:
                        return log.read_text()
                time.sleep(0.2)
            raise AssertionError(f"$ {command}\n{log.read_text()}")


@pytest.mark.timeout(1800)
def test_the_commands_for_instructors_run_in_their_order(said: dict[str, str], course: Course) -> None:
    assert {path.name for path in (course.folder / "submitted").iterdir()} == set(SHOWN)
    for made in (
        f"release/{NAME}/{NAME}.ipynb",
        f"report-{NAME}.html",
        "grades.csv",
        "gradebook.db",
        f"results/{NAME}/student-01.json",
        f"results/{NAME}/.seed",
        *(f"feedback/{student}/{NAME}/{NAME}.html" for student in SHOWN),
    ):
        assert (course.folder / made).is_file(), made
    assert "test_linear_gain::test_initial_gain: failed" in said[f"cat results/{NAME}/staff/student-07.txt"]
    assert "4 of 4 collected" in said[f"autograder collect {NAME} ~/Downloads/submissions.zip"]
    for platform, row in (("canvas", r'^"Last, First",9,,,,\d'), ("moodle", r"^Participant 9,First Last,,,\d")):
        assert re.search(row, (course.folder / f"grades-{platform}-{NAME}.csv").read_text("utf-8"), re.MULTILINE)
    assert (
        "No score would change (4 graded again, nothing written)."
        in said[f"autograder grade {NAME} --regrade --dry-run"]
    )


def test_the_table_in_the_readme_is_what_grading_prints(said: dict[str, str]) -> None:
    printed = [line.rstrip() for line in said[f"autograder grade {NAME}"].splitlines()]
    (table,) = blocks(ROOT / "README.md", "text")
    shown = table.text.splitlines()
    assert [line.split()[0] for line in shown[4:]] == SHOWN
    assert [line for line in shown if line.rstrip() not in printed] == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", ["students.md", "security.md"])
def test_the_commands_for_others_run(course: Course, page: str) -> None:
    found = {command: course.run(command) for command in commands(ROOT / "docs" / page)}
    assert found
    if page == "students.md":
        assert "Success! Your notebook passes all the tests." in "".join(found.values())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_the_commands_for_a_cluster_on_one_machine_run(tmp_path: Path, protocol: str) -> None:
    """With another port: the usual one may be taken."""
    if protocol == "tls" and shutil.which("openssl", path="/usr/bin:/bin") is None:
        pytest.skip("openssl is not installed")
    page = ROOT / "docs" / "cluster.md"
    course = Course(tmp_path / "course", tmp_path / "home")
    course.home.mkdir()
    for part in ("source", "hidden"):
        shutil.copytree(ROOT / part / NAME, course.folder / part / NAME)
    shutil.copyfile(ROOT / "nbgrader_config.py", course.folder / "nbgrader_config.py")
    for student, notebook in (("student-01", corpus.notebook(Assignment(NAME, course.folder))), ("student-14", None)):
        folder = course.folder / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(nbformat.writes(notebook) if notebook else "{", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    *keys, scheduler, workers, grade = (
        command.replace("8786", port).replace("tcp:", f"{protocol}:") for command in commands(page)
    )
    if protocol == "tls":
        for command in keys:
            course.run(command)
        configuration = blocks(page, "yaml")[0].text.replace("/home/you", str(course.home))
        (course.home / ".config" / "dask" / "tls.yaml").write_text(configuration, "utf-8")
    with (
        in_background(course, f"{scheduler} --protocol {protocol} --no-dashboard", "Scheduler at:", 1),
        in_background(course, f"{workers} --no-dashboard", "Registered to:", 2),
    ):
        said = course.run(grade)
        if protocol == "tls":
            (course.home / ".config" / "dask" / "tls.yaml").unlink()
            with pytest.raises(AssertionError, match="There is no Dask scheduler at"):
                course.run(f"{grade} --regrade")
    assert re.search(r"^student-01 +5 +6 +4 +5 +4 +24 ", said, re.MULTILINE), said
    assert re.search(r"^student-14 .* unreadable", said, re.MULTILINE), said


@contextlib.contextmanager
def in_background(course: Course, command: str, sign: str, times: int) -> Iterator[None]:
    """Starts what does not end by itself, waits until its log has `sign` so many times, and ends it afterwards."""
    log = course.home / f"{sign.split()[0]}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command.split(),
            cwd=course.folder,
            env=course.environment,
            text=True,
            executable=shutil.which(command.split()[0], path=course.environment["PATH"]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with ended(process):
        until = time.monotonic() + EACH
        while log.read_text().count(sign) < times:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield


def test_what_was_not_tried_says_so() -> None:
    """Commands and files that no test runs stand in sections that say that. The first YAML is that for TLS."""
    for section in (ROOT / "docs" / "cluster.md").read_text("utf-8").split("\n## ")[1:]:
        untried = re.findall(r"^```(?:sh|py|yaml)$", section, re.MULTILINE)
        tried = "```console" in section
        assert ("*Not tried" in section) == (bool(untried) and not tried), section
        assert not tried or untried in ([], ["```yaml"]), section
    elsewhere = [
        page.name
        for page in PAGES
        if page.name != "cluster.md"
        and re.search(r"^ *```(sh|bash|shell|py|yaml)$", page.read_text("utf-8"), re.MULTILINE)
    ]
    assert elsewhere == []


@pytest.mark.timeout(1200)
def test_the_benchmarks_run(course: Course) -> None:
    """As on the page, on a class of a few: what they say here is no measurement."""
    few = {
        "overhead": "--submissions 2 --block 1 --rounds 1",
        "growth": "--size 3",
        "peers": "--submissions 1 --large 0 --rounds 1",
        "cluster": "--submissions 17 --rounds 1",
        "deadline": "--submissions 3 --peers 1",
    }
    bench = Course(ROOT, course.home)
    for command in commands(ROOT / "docs" / "performance.md")[1:]:
        name = re.fullmatch(r"python benchmarks/(\w+)\.py( --peer nbgrader)?", command)
        assert name, command
        said = bench.run(f"{command} {few.pop(name[1])}")
        assert re.search(r"\d\.\d", said), said
    assert not few


def test_every_page_with_commands_is_run() -> None:
    """`course.md` and the README by `test_own_course.py`, `jupyterhub.md` by `test_exchange.py`, the others here."""
    assert {page.name for page in PAGES if set(commands(page)) - (MAKES | ALSO_MAKES).keys()} <= {
        "instructors.md",
        "students.md",
        "security.md",
        "cluster.md",
        "authoring.md",
        "performance.md",
        "course.md",
        "jupyterhub.md",
        "README.md",
    }


@pytest.mark.timeout(900)
def test_what_the_page_for_authors_shows_passes_the_audit_that_it_runs(course: Course, tmp_path: Path) -> None:
    """In a course with a few of the answers, and those that the page adds."""
    page = ROOT / "docs" / "authoring.md"
    kept = Course(tmp_path / "course", course.home)
    for part in ("source", "hidden"):
        shutil.copytree(ROOT / part / NAME, kept.folder / part / NAME)
    shutil.copyfile(ROOT / "nbgrader_config.py", kept.folder / "nbgrader_config.py")
    (kept.folder / ".venv").symlink_to(sys.prefix)
    answers = ROOT / "answers" / NAME
    for kind, few in (("alternatives", "einsum"), ("misconceptions", "gain-de*")):
        (kept.folder / "answers" / NAME / kind).mkdir(parents=True)
        for path in (answers / kind).glob(f"{few}.py"):
            shutil.copy(path, kept.folder / "answers" / NAME / kind)
    shutil.copy(answers / "mutants.toml", kept.folder / "answers" / NAME)
    _, right, wrong, _ = (block.text for block in blocks(page, "python"))
    (kept.folder / "answers" / NAME / "alternatives" / "of-the-page.py").write_text(right, "utf-8")
    (kept.folder / "answers" / NAME / "misconceptions" / "of-the-page.py").write_text(wrong, "utf-8")
    said = "".join(kept.run(command) for command in commands(page))
    assert "Everything holds." in said
    assert len(list(kept.folder.glob(f"audit-{NAME}.*"))) == 2


def test_the_check_on_the_page_for_authors_works(attempt, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assignment = Assignment(NAME, ROOT)
    shutil.copytree(assignment.hidden, tmp_path / NAME)
    with (tmp_path / NAME / "test_linear_gain.py").open("a", encoding="utf-8") as file:
        file.write("\n\n" + blocks(ROOT / "docs" / "authoring.md", "python")[0].text)
    begun = attempt(*(cell.source for cell in corpus.notebook(assignment).cells if cell.cell_type == "code"))
    begun.run()
    with Judge(tmp_path / NAME) as judge:
        checks = judge.judge(begun, 1, "test_linear_gain")["test_linear_gain"].checks
    assert (checks[-1].name, checks[-1].verdict) == ("test_silence", "passed")


def test_the_named_mistake_on_the_page_for_authors_is_recognised() -> None:
    *_, known = (block.text for block in blocks(ROOT / "docs" / "authoring.md", "python"))
    x, single = np.arange(3.0), Tolerance("single", 1e-5, "a test")
    names = {"np": np, "recognising": recognising, "SINGLE": single, "gain": 2.0, "x": x}
    with pytest.raises(Recognised, match="The gain is added to x"):
        exec(known, {**names, "seen": Observation({}, {"y": x + 2.0})})
    exec(known, {**names, "seen": Observation({}, {"y": 2.0 * x})})


def test_the_mutants_on_the_page_for_authors_are_those_of_the_course() -> None:
    shown = [tomllib.loads(block.text) for block in blocks(ROOT / "docs" / "authoring.md", "toml")]
    kept = tomllib.loads((ROOT / "answers" / NAME / "mutants.toml").read_text("utf-8"))
    assert all(change in kept["change"][cell] for cell, changes in shown[0]["change"].items() for change in changes)
    assert shown[1]["equivalent"][0] in kept["equivalent"]


def test_the_page_for_authors_names_every_row_of_the_audit() -> None:
    text = (ROOT / "docs" / "authoring.md").read_text("utf-8")
    rows = re.findall(r'yield \(?\s*"([a-z ]+)",', (ROOT / "autograder" / "audit" / "summary.py").read_text("utf-8"))
    assert len(rows) == 8
    assert [row for row in rows if f"| {row} |" not in text] == []


def test_what_make_is_asked_for_exists() -> None:
    assert commands(ROOT / "README.md")[: len(MAKES)] == list(MAKES)  # the others: `test_own_course.py`
    for command, calls in (MAKES | ALSO_MAKES).items():
        told = subprocess.run(
            [*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
        ).stdout
        assert all(call in told for call in calls), told


def test_commands_in_the_text_exist_with_their_options() -> None:
    for page in PAGES:
        for words in re.findall(r"`(?:\$ )?autograder ([^`]+)`", page.read_text("utf-8")):
            name, *rest = words.split()
            command = cli.commands.get(name)
            assert command is not None, f"{page.name}: autograder {words}"
            known = {
                option
                for parameter in command.params
                if isinstance(parameter, click.Option)
                for option in parameter.opts
            }
            assert {word for word in rest if word.startswith("--")} <= known, f"{page.name}: autograder {words}"


def test_the_readme_names_every_command_and_every_exit_code() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in cli.commands if f"`autograder {name}" not in text] == []
    assert re.search(r"0 all went as asked.*1 what the command checks.*2 wrong usage.*3 some submission", text, re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", BLOCK.sub("", page.read_text("utf-8")))
    assert [
        target for target in targets if not target.startswith("https://") and not (page.parent / target).exists()
    ] == []


def test_limits_are_as_the_pages_say(course: Course) -> None:
    usual = Limits()
    wanted = [f"{usual.cell:g} s", f"{usual.question:g} s", f"{usual.submission:g} s", f"{usual.memory / 2**30:g} GiB"]
    instructors = " ".join((ROOT / "docs" / "instructors.md").read_text("utf-8").split())
    students = " ".join((ROOT / "docs" / "students.md").read_text("utf-8").replace("seconds", "s").split())
    assert [figure for figure in wanted if figure not in instructors or figure not in students] == []
    assert limits(course.folder) == Limits(cell=90, question=15, submission=180, memory=3 * 2**30)
    assert all(f"c.AutograderLimits.{field.name}" in instructors for field in fields(Limits))


def test_every_status_and_verdict_is_explained() -> None:
    instructors = (ROOT / "docs" / "instructors.md").read_text("utf-8")
    students = (ROOT / "docs" / "students.md").read_text("utf-8")
    assert [status for status in Status if f"| `{status}` |" not in instructors] == []
    assert [word for word in WORDS.values() if f"| {word} |" not in students] == []


def test_every_flag_is_explained() -> None:
    """Flags are put together in the code as f"what: which cell"; each `what` has a row."""
    text = (ROOT / "docs" / "instructors.md").read_text("utf-8")
    table = text.split("### Flags")[1].split("\n## ")[0]
    for flag in (
        "locked cell restored",
        "locked cell moved back",
        "missing cell added",
        "cell type restored",
        "points or flags restored",
        "nbgrader metadata missing",
    ):
        assert f"`{flag}`" in table
        assert any(flag in path.read_text("utf-8") for path in Path(autograder.__file__).parent.rglob("*.py")), flag


def test_points_are_those_of_the_notebook() -> None:
    assignment = Assignment(NAME, ROOT)
    rows = re.findall(r"^\| .* \| (\d+) \|$", (ROOT / "docs" / "students.md").read_text("utf-8"), re.MULTILINE)
    told = [cell.metadata.nbgrader.points for cell in assignment.cells.values() if cell.metadata.nbgrader.grade]
    assert [int(row) for row in rows] == told
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"{assignment.max_score:g} points by hidden tests" in " ".join(changes.split())


def test_the_changelog_has_two_lists_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = text.split("\n## ")[1]
    assert newest.startswith(autograder.__version__)
    assert re.findall(r"^### (.*)$", newest, re.MULTILINE) == ["kit", "handout"]


def test_the_first_gains_of_a_right_fit_are_those_in_the_text() -> None:
    (line,) = (block.text for block in blocks(ROOT / "docs" / "students.md", "python"))
    told = re.search(r"A right fit begins ([\d., ]+)\.\.\.", (ROOT / "docs" / "students.md").read_text("utf-8"))
    assert told
    cells = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source
        for cell in corpus.notebook(Assignment(NAME, ROOT)).cells
    }
    code = "\n".join(
        cells[name].replace("from matplotlib import pyplot as plt", "") for name in ("setup", "linear_gain", "fit_gain")
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(ast.parse(f"{code}\n{line}"), "students.md", "exec"), {})
    gains = [f"{gain:.4f}".rstrip("0") for gain in ast.literal_eval(output.getvalue())]
    expected = [number.rstrip("0") for number in told[1].replace(" ", "").strip(",").split(",")]
    assert gains[: len(expected)] == expected
