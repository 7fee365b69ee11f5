"""What staff see of a class, the report and the grade table: right, escaped, and with nothing to load."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.judging.judge import Judge
from autograder.pages.feedback import score_outputs
from autograder.pages.lookalikes import known_patterns
from autograder.pages.report import check_rows, concerns, hardest, histogram, page, write_report
from autograder.pages.terminal import changes, plain, table
from autograder.records.marks import Mark, Marks
from autograder.records.results import Summary, keep_result
from autograder.verdict import Check, Exercise, Grade, Graded, Status, Verdict

NAME = "differentiable_gain"
ORIGIN = Path(__file__).parents[1]
HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>"
DETAIL = "CANARY: assert 0.1470 == 0.15"
VOID = {"meta", "br", "img", "input", "link", "hr"}
PASSED, FAILED, ERRORED = Verdict.passed, Verdict.failed, Verdict.errored


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return Assignment(NAME, ORIGIN)


def patterned(assignment: Assignment, pattern: dict[str, str]) -> Grade:
    """A grade in which just these checks did not pass."""
    with Judge(assignment.hidden) as judge:
        tests = judge.tests
    exercises = {
        name: Exercise(
            tuple(
                Check(
                    test.name,
                    test.title,
                    (verdict := Verdict(pattern.get(f"{name}::{test.name}", "passed"))),
                    test.worth.points if verdict is PASSED else 0.0,
                    test.worth.points,
                    None,
                )
                for test in tests
                if test.exercise == name
            )
        )
        for name in assignment.exercises
    }
    return Grade(NAME, "student-05", Status.graded, None, 24, exercises, (), 0.4, {})


def check(number: int, verdict: Verdict = PASSED, worth: float = 1.0, hint: str | None = None) -> Check:
    return Check(
        f"test_number_{number}",
        f"Promise {number} is kept",
        verdict,
        worth if verdict is PASSED else 0.0,
        worth,
        hint,
        DETAIL,
    )


def grade(
    student: str,
    *verdicts: Verdict,
    status: Status = Status.graded,
    reason: str | None = None,
    flags: tuple[str, ...] = (),
    hint: str | None = None,
    tests: str = "",
) -> Grade:
    """Two checks of 2 points, the rest of 1 point: the first exercise has the first three."""
    checks = [check(i, verdict, 2.0 if i < 2 else 1.0, hint) for i, verdict in enumerate(verdicts)]
    exercises = {"test_linear_gain": Exercise(tuple(checks[:3])), "test_fit_gain": Exercise(tuple(checks[3:]))}
    found = exercises if status is Status.graded else {}
    full = sum(exercise.max_score for exercise in exercises.values()) or 6.0
    return Grade(NAME, student, status, reason, full, found, flags, 0.4, {"hidden_tests_sha256": tests})


class Reader(HTMLParser):
    """Tags, attributes and text of a page; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._pieces: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open
        self.words = " ".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data
            self._pieces += data.split()


A_CLASS = [
    grade("student-01", PASSED, PASSED, PASSED, PASSED),
    grade("student-02", FAILED, PASSED, PASSED, FAILED, hint="Try a plot."),
    grade("student-03", FAILED, ERRORED, PASSED, Verdict.timed_out, flags=("locked cell restored: setup",)),
    grade("student-04", status=Status.unreadable, reason="The notebook file is empty."),
    grade("student-05", status=Status.grader_error, reason="The template process died."),
]


