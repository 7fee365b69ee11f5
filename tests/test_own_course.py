"""Who has only the wheel and the page gets from nothing to an assignment of their own whose audit holds."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "course.md").read_text("utf-8")
CLASS = 900  # s


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The kit's wheel, made from a copy of the sources: a build writes beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("autograder", "pyproject.toml", "README.md", "LICENSE"):
        here = ROOT / name
        if here.is_dir():
            shutil.copytree(here, folder / "kit" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, folder / "kit")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            folder / "kit",
        ],
        check=True,
        timeout=360,
    )
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_kit_and_no_assignment(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours <= set(names)
    outside = [name for name in names if not name.startswith("autograder/") and ".dist-info/" not in name]
    assert outside == []
    assert not [name for name in names if "differentiable_gain" in name or re.search(r"/(hidden|answers|tests)/", name)]


class Person:
    """Somebody with the wheel, in a folder of their own."""

    def __init__(self, wheel, folder):
        site = folder / "site"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                site,
                wheel,
            ],
            check=True,
            timeout=360,
        )
        self.home = folder / "home"
        self.home.mkdir()
        (self.home / "autograder-assignment-kit").symlink_to(ROOT)  # a checkout
        self.folder = self.home
        path = os.pathsep.join([str(site / "bin"), str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        self.environment = {
            "PATH": path,
            "HOME": str(self.home),
            "PYTHONPATH": str(site),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "default",
        }

    def run(self, command, code=0):
        if command.startswith("cd "):
            self.folder = self.folder / command.removeprefix("cd ")
            return ""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=CLASS,
            check=False,
        )
        assert done.returncode == code, f"$ {command}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout + done.stderr


def parts(page):
    """The page's blocks in order: ("$", command) or (what it replaces, text)."""
    for kind, text in re.findall(r"^```(console|python|toml)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if kind == "console":
            for line in text.splitlines():
                yield "$", line.removeprefix("$ ")
        else:
            head, _, rest = text.partition("\n")
            yield head.removeprefix("# "), rest


def test_the_quick_start_of_the_readme(wheel, tmp_path):
    person = Person(wheel, tmp_path)
    readme = (ROOT / "README.md").read_text("utf-8")
    own = [text for what, text in parts(readme) if what == "$" and text.startswith("autograder")]
    assert len(own) == 4
    said = [person.run(command) for command in own]
    assert "filters: everything fits together." in said[2]
    assert "student-01" in said[3]
    assert (person.folder / "my-course" / "demo-filters" / "results" / "filters" / "student-01.json").is_file()


@pytest.fixture(scope="module")
def walked(wheel, tmp_path_factory):
    """The page, walked: (the person, what each command said)."""
    person = Person(wheel, tmp_path_factory.mktemp("own"))
    said = []
    for what, text in parts(PAGE):
        if what == "$":
            said.append((text, person.run(text)))
        elif what.startswith("cell "):
            path = person.folder / "source" / "filters" / "filters.ipynb"
            notebook = nbformat.read(path, as_version=4)
            (cell,) = [
                cell
                for cell in notebook.cells
                if cell.metadata.get("nbgrader", {}).get("grade_id") == what.removeprefix("cell ")
            ]
            cell.source = text.strip()
            nbformat.write(notebook, path)
        else:
            assert (person.folder / what).is_file(), f"{what} is not what “new” has made"
            (person.folder / what).write_text(text, "utf-8")
    return person, said


@pytest.mark.timeout(3 * CLASS)
def test_the_page_leads_to_an_assignment_whose_audit_holds(walked):
    person, said = walked
    assert "site" in person.run("python -c 'import autograder; print(autograder.__file__)'")
    checks = [out for command, out in said if command.startswith("autograder check")]
    assert all("everything fits together" in out for out in checks)
    assert "Everything holds." in next(out for command, out in said if command.startswith("autograder audit"))


@pytest.mark.timeout(2 * CLASS)
def test_both_commands_give_the_scores_that_the_answers_cost(walked):
    person, _ = walked
    demo = person.home / "demo"
    results = {path.stem: json.loads(path.read_bytes()) for path in (demo / "results" / "filters").glob("*.json")}
    scores = {student: result["score"] for student, result in results.items()}
    assert (scores["student-01"], scores["student-02"], scores["student-04"]) == (3, 3, 0)
    assert scores["student-03"] < 3
    person.folder = demo
    person.run("nbgrader autograde filters --force")
    again = {
        student: json.loads((demo / "results" / "filters" / f"{student}.json").read_bytes())["score"]
        for student in scores
    }
    assert again == scores
    person.run("autograder feedback filters")
    assert (demo / "feedback" / "student-03" / "filters" / "filters.html").is_file()
    person.run("autograder status filters")
    person.run("autograder export csv filters --output grades.csv")
    assert "student-03" in (demo / "grades.csv").read_text()


@pytest.mark.timeout(CLASS)
def test_the_zip_for_gradescope_grades_the_same_elsewhere(walked, tmp_path):
    person, _ = walked
    person.folder = person.home / "demo"
    person.run(f"autograder export gradescope filters --output {tmp_path / 'made.zip'}")
    root = tmp_path / "autograder"
    for name in ("submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        archive.extractall(root / "source")
    shutil.copy(person.folder / "submitted" / "student-03" / "filters" / "filters.ipynb", root / "submission")
    environment = {**person.environment, "PYTHONPATH": str(root / "source" / "kit")}
    subprocess.run(
        [sys.executable, "-m", "autograder.platforms.gradescope.container", root],
        env=environment,
        cwd=root,
        check=True,
        timeout=360,
        capture_output=True,
    )
    here = json.loads((person.folder / "results" / "filters" / "student-03.json").read_bytes())
    assert json.loads((root / "results" / "results.json").read_bytes())["score"] == here["score"]
