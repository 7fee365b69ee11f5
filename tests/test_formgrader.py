"""The Formgrader in a real browser: the class with its scores, the written answers, marks by hand that stay.

A Jupyter server on the loopback serves a small graded course; headless Chromium opens it. Nothing of the
person who runs the tests is read: configuration, runtime files and HOME lie in the tests' own folder.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, Page, Route, sync_playwright
from processes import ended

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment

NAME = "differentiable_gain"
ORIGIN = Path(__file__).parents[1]
WRITTEN = ["phase_shift_explained", "polarity_explained"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
EXTENSIONS = {
    f"nbgrader.server_extensions.{name}": name == "formgrader"
    for name in ("formgrader", "assignment_list", "course_list", "validate_assignment")
}
UNUSED = ["jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupyter_server_terminals"]
START = 60  # s until the server must answer
WAIT = 20_000  # ms until a page must show what is waited for

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@dataclass(frozen=True)
class Server:
    """A running Jupyter server. `url` ends in a slash."""

    url: str
    token: str
    course: Path


def grade(course: Path, *options: str) -> None:
    """Runs `autograder grade` in the course folder, with warnings left to the command itself."""
    command = [sys.executable, "-m", "autograder", "grade", NAME, *options]
    done = subprocess.run(command, cwd=course, text=True, capture_output=True, timeout=360, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three graded submissions: a right one, one with a mistake, one untouched."""
    folder = tmp_path_factory.mktemp("course")
    for part in ("source", "hidden"):
        shutil.copytree(ORIGIN / part / NAME, folder / part / NAME)
    shutil.copy(ORIGIN / "nbgrader_config.py", folder)
    assignment = Assignment(NAME, folder)
    mistake = corpus.parse(ORIGIN / "answers" / NAME / "misconceptions" / "experiment-typed-in.py")
    notebooks = [corpus.notebook(assignment), corpus.notebook(assignment, mistake), assignment.released]
    for number, notebook in enumerate(notebooks, start=1):
        path = folder / "submitted" / f"student-{number:02}" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    grade(folder)
    return folder


@pytest.fixture(scope="module")
def server(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server with the Formgrader, on a free port of the loopback; ended by its own process id."""
    home = tmp_path_factory.mktemp("home")
    places = {f"JUPYTER_{name}_DIR": home / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    for place in places.values():
        place.mkdir(mode=0o700)
    token = secrets.token_hex(16)
    (places["JUPYTER_CONFIG_DIR"] / "jupyter_server_config.json").write_text(
        json.dumps(
            {
                "ServerApp": {
                    "jpserver_extensions": {**EXTENSIONS, **dict.fromkeys(UNUSED, False)},
                    "ip": "127.0.0.1",
                    "port": 0,
                    "open_browser": False,
                    "allow_root": True,
                },
                "IdentityProvider": {"token": token},
            }
        )
    )
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        **{name: str(place) for name, place in places.items()},
    }
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server"],
            cwd=course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with ended(process):
            yield Server(_address(process, places["JUPYTER_RUNTIME_DIR"], log), token, course)


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The server's address, from the file that it writes once it listens."""
    facts = runtime / f"jpserver-{process.pid}.json"
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        if facts.exists() and (text := facts.read_text()).strip():
            return str(json.loads(text)["url"])
        time.sleep(0.1)
    raise AssertionError(f"The Jupyter server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def page(server: Server) -> Iterator[Page]:
    """A page of headless Chromium that is logged in and can reach the server only."""

    def only_the_server(route: Route) -> None:
        if route.request.url.startswith((server.url, "data:")):
            route.continue_()
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(WAIT)
            page.route("**/*", only_the_server)
            page.goto(f"{server.url}formgrader/?token={server.token}")
            yield page
        finally:
            browser.close()


def api(page: Page, path: str) -> Any:
    """What the Formgrader's own interface says."""
    return page.evaluate("path => fetch(path).then(answer => answer.json())", f"/formgrader/api/{path}")


def open_submission(page: Page, server: Server, student: str) -> None:
    """The page on which a submission is graded by hand."""
    found = api(page, f"submitted_notebooks/{NAME}/{NAME}")
    chosen = next(entry["id"] for entry in found if entry["student"] == student)
    page.goto(f"{server.url}formgrader/submissions/{chosen}")
    page.wait_for_load_state("networkidle")  # scores and comments come after the page
    page.wait_for_function("document.querySelector('#test_linear_gain').placeholder !== ''")


def waiting(page: Page) -> list[str]:
    """The cells that the page marks as waiting for a score by hand."""
    ids: list[str] = page.eval_on_selector_all("input.score.needs_manual_grade", "all => all.map(e => e.id)")
    return ids


def save(page: Page, field: Locator, value: str, kind: str) -> None:
    """Types `value` into `field`, leaves it, and waits until the server has it as a `kind` of entry."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and f"/api/{kind}/" in answer.url) as saved:
        field.fill(value)
        field.blur()
    assert saved.value.ok


def test_the_class_is_listed_with_its_scores(page: Page, server: Server) -> None:
    page.goto(f"{server.url}formgrader/manage_submissions/{NAME}")
    page.get_by_text("student-03").first.wait_for()
    rows = {
        row[1]: (row[3], row[4])
        for row in page.eval_on_selector_all(
            "tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
    }
    assert rows == {
        "student-01": ("needs manual grading", "24 / 28"),
        "student-02": ("needs manual grading", "22.5 / 28"),
        "student-03": ("graded", "0 / 28"),  # left as it was: nothing to read
    }


def test_exactly_the_written_answers_wait_for_a_person(page: Page, server: Server) -> None:
    expected = {"student-01": WRITTEN, "student-02": WRITTEN, "student-03": []}
    for student, cells in expected.items():
        open_submission(page, server, student)
        assert waiting(page) == cells


def test_the_checks_are_shown_beside_the_scores(page: Page, server: Server) -> None:
    open_submission(page, server, "student-02")
    tables = page.locator("table.autograder-checks")
    assert tables.count() == 5
    assert "2.5 of 4 points" in tables.nth(2).inner_text()
    assert page.locator("#test_phase_shift").get_attribute("placeholder") == "2.5"


def test_marks_and_comments_by_hand_survive_a_regrade(page: Page, server: Server) -> None:
    open_submission(page, server, "student-02")
    entered = {"#phase_shift_explained": "1.5", "#test_phase_shift": "4"}  # one of each kind
    for field, mark in entered.items():
        save(page, page.locator(field), mark, "grade")
    answer = page.locator(".nbgrader_cell", has=page.locator("#phase_shift_explained"))
    remark = answer.locator("textarea.comment")
    save(page, remark, "Well observed.", "comment")

    grade(server.course, "--regrade")

    found = {entry["student"]: entry for entry in api(page, f"submissions/{NAME}")}
    assert (found["student-02"]["written_score"], found["student-02"]["score"]) == (1.5, 25.5)
    assert (found["student-01"]["written_score"], found["student-01"]["score"]) == (0, 24)
    open_submission(page, server, "student-02")
    assert {field: page.input_value(field) for field in entered} == entered
    assert page.locator("#test_phase_shift").get_attribute("placeholder") == "2.5"  # what the checks gave
    assert remark.input_value() == "Well observed."