def test_what_comes_from_students_is_text_and_never_markup(assignment: Assignment) -> None:
    hostile = [
        grade(HOSTILE, FAILED, PASSED, FAILED, ERRORED, hint=HOSTILE, flags=(HOSTILE,)),
        grade("a", status=Status.refused, reason=HOSTILE),
        grade("b", status=Status.grader_error, reason=HOSTILE),
    ]
    tame = [
        grade("h", FAILED, PASSED, FAILED, ERRORED, hint="h", flags=("h",)),
        grade("a", status=Status.refused, reason="h"),
        grade("b", status=Status.grader_error, reason="h"),
    ]
    found = Reader(page(assignment, hostile, [HOSTILE], {HOSTILE: "./x"}))
    expected = Reader(page(assignment, tame, ["h"], {"h": "./x"}))
    assert found.tags == expected.tags
    assert [(tag, name) for tag, name, _ in found.attributes] == [(tag, name) for tag, name, _ in expected.attributes]
    assert found.text.count(HOSTILE) >= 8


def test_names_cannot_turn_the_writing_round_or_move_the_cursor(assignment: Assignment) -> None:
    odd = "a\u202egpj\x1b[2J\nb\u2066"
    assert odd not in page(assignment, [grade(odd, FAILED)])
    assert plain(odd) == "a\ufffdgpj\ufffd[2J b\ufffd"


def test_nothing_is_loaded_and_nothing_runs(assignment: Assignment) -> None:
    text = page(assignment, A_CLASS, ["student-06"], {"student-02": "./results/staff/student-02.txt"})
    reader = Reader(text)
    assert not {"script", "link", "iframe", "img", "object", "base", "form"} & set(reader.tags)
    assert {name for _, name, _ in reader.attributes} <= {
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "id",
        "href",
        "style",
        "role",
        "colspan",
        "aria-label",
        "aria-hidden",
        "tabindex",
    }
    assert all(value.startswith(("#", "./")) for _, name, value in reader.attributes if name == "href")
    assert not re.search(r"url\(|@import|https?:", text)
    assert "default-src 'none'" in text


def test_of_the_hidden_tests_titles_and_hints_are_shown_and_no_more(assignment: Assignment) -> None:
    text = page(assignment, A_CLASS)
    assert "Promise 0 is kept" in text
    assert "Try a plot." in text
    assert "CANARY" not in text
    assert "test_number_0" not in text


def test_every_check_is_counted_once_for_every_student_who_was_graded() -> None:
    rows = check_rows(A_CLASS)
    assert [row.title for row in rows] == [f"Promise {number} is kept" for number in range(4)]
    assert [row.total for row in rows] == [3, 3, 3, 3]
    assert rows[0].verdicts == {"passed": 1, "failed": 2}
    assert rows[1].verdicts == {"passed": 2, "errored": 1}
    assert rows[3].verdicts == {"passed": 1, "failed": 1, "timed_out": 1}
    assert rows[0].missed_by == ["student-02", "student-03"]
    assert [round(row.passed, 3) for row in rows] == [0.333, 0.667, 1.0, 0.333]


def test_the_hardest_checks_come_first_by_the_points_that_the_class_lost() -> None:
    assert [(row.title[8], row.lost) for row in hardest(check_rows(A_CLASS))] == [("0", 4.0), ("3", 2.0), ("1", 2.0)]


def test_who_needs_attention_is_in_the_order_of_urgency() -> None:
    found = [(concern.student, concern.why) for concern in concerns(A_CLASS)]
    assert found == [
        ("student-05", ("grader error: The template process died.",)),
        ("student-04", ("unreadable: The notebook file is empty.",)),
        ("student-03", ("1 of 6 points", "1 check ran out of time", "locked cell restored: setup")),
    ]
    assert [concern.ours for concern in concerns(A_CLASS)] == [True, False, False]


def test_the_figures_on_the_page_are_those_of_the_class(assignment: Assignment) -> None:
    words = Reader(page(assignment, A_CLASS)).words
    for figure in ("3 graded", "1 unreadable", "1 grader error", "3 median of 24", "3.3 mean", "0 full marks"):
        assert figure in words, figure


