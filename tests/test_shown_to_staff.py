"""What a student can show to staff: pictures, sound, tables, text and formulas; nothing that acts in their browser.

Payloads go where a hostile child could put them, into outputs and Markdown, and are opened in headless Chromium from
the two pages that people mark with: nbgrader's feedback and the Formgrader's own view of a submission. The canary is
a function of each page, a dialog, a navigation, and any request that the page does not make without them.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import warnings
import wave
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.display import Audio
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright
from processes import ended
from sqlalchemy.exc import SAWarning
from submissions.payloads import ATTACHMENTS, MARKDOWN, MARKUP, OUTPUTS

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.files import notebook_text
from autograder.pages import sanitise
from autograder.pages.feedback import annotated, explained, score_outputs
from autograder.pages.sanitise import Sanitiser, literal, reserved_ids
from autograder.records.gradebook import Gradebook
from autograder.sandbox.attempt import Ran
from autograder.verdict import Check, Exercise, Grade, Graded, Status, Verdict

NAME = "differentiable_gain"
STUDENT = "student-01"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
FORMGRADER = "nbgrader.server_extensions.formgrader"
UNUSED = ["jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupyter_server_terminals"]
TEMPLATE_LOADS = "https://cdnjs.cloudflare.com/"  # nbgrader's pages ask for MathJax there
ACTING = "script, iframe, frame, object, embed, form, link, meta, base, style, svg, math, template, dialog, area"
FORGED = "24 of 24 points"

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def picture(shade: float, kind: str = "png") -> str:
    """A plot as matplotlib's inline backend sends it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1), dpi=50, facecolor=str(shade))
    figure.subplots().plot([0, 1, 0])
    stream = io.BytesIO()
    figure.savefig(stream, format=kind)
    return stream.getvalue().decode() if kind == "svg" else base64.b64encode(stream.getvalue()).decode()


TABLE = """<div>
<style scoped>
    .dataframe tbody tr th { vertical-align: top; }
</style>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>gain</th></tr></thead>
  <tbody><tr><th>0</th><td>$0.15 &lt; $1</td></tr></tbody>
</table>
</div>"""
HONEST = {
    "plot": {
        "data": {"image/png": picture(0.9), "text/plain": "<Figure size 200x100 with 1 Axes>"},
        "metadata": {"image/png": {"width": 200, "height": 100}},
    },
    "plot-jpeg": {"data": {"image/jpeg": picture(0.8, "jpeg")}},
    "plot-svg": {"data": {"image/svg+xml": picture(0.7, "svg"), "text/plain": "<Figure>"}},
    "sound": {
        "data": {"text/html": Audio(np.sin(np.arange(800) / 5), rate=8000)._repr_html_(), "text/plain": "<Audio>"}
    },
    "table": {"data": {"text/html": TABLE, "text/plain": "   gain\n0  0.15"}},
    "formula": {"data": {"text/latex": "$\\displaystyle g = \\frac{1}{7}$", "text/plain": "1/7"}},
    "text": {"data": {"text/markdown": "**bold** and `code`", "text/plain": "bold"}},
    "print": {"output_type": "stream", "name": "stdout", "text": "loss < 0.15 \x1b[32mok\x1b[0m\n"},
}
# Markdown that nbconvert renders to nothing but text, whatever it looks like.
HARMLESS = {
    "image-error-slash",
    "md-code-with-formula",
    "md-fence-language",
    "md-formula-entities",
    "md-formula-markup",
}
NOTES = """## My notes

If $a<b$ then *gain* `x < y`, see <https://example.org/book?a=1&b=2> and ![my plot](attachment:plot.png).

1. one
   - [x] done

| left | right |
|:-----|------:|
| 1    | 2     |

> A <b>quoted</b> line, H<sub>2</sub>O, $\\hspace{2em} x$

```python
print("<script>")
```
"""


def grade_of(assignment: Assignment) -> Grade:
    """A grade with a hint that quotes the student's own error message."""
    hint = "Your code raised ValueError: <img src=x onerror=pwned('hint')> $\\href{javascript:pwned('hint')}{x}$"
    exercises = {
        name: Exercise((Check("test_it", "It works", Verdict.errored, 0.0, points, hint),))
        for name, points in assignment.exercises.items()
    }
    return Grade(NAME, STUDENT, Status.graded, None, assignment.max_score, exercises, (), 0.1, {})


