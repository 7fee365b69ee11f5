"""The page that a student gets back: short, safe, in the right place, and the same from both commands."""

import base64
import html
import io
import json
import re
import shutil
import zipfile

import nbformat
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright
from submissions.payloads import MARKDOWN, MARKUP

from autograder.course import answers as corpus
from autograder.pages.pictures import fitted
from autograder.pages.shown import shown as as_graded
from autograder.pages.student_page import PAGE_CAP, Pages
from autograder.records.gradebook import Gradebook
from autograder.records.results import keep_result
from autograder.running.write_feedback import write_feedback
from autograder.verdict import Check, Exercise, Grade, Status, Verdict

NAME = "differentiable_gain"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CAUSE = "Expected: the gain moves.\nFound: it stays at 0.5.\nLook at: the step."
FOLLOWS = "Perhaps for the same reason as “First”: mend that first."


def verdicts(assignment, failing=()):
    """A grade in which the checks of these exercises fail, by one cause each."""
    exercises = {}
    for name, most in assignment.exercises.items():
        bad = name in failing
        verdict, hints = (Verdict.failed, (CAUSE, FOLLOWS)) if bad else (Verdict.passed, (None, None))
        exercises[name] = Exercise(
            tuple(
                Check(f"test_{number}", title, verdict, 0.0 if bad else most / 2, most / 2, hint)
                for number, (title, hint) in enumerate(zip(("First", "Second"), hints, strict=True))
            )
        )
    return exercises


def made(assignment, student="student-01", failing=(), status=Status.graded, reason=None):
    return Grade(
        NAME,
        student,
        status,
        reason,
        assignment.max_score,
        verdicts(assignment, failing) if status is Status.graded else {},
        (),
        0.1,
        {},
    )


@pytest.fixture(scope="module")
def pages(assignment):
    return Pages.of(assignment)


def picture(width, height):
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def with_outputs(assignment, *outputs, source="plot()"):
    """The reference, with a cell of the student's own that gave these outputs."""
    notebook = corpus.notebook(assignment)
    cell = nbformat.v4.new_code_cell(source, id="mine")
    cell.outputs = list(outputs)
    notebook.cells.insert(12, cell)
    return notebook


def shown(data):
    return nbformat.v4.new_output("display_data", data=data)


def test_the_cause_is_told_once_and_the_rest_is_folded_under_it(pages, assignment):
    page = pages.page(made(assignment, failing=["test_fit_gain"]), corpus.notebook(assignment))
    assert page.count("it stays at 0.5.") == 1
    assert page.count("Perhaps for the same reason") == 0
    assert "The 2 checks that do not pass" in page
    assert "Begin with “Exercise 2" in page
    assert "4 of 5 exercises pass all their checks" in page


def test_what_waits_is_said_on_top(pages, assignment):
    page = pages.page(made(assignment), corpus.notebook(assignment))
    assert "24 of 24 so far; 4 points wait" in page
    assert "2 answers in words are not marked yet" in page


def test_no_code_of_the_instructor_is_on_the_page(pages, assignment):
    page = pages.page(made(assignment, failing=["test_fit_gain"]), corpus.notebook(assignment))
    assert "def check_fit_gain" not in page
    assert "plt.rcParams" not in page
    assert "Out[" not in page


def test_nothing_of_an_untouched_notebook_is_told_but_that(pages, assignment):
    page = pages.page(made(assignment, failing=assignment.exercises), assignment.released)
    assert "nothing has been written in it" in page
    assert "Look here first" not in page


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.unreadable, "The file ends in the middle."),
        (Status.missing, "There is no notebook."),
        (Status.grader_error, "not your fault"),
    ],
)
def test_what_could_not_be_graded_says_why_and_what_to_do(pages, assignment, status, told):
    page = pages.page(made(assignment, status=status, reason=told), None)
    assert told in page
    assert ("write to your instructor" in page) == (status is not Status.grader_error)


def test_a_page_with_large_pictures_keeps_its_size(pages, assignment):
    pictures = [shown({"image/png": picture(900, 500), "text/plain": "<Figure>"}) for _ in range(5)]
    page = pages.page(made(assignment), with_outputs(assignment, *pictures))
    assert len(page.encode()) <= PAGE_CAP
    assert page.count("<img ") + page.count("A picture is in your notebook") == 5


@pytest.mark.parametrize("source", ["x = 1  # é<&>\n" * 20_000, "é" * 150_000, "'" * 150_000])
def test_a_page_with_much_code_and_output_keeps_its_size(pages, assignment, source):
    prints = [nbformat.v4.new_output("stream", text=source) for _ in range(25)]
    notebook = with_outputs(
        assignment, *prints, *[shown({"text/html": f"<b>{source[:90_000]}</b>"})] * 3, source=source
    )
    notebook.cells += [nbformat.v4.new_markdown_cell(source[:19_000], id=f"m{number}") for number in range(5)]
    page = pages.page(made(assignment, failing=assignment.exercises), notebook)
    assert len(page.encode()) <= PAGE_CAP