@given(st.lists(st.integers(0, 48).map(lambda half: half / 2), max_size=60))
def test_the_histogram_holds_every_score_once(scores: list[float]) -> None:
    bins = histogram(scores, 24.0)
    assert sum(count for _, count, _ in bins) == len(scores)
    assert bins[-1][1] == sum(score >= 21 for score in scores)
    assert bins[0][1] == sum(score < 3 for score in scores)
    assert all(0 <= height <= 1 for _, _, height in bins)
    assert not scores or max(height for _, _, height in bins) == 1


def test_what_is_not_up_to_date_is_said(assignment: Assignment) -> None:
    now = assignment.hidden_tests_sha256
    current = [grade("student-01", PASSED, tests=now)]
    words = Reader(page(assignment, current)).words
    assert "other hidden tests" not in words
    assert "not graded yet" not in words
    words = Reader(page(assignment, [*current, grade("student-02", PASSED, tests="older")], ["student-03"])).words
    assert "1 of 2 grades were given by other hidden tests" in words
    assert "1 submission is not graded yet: student-03" in words


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.graded])
def test_a_class_in_which_nothing_could_be_graded_has_a_report(assignment: Assignment, status: Status) -> None:
    words = Reader(page(assignment, [grade("student-01", status=status, reason="So it is.")])).words
    assert "0 graded" in words
    assert "So it is." in words


@pytest.fixture
def course(tmp_path: Path) -> Assignment:
    """A course folder whose results are `A_CLASS`."""
    for part in ("source", "hidden"):
        shutil.copytree(ORIGIN / part / NAME, tmp_path / part / NAME)
    shutil.copy(ORIGIN / "nbgrader_config.py", tmp_path)
    assignment = Assignment(NAME, tmp_path)
    for found in A_CLASS:
        keep_result(assignment, Graded(found))
    return assignment


@pytest.mark.parametrize("place", ["report.html", "somewhere/else/report.html"])
def test_the_notes_for_staff_are_linked_from_wherever_the_report_is(course: Assignment, place: str) -> None:
    path = course.course / place
    write_report(course, path)
    links = {
        value
        for tag, name, value in Reader(path.read_text("utf-8")).attributes
        if tag == "a" and name == "href" and value.startswith("./")
    }
    assert links
    assert all("CANARY" in (path.parent / unquote(link)).read_text("utf-8") for link in links)


def test_a_report_before_any_grading_is_wrong_usage(course: Assignment) -> None:
    shutil.rmtree(course.course / "results")
    with pytest.raises(UsageError, match="Nothing is graded yet"):
        write_report(course, course.course / "report.html")
    assert not (course.course / "report.html").exists()


def shown(what: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(what)
    return console.export_text()


def summary(grades: Iterable[Grade], **facts: object) -> Summary:
    found = {grade.student: grade for grade in grades}
    return replace(Summary(found, list(found)), **facts)


def test_a_student_takes_one_line_of_an_ordinary_terminal(assignment: Assignment) -> None:
    full = Exercise((check(0, worth=2.5), check(1, worth=2.5)))
    graded = replace(A_CLASS[0], exercises=dict.fromkeys(assignment.exercises, full), max_score=24)
    text = shown(table(assignment, summary([graded, *A_CLASS[3:]])))
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"^student-01 +5 +5 +5 +5 +5 +25 +━+ *$", text, re.MULTILINE)
    assert re.search(r"^student-04 +· +· +· +· +· +0 +unreadable *$", text, re.MULTILINE)
    assert re.search(r"^student-05 +· +· +· +· +· +\? +grader error *$", text, re.MULTILINE)


def test_a_bar_is_full_for_full_marks_only(assignment: Assignment) -> None:
    nearly = replace(A_CLASS[0], max_score=A_CLASS[0].max_score + 0.1)
    little = grade("student-02", *[FAILED] * 30, PASSED)
    assert "╌" not in shown(table(assignment, summary([A_CLASS[0]])))
    assert "╌" in shown(table(assignment, summary([nearly])))
    assert "━" in shown(table(assignment, summary([little])))