def output(made: dict) -> dict:
    return {"output_type": "display_data", "metadata": {}, **made}


def hostile_notebook(assignment: Assignment, *, clean: bool = True) -> nbformat.NotebookNode:
    """A submission that holds every payload; with `clean` False, as it would be shown without the sanitiser."""
    notebook = corpus.notebook(assignment)
    found = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    ran: dict[int, Ran] = {}
    extra = []

    def code(made: dict, comment: str) -> None:
        cell = nbformat.v4.new_code_cell(f"# {comment}", id=f"c{len(extra)}")
        ran[len(notebook.cells) + len(extra)] = Ran([output(made)])
        if not clean:
            with contextlib.suppress(Exception):
                cell.outputs = [nbformat.from_dict(output(made))]
        extra.append(cell)

    def text(source: str) -> None:
        extra.append(nbformat.v4.new_markdown_cell(source, id=f"c{len(extra)}", attachments=ATTACHMENTS))

    for name, made in HONEST.items():
        code(made, f"honest: {name}")
    extra.append(
        nbformat.v4.new_markdown_cell(NOTES, id="notes", attachments={"plot.png": {"image/png": picture(0.6)}})
    )
    for name, markup in MARKUP.items():
        code({"data": {"text/html": markup, "text/plain": name}}, name)
        text(markup)
    for markup in MARKDOWN.values():
        text(markup)
    for name, made in OUTPUTS.items():
        code(made, name)
    code({"data": {"text/plain": "x"}}, "</pre><script>pwned('source')</script>")
    extra.append(nbformat.v4.new_code_cell("%%html\n<script>pwned('magic')</script>", id="magic"))
    extra.append(nbformat.v4.new_raw_cell("<script>pwned('raw')</script>", id="raw"))
    found["phase_shift_explained"].source = "My answer. <script>pwned('answer')</script>"
    found["linear_gain"].source += "\n# <script>pwned('solution')</script>"
    for name, cell in found.items():
        if cell.cell_type == "code":
            ran[notebook.cells.index(cell)] = Ran(
                [
                    output({"data": {"text/html": f"<b class=forged>{FORGED}</b>", "text/plain": "24.0"}}),
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": "5.0"},
                        "metadata": {},
                        "execution_count": 1,
                    },
                    {"output_type": "stream", "name": "stdout", "text": f"{name}\n"},
                ]
            )
    notebook.cells += extra
    return annotated(notebook, ran, grade_of(assignment)) if clean else notebook