@pytest.mark.parametrize("payload", MARKUP.values(), ids=list(MARKUP))
def test_nothing_that_a_student_writes_acts(pages, assignment, payload):
    notebook = with_outputs(
        assignment, shown({"text/html": payload}), nbformat.v4.new_output("stream", text=payload), source=payload
    )
    notebook.cells.append(nbformat.v4.new_markdown_cell(payload, id="words"))
    page = pages.page(made(assignment), notebook, name=payload, comments={"fit_gain": payload})
    assert "default-src 'none'" in page
    assert not re.search(
        r"<(script|iframe|object|embed|form|link|base|svg|math|template|meta http-equiv=\"?refresh)",
        page,
        re.IGNORECASE,
    )
    assert not re.search(r"<[^>]+\son\w+\s*=", page, re.IGNORECASE)


def test_a_picture_that_is_none_is_left_out():
    assert fitted("bm90IGEgcGljdHVyZQ==", 10_000) is None
    assert fitted("%%%", 10_000) is None
    assert fitted(picture(20, 20), 10_000).startswith("data:image/png;base64,")
    assert fitted(picture(300, 200), 90_000).startswith("data:image/webp;base64,")


@pytest.fixture
def graded(course, grader):
    """A course in which two students are graded."""
    kept = []
    for student, cells in (("student-01", None), ("student-02", {"fit_gain": "fit_gain = None"})):
        folder = course.hand_in(student, cells)
        kept.append((as_graded(grader.grade(folder, student), course.assignment), folder))
    with Gradebook(course.assignment) as gradebook:
        gradebook.record(kept)
    for done, _ in kept:
        keep_result(course.assignment, done)
    return course


def test_both_commands_write_the_same_pages(graded):
    page = graded.folder / "feedback" / "student-02" / NAME / f"{NAME}.html"
    done = graded.run("autograder", "feedback", NAME, "--zip", "pages.zip")
    assert done.returncode == 0, done.stderr
    ours = page.read_bytes()
    with zipfile.ZipFile(graded.folder / "pages.zip") as archive:
        assert archive.read(f"student-02/{NAME}.html") == ours
        assert len(archive.namelist()) == 2
    page.unlink()
    done = graded.run("nbgrader", "generate_feedback", NAME, "--force")
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == ours


def test_marks_and_comments_of_people_are_shown(graded):
    with graded.gradebook() as gradebook:
        grade = gradebook.find_grade("phase_shift_explained", NAME, NAME, "student-01")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment("phase_shift_explained", NAME, NAME, "student-01").manual_comment = "Nearly <all> of it."
        gradebook.update_or_create_student("student-01", first_name="First", last_name="Last")
        gradebook.db.commit()
    [page] = write_feedback(graded.assignment, ["student-01"]).written.values()
    text = page.read_text(encoding="utf-8")
    assert "<b>First Last</b>" in text
    assert "25.5 of 26 so far; 2 points wait" in text
    assert "Nearly &lt;all&gt; of it." in text
    assert "One answer in words is not marked yet." in text


def test_one_damaged_notebook_costs_nobody_else_their_page(graded):
    (graded.folder / "autograded" / "student-01" / NAME / f"{NAME}.ipynb").write_text("{", encoding="utf-8")
    done = write_feedback(graded.assignment)
    assert list(done.written) == ["student-02"]
    assert "Grade again" in done.failed["student-01"]


def test_a_student_without_a_grade_is_wrong_usage(graded):
    done = graded.run("autograder", "feedback", NAME, "--student", "student-09")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_the_words_are_the_same_in_results_notebook_and_page(graded):
    write_feedback(graded.assignment)
    [hint] = [
        check["hint"]
        for check in graded.result("student-02")["exercises"]["test_fit_gain"]["checks"]
        if not check["hint"].startswith("Perhaps")
    ]
    page = (graded.folder / "feedback" / "student-02" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    cells = json.dumps(graded.autograded("student-02"))
    for line in hint.splitlines():
        assert html.escape(line[:40]) in page.replace("&#39;", "&#x27;")
        assert line[:40] in cells


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_of_a_student_acts_in_a_browser(pages, assignment, tmp_path):
    notebook = corpus.notebook(assignment)
    for number, payload in enumerate([*MARKUP.values(), *MARKDOWN.values()]):
        cell = nbformat.v4.new_code_cell(payload, id=f"p{number}")
        cell.outputs = [shown({"text/html": payload}), nbformat.v4.new_output("stream", text=payload)]
        notebook.cells += [cell, nbformat.v4.new_markdown_cell(payload, id=f"m{number}")]
    path = tmp_path / "page.html"
    path.write_text(pages.page(made(assignment), notebook, name=next(iter(MARKUP.values()))), encoding="utf-8")
    seen = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.wait_for_timeout(500)
        assert page.url == path.as_uri()
        browser.close()
    assert [url for url in seen if url != path.as_uri() and not url.startswith("data:image/")] == []