def test_the_table_says_who_needs_attention_and_why(assignment: Assignment) -> None:
    waits = Marks("student-01", cells=dict.fromkeys("ab", Mark(None, None, 0, True, 2, True)))
    text = shown(table(assignment, summary(A_CLASS), {"student-01": waits}), 120)
    assert [line.rstrip() for line in text.splitlines() if line.strip()][-4:] == [
        "2 written answers of 1 student wait for a mark: autograder mark differentiable_gain. Totals are without them.",
        "student-03 was repaired: locked cell restored: setup",
        "student-04 gets 0: The notebook file is empty.",
        "student-05 has no grade, by the grader's own fault: The template process died.",
    ]


@pytest.mark.parametrize("entered", [True, False])
@pytest.mark.parametrize("width", [40, 60, 80, 97, 110, 200])
def test_ids_scores_and_statuses_stand_on_any_terminal(assignment: Assignment, width: int, entered: bool) -> None:
    mark = Mark(1, 2, 0, False, 2, True)
    marks = {one.student: Marks(one.student, cells={"a": mark}, penalty=1.5) for one in A_CLASS} if entered else {}
    names = {one.student: "Maximiliane von und zu Langenname-Doppelname-Dreifachname" for one in A_CLASS}
    body = shown(table(assignment, summary(A_CLASS), marks, names, width), width).partition("──")[2]
    for one in A_CLASS:
        assert re.search(rf"^{one.student} ", body, re.MULTILINE)
    assert "unreadable" in body
    assert re.search(rf"^student-02 .*\b{A_CLASS[1].score:g}\b", body, re.MULTILINE)
    assert "…" not in body


def test_an_empty_class_gets_a_sentence(assignment: Assignment) -> None:
    assert shown(table(assignment, Summary())).strip() == "Nothing to grade: there is no folder in submitted/."


def test_a_dry_run_shows_the_checks_that_would_change_and_no_others(assignment: Assignment) -> None:
    before = {"student-02": A_CLASS[1], "student-01": A_CLASS[0]}
    after = grade("student-02", PASSED, PASSED, PASSED, FAILED)
    text = " ".join(shown(changes(summary([A_CLASS[0], after], before=before)), 120).split())
    assert "student-02 3 5 linear_gain: Promise 0 is kept failed → passed" in text
    assert "fit_gain: Promise 3 is kept: hint “Try a plot.” → none" in text
    assert "student-01" not in text
    assert "1 of 2 would change. Nothing was written." in text
    same = shown(changes(summary([A_CLASS[0]], before=before)))
    assert same.strip() == "No score would change (1 graded again, nothing written)."


def test_the_table_of_checks_in_the_feedback_escapes_what_a_student_raised() -> None:
    first, second = score_outputs(Exercise((check(0, ERRORED, hint=HOSTILE), check(1))))
    assert first.data == {"text/plain": "1.0"}
    reader = Reader(second.data["text/html"])
    assert set(reader.tags) == {"table", "caption", "b", "tbody", "tr", "td", "div"}
    assert HOSTILE in reader.text
    assert "1 of 2 points : 1 of 2 checks passed" in reader.words
    assert "CANARY" not in second.data["text/html"] + second.data["text/plain"]


# known mistakes


def test_a_grade_with_the_pattern_of_a_known_mistake_looks_like_it(assignment: Assignment) -> None:
    patterns = known_patterns(assignment)
    sentence = "Gradients are cleared only after a step, so one left over from before the call spoils the first step."
    html = page(assignment, [patterned(assignment, patterns["stale-gradient-in-first-step"])])
    assert html.count(sentence) == 2  # in the list of mistakes, and beside the student
    assert "A guess from the pattern" in html


def test_a_grade_with_full_marks_looks_like_no_mistake(assignment: Assignment) -> None:
    assert "Looks like" not in page(assignment, [patterned(assignment, {})])