@pytest.fixture(scope="module")
def course(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """A course with the hostile submission graded, and one that could not be read for a name that is markup."""
    folder = tmp_path_factory.mktemp("shown") / "course"
    shutil.copytree(pristine, folder)
    assignment = Assignment(NAME, folder)
    unread = replace(
        grade_of(assignment),
        student="student-02",
        status=Status.missing,
        exercises={},
        reason="There is “<img src=x onerror=pwned('reason')>” [x](javascript:pwned('reason'))",
    )
    with warnings.catch_warnings(), Gradebook(assignment) as gradebook:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, when it makes a submission
        gradebook.record(
            [
                (Graded(grade, notebook_text(notebook)), folder / "submitted" / grade.student / NAME)
                for grade, notebook in (
                    (grade_of(assignment), hostile_notebook(assignment)),
                    (unread, explained(assignment, unread)),
                )
            ]
        )
    return assignment


@pytest.fixture(scope="module")
def feedback(course: Assignment) -> str:
    """The address of nbgrader's feedback page."""
    done = subprocess.run(
        [Path(sys.executable).parent / "nbgrader", "generate_feedback", NAME, "--log-level=ERROR"],
        cwd=course.course,
        capture_output=True,
        text=True,
        timeout=360,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (course.course / "feedback" / STUDENT / NAME / f"{NAME}.html").as_uri()


@pytest.fixture(scope="module")
def formgrader(course: Assignment, tmp_path_factory: pytest.TempPathFactory):
    """The address of a Jupyter server with the Formgrader on the loopback, logged in by its token."""
    home = tmp_path_factory.mktemp("home")
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (home / "jupyter_server_config.json").write_text(
        json.dumps(
            {
                "ServerApp": {
                    "jpserver_extensions": {FORMGRADER: True, **dict.fromkeys(UNUSED, False)},
                    "ip": "127.0.0.1",
                    "port": port,
                    "port_retries": 0,
                    "open_browser": False,
                    "allow_root": True,
                },
                "IdentityProvider": {"token": token},
            }
        )
    )
    places = {f"JUPYTER_{name}_DIR": str(home) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server"],
            cwd=course.course,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home), **places},
        )
    with ended(process):
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < until, (home / "log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/formgrader/", token


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Canary:
    """A page that notes whatever acts in it. `seen` is empty where nothing did."""

    def __init__(self, browser, own: str) -> None:
        self.seen: set[str] = set()
        self.own = own
        self.context = browser.new_context(viewport={"width": 1200, "height": 900})
        self.context.expose_function("pwned", lambda name: self.seen.add(str(name)))
        self.context.route("**/*", self._request)
        self.page = self.context.new_page()
        self.context.on("page", lambda page: self.seen.add(f"opened {page.url}"))
        self.page.set_default_timeout(20_000)
        self.page.on("dialog", self._dialog)

    def _request(self, route) -> None:
        url = route.request.url
        if url.startswith((self.own, "data:", "blob:")) and "evil" not in url:
            route.continue_()
            return
        if not url.startswith(TEMPLATE_LOADS):
            self.seen.add(f"asked for {url[:200]}")
        route.abort()

    def _dialog(self, dialog) -> None:
        self.seen.add(f"dialog {dialog.message}")
        with contextlib.suppress(BrowserError):  # gone with its page
            dialog.dismiss()

    def open(self, url: str) -> Page:
        self.page.goto(url)
        self.page.on("framenavigated", lambda frame: self.seen.add(f"went to {frame.url[:200]}"))
        return self.page

    def provoke(self) -> None:
        """Does to the student's part what a person might: moves over it, clicks, opens, focuses and plays it."""
        self.page.evaluate("""async () => {
            for (const element of document.querySelectorAll('#notebook-container *')) {
                if (element.closest('.panel-heading, .panel-footer')) continue;  // nbgrader's own fields
                for (const kind of ['mouseover', 'mouseenter', 'focus', 'error', 'load', 'toggle', 'begin', 'start'])
                    element.dispatchEvent(new Event(kind));
                const inert = /^(https?|mailto):/.test(element.getAttribute('href') || '');
                if (element.click && element.matches('a, area, button, summary') && !inert) {
                    element.click();
                    await new Promise(done => setTimeout(done, 1));
                }
            }
        }""")
        self.page.wait_for_timeout(700)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def open_canary(browser):
    with contextlib.ExitStack() as stack:

        def made(own: str) -> Canary:
            canary = Canary(browser, own)
            stack.callback(canary.close)
            return canary

        yield made


def assert_inert(page: Page) -> None:
    """What the page holds, apart from what it did."""
    found = page.evaluate(
        """acting => {
        const root = document.querySelector('#notebook-container');
        const all = [...root.querySelectorAll('*')];
        return {
            elements: [...root.querySelectorAll(acting)].map(e => e.outerHTML.slice(0, 200)),
            events: all.flatMap(e => [...e.attributes].filter(a => a.name.startsWith('on')).map(a => a.name)),
            links: all.flatMap(e => ['href', 'src', 'srcset', 'action', 'formaction', 'data', 'poster', 'background']
                .filter(a => e.hasAttribute(a)).map(a => a + '=' + e.getAttribute(a).slice(0, 40))),
            fields: [...root.querySelectorAll('input, button, select, textarea')]
                .filter(e => !e.closest('.panel-heading, .panel-footer'))
                .filter(e => !e.matches('input[type=checkbox][disabled]')).map(e => e.outerHTML.slice(0, 200)),
            doubled: all.filter(e => e.matches('input[id], textarea[id]') && document.getElementById(e.id) !== e)
                .map(e => e.id),
            moved: all.filter(e => ['fixed', 'absolute', 'sticky'].includes(getComputedStyle(e).position)
                && !e.closest('.panel-heading')).map(e => e.outerHTML.slice(0, 200)),
            outside: document.querySelectorAll('.closed').length,
            cells: all.filter(e => e.matches('.cell')).length,
            parents: new Set(all.filter(e => e.matches('.cell')).map(e => e.parentElement)).size,
        };
    }""",
        ACTING,
    )
    allowed = re.compile(r"href=(#|https?://(?!evil))|src=data:(image/(png|jpeg|svg\+xml)|audio/wav);base64,")
    assert [link for link in found.pop("links") if not allowed.match(link)] == []
    assert found.pop("cells") > len(MARKUP) * 2
    assert found.pop("parents") == 1  # nobody has closed the container
    assert {what: bad for what, bad in found.items() if bad} == {}


def assert_shown(page: Page) -> None:
    """Pictures are drawn, sound can be played, tables and text stand there, the checks keep their look."""
    root = page.locator("#notebook-container")
    pictures = root.locator("img").evaluate_all("all => all.filter(e => e.naturalWidth > 20).length")
    assert pictures == 4  # png, jpeg, svg, the attachment
    assert root.locator("audio source").count() == 1
    page.wait_for_function("document.querySelector('#notebook-container audio:has(source)').duration > 0.05")
    table = root.locator("table.dataframe")
    assert table.inner_text().split() == ["gain", "0", "$0.15", "<", "$1"]
    assert root.get_by_role("heading", name="My notes").count() == 1
    assert root.locator("pre", has_text='print("<script>")').count() == 1
    assert root.locator("b", has_text="quoted").count() == 1
    assert root.get_by_text("loss < 0.15").count() == 1
    assert root.get_by_text("\\displaystyle g = \\frac{1}{7}").count() == 1
    checks = root.locator("table.autograder-checks", has_text="It works")
    assert checks.count() == 5
    assert checks.first.evaluate("e => getComputedStyle(e).borderCollapse") == "collapse"
    assert root.locator(".forged").count() == 0


@needs_chromium
def test_nothing_of_a_student_acts_in_the_feedback(feedback: str, open_canary, tmp_path: Path) -> None:
    canary = open_canary(feedback.rpartition("/feedback/")[0])
    page = canary.open(feedback)
    assert_shown(page)
    assert_inert(page)
    page.screenshot(path=tmp_path / "feedback.png", full_page=True)
    canary.provoke()
    assert {seen for seen in canary.seen if not seen.startswith(f"went to {feedback}")} == set()


@needs_chromium
def test_nothing_of_a_student_acts_in_the_formgrader(formgrader: tuple[str, str], open_canary, tmp_path: Path) -> None:
    address, token = formgrader
    canary = open_canary(address.removesuffix("formgrader/"))
    page = canary.open(f"{address}?token={token}")
    found = page.evaluate(
        "path => fetch(path).then(answer => answer.json())", f"{address}api/submitted_notebooks/{NAME}/{NAME}"
    )
    chosen = next(entry["id"] for entry in found if entry["student"] == STUDENT)
    page.goto(f"{address}submissions/{chosen}/")
    page.wait_for_load_state("networkidle")
    canary.seen.clear()  # the way here
    assert_shown(page)
    assert_inert(page)
    page.screenshot(path=tmp_path / "formgrader.png", full_page=True)
    # The scores are where the page put them, and say what the gradebook says.
    assert page.locator("#test_linear_gain").evaluate("e => e.tagName + e.placeholder") == "INPUT0"
    canary.provoke()
    assert {seen for seen in canary.seen if not seen.startswith(f"went to {address}submissions/{chosen}/")} == set()


@needs_chromium
def test_a_reason_with_a_students_file_name_does_not_act(feedback: str, open_canary) -> None:
    canary = open_canary(feedback.rpartition("/feedback/")[0])
    page = canary.open(feedback.replace(STUDENT, "student-02"))
    assert page.get_by_text("could not be graded").count() == 1
    canary.provoke()
    assert {seen for seen in canary.seen if not seen.startswith("went to file:")} == set()


@needs_chromium
@pytest.mark.filterwarnings("ignore:Your element with mimetype")
def test_the_canary_sings_without_the_sanitiser(assignment: Assignment, open_canary, tmp_path: Path) -> None:
    notebook = hostile_notebook(assignment, clean=False)
    stops = re.compile("attachment:|http-equiv|base href|unclosed|closing|text/javascript|widget")  # the page itself
    notebook.cells = [cell for cell in notebook.cells if not stops.search(str(cell))]
    path = tmp_path / "raw.html"
    path.write_text(HTMLExporter(template_name="classic").from_notebook_node(notebook)[0], encoding="utf-8")
    canary = open_canary(tmp_path.as_uri())
    canary.open(path.as_uri())
    with contextlib.suppress(BrowserError):  # it is sent elsewhere meanwhile
        canary.provoke()
    assert {
        "script",
        "image-error",
        "svg",
        "details",
        "md-mermaid",
        "frame-document",
        "link",
        "markdown",
        "answer",
    } <= canary.seen
    assert "asked for https://evil.example/image-from-elsewhere" in canary.seen
    assert len(canary.seen) > 25


@pytest.mark.parametrize("kind", [f"html {name}" for name in MARKUP] + [f"md {name}" for name in MARKDOWN])
def test_markdown_is_left_alone_or_shown_as_text(kind: str) -> None:
    source = {
        **{f"html {name}": text for name, text in MARKUP.items()},
        **{f"md {name}": text for name, text in MARKDOWN.items()},
    }[kind]
    cell = Sanitiser(reserved_ids(["test_linear_gain"])).source(
        nbformat.v4.new_markdown_cell(source, attachments=nbformat.from_dict(ATTACHMENTS))
    )
    assert (cell.source == source) == (kind.split()[1] in HARMLESS), cell.source
    assert cell.get("attachments", {}) == {}


def test_text_that_does_nothing_stays_as_it_was_written(assignment: Assignment) -> None:
    sanitiser = Sanitiser(reserved_ids(list(assignment.cells)))
    for cell in [*assignment.released.cells, *corpus.notebook(assignment).cells]:
        if cell.cell_type == "markdown":
            assert sanitiser.source(nbformat.from_dict(cell)) == cell
    notes = nbformat.v4.new_markdown_cell(NOTES, attachments={"plot.png": {"image/png": picture(0.6)}})
    assert sanitiser.source(nbformat.from_dict(notes)) == notes


def test_what_is_shown_as_text_can_be_read(assignment: Assignment) -> None:
    said = "Because <the> phase\n\n* moves $x$ `a` _b_ & <script>"
    page = HTMLExporter(template_name="classic").from_notebook_node(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(literal(said))])
    )[0]
    assert said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page


def test_a_score_is_never_read_from_a_students_output(assignment: Assignment) -> None:
    from nbgrader.utils import determine_grade

    for cell in hostile_notebook(assignment).cells:
        named = cell.metadata.get("nbgrader", {})
        if named.get("grade") and not named.get("solution"):
            assert determine_grade(cell)[0] == 0.0
            kinds = [output.output_type for output in cell.outputs]
            assert kinds == ["execute_result", "display_data", "stream"]


def test_outputs_keep_what_people_look_at() -> None:
    shown = {name: Sanitiser().outputs([output(made)])[0] for name, made in HONEST.items()}
    assert shown["plot"].data["image/png"] == HONEST["plot"]["data"]["image/png"]
    assert shown["plot"].metadata["image/png"] == {"width": 200, "height": 100}
    sound = re.search(r'src="data:audio/wav;base64,([^"]+)"', shown["sound"].data["text/html"])
    with wave.open(io.BytesIO(base64.b64decode(sound[1]))) as file:
        assert file.getnframes() == 800
    assert "scoped" not in shown["table"].data["text/html"]
    assert shown["print"].text == HONEST["print"]["text"]


def test_a_hint_that_quotes_what_is_no_text_can_be_written() -> None:
    hint = "Your code raised ValueError: \ud800\x00 </div><script>pwned('hint')</script>"
    shown = score_outputs(Exercise((Check("t", "T", Verdict.errored, 0.0, 1.0, hint),)))
    json.dumps(shown, ensure_ascii=False).encode()
    assert "<script>" not in shown[1].data["text/html"]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("nested", "<div>" * 30_000),
        ("attributes", "<b " + "a " * 60_000 + ">"),
        ("brackets", "<" * 90_000),
        ("entities", "&" * 200_000),
        ("tables", "<table><tr><td>" * 6_000),
        ("formatting", "<b><p>" * 15_000),
        ("scripts", "<script>" * 20_000),
        ("long", "x" * 3_000_000),
    ],
)
def test_cleaning_takes_a_bounded_time(name: str, size: str) -> None:
    started = time.monotonic()
    sanitiser = Sanitiser()
    sanitiser.outputs([output({"data": {"text/html": size, "text/markdown": size, "text/plain": size}})] * 30)
    sanitiser.source(nbformat.v4.new_markdown_cell(size))
    sanitiser.source(nbformat.v4.new_markdown_cell(size[:20_000]))
    assert time.monotonic() - started < sanitise.SECONDS + 10


@pytest.mark.parametrize(
    "source",
    ["![](attachment:a.png)" * 900, "![](&#97;ttachment:a.png)" * 700, "[a]: attachment:a.png\n\n" + "![a]" * 4_900],
    ids=["direct", "entity", "reference"],
)
def test_a_picture_that_is_shown_very_often_is_not_rendered(source: str) -> None:
    coded = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 100_000).decode()
    cell = nbformat.v4.new_markdown_cell(source, attachments={"a.png": {"image/png": coded}})
    assert Sanitiser().source(cell).source.startswith(f"*{sanitise.LITERAL}*")


def test_a_long_link_that_is_meant_very_often_is_not_rendered() -> None:
    source = "[a]: https://example.org/" + "b" * 9_000 + "\n\n" + "[a] " * 2_500
    assert Sanitiser().source(nbformat.v4.new_markdown_cell(source)).source.startswith(f"*{sanitise.LITERAL}*")


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            [
                *MARKUP.values(),
                *MARKDOWN.values(),
                "<",
                ">",
                '"',
                "'",
                "&",
                "<!--",
                "-->",
                "</",
                "<a ",
                "=",
                "\n\n",
                "`",
                "$$",
                '<p title="',
                "<b>",
                "</b>",
            ]
        )
        | st.text(max_size=8),
        max_size=8,
    )
)
def test_whatever_is_shown_is_of_the_harmless_form(parts: list[str]) -> None:
    text = "".join(parts)
    sanitiser = Sanitiser(reserved_ids(["test_linear_gain"]))
    html = sanitiser.html(text)
    if html is not None:
        assert html.startswith(sanitise.FRAME)
        assert sanitiser._harmless(html.removeprefix(sanitise.FRAME).removesuffix("</div>"), sanitise.TAGS)
    source = sanitiser.source(nbformat.v4.new_markdown_cell(text)).source
    rendered = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source)
    assert sanitiser._harmless(rendered, sanitise.WRITTEN | sanitise.CHECKBOX)
    assert not re.search(r"(?i)<[^>]*\son\w+\s*=|<script|javascript:[^<]*\">", rendered)


def test_what_is_too_much_is_cut_and_says_so() -> None:
    [stream] = Sanitiser().outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}])
    assert stream.text.endswith(sanitise.CUT)
    assert len(stream.text) < 2 * sanitise.TEXT_CAP
    many = Sanitiser().outputs([{"output_type": "stream", "text": "x"}] * 10_000)
    assert len(many) == sanitise.OUTPUTS_CAP
    pictures = Sanitiser().outputs(
        [
            output(
                {
                    "data": {
                        "image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 2**22).decode(),
                        "text/plain": "cut",
                    }
                }
            )
        ]
        * 20
    )
    assert sum(len(item.data.get("image/png", "")) for item in pictures) <= sanitise.RICH_CAP
    assert pictures[-1].data == {"text/plain": "cut"}


def test_outputs_that_are_not_text_do_not_stop_the_notebook(assignment: Assignment) -> None:
    odd = [
        {"output_type": "stream", "text": "\ud800\x00"},
        {"output_type": "error", "traceback": [1, None, "x"]},
        {"output_type": 5},
        {},
        {"output_type": "display_data", "data": 3},
        {"output_type": "display_data", "data": {"text/plain": {"a": 1}, "image/png": 5, "text/html": None}},
        {"output_type": "execute_result", "data": {"text/plain": "x"}, "execution_count": "1"},
        {"output_type": "execute_result", "data": {"text/plain": "x"}, "execution_count": True},
    ]
    notebook = corpus.notebook(assignment)
    shown = annotated(notebook, dict.fromkeys(range(len(notebook.cells)), Ran(odd)), grade_of(assignment))
    nbformat.validate(shown)
    nbformat.writes(shown).encode()
