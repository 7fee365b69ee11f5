"""One question is marked for the whole class on one page: anonymous, by keyboard, into nbgrader's gradebook."""

import http.client
import json
import re
import shutil
import sys
import threading

import pytest
from conftest import borrow
from playwright.sync_api import sync_playwright

from autograder.cli import main
from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.platforms.marking.server import Marking, Server
from autograder.records.marking import agreed, answers, question
from autograder.running.grade_class import grade_class

NAME, QUESTION = "differentiable_gain", "phase_shift_explained"
OTHER = "polarity_explained"
COUNT = 6
HOSTILE = "<script>document.title = 'CANARY'</script><img src=x onerror=\"document.title='CANARY'\"> my answer"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def marked(shared_course, sandbox):
    """A class whose answers wait: cheap submissions, one of them hostile, one left empty, one no notebook."""
    with pytest.MonkeyPatch.context() as patch:
        borrow(sandbox, patch)
        released = shared_course.assignment.released
        for number in range(1, COUNT + 1):
            notebook = json.loads(json.dumps(released))
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == QUESTION:
                    cell["source"] = HOSTILE if number == 2 else f"**Answer** number {number}."
            shared_course.hand_in(f"student-{number:02}", json.dumps(notebook))
        shared_course.hand_in("student-97", released)
        shared_course.hand_in("student-98", "no notebook")
        grade_class(Assignment(NAME, shared_course.folder))
    return shared_course


@pytest.fixture
def course(marked):
    """With nothing marked."""
    with marked.gradebook() as gradebook:
        for number in range(1, COUNT + 1):
            entry = gradebook.find_grade(QUESTION, NAME, NAME, f"student-{number:02}")
            entry.manual_score, entry.needs_manual_grade = None, True
            gradebook.find_comment(QUESTION, NAME, NAME, f"student-{number:02}").manual_comment = None
        gradebook.db.commit()
    shutil.rmtree(marked.folder / "results" / NAME / "marking", ignore_errors=True)
    return marked


@pytest.fixture
def serving(course):
    """serving(second=False): a running server."""
    running = []

    def serve(**how):
        server = Server(Marking(Assignment(NAME, course.folder), QUESTION, **how))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        running.append((server, thread))
        return server

    yield serve
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


class Client:
    """A browser's manners, without the browser."""

    def __init__(self, server, token=True):
        self.server = server
        self.cookie = ""
        if token:
            self.cookie = self.ask("GET", f"/?token={server.token}")[1]["Set-Cookie"].split(";")[0]

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        kind = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, body and json.dumps(body), {"Cookie": self.cookie, **kind, **headers})
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply.status, reply.headers, text

    def answers(self):
        status, _, text = self.ask("GET", "/answers")
        assert status == 200, text
        return json.loads(text)

    def mark(self, key, score, comment="", **headers):
        status, _, text = self.ask("POST", "/mark", {"key": key, "score": score, "comment": comment}, **headers)
        return status, json.loads(text)


def in_gradebook(course):
    with course.gradebook() as gradebook:
        found = {}
        for number in range(1, COUNT + 1):
            student = f"student-{number:02}"
            grade = gradebook.find_grade(QUESTION, NAME, NAME, student)
            comment = gradebook.find_comment(QUESTION, NAME, NAME, student).manual_comment
            found[student] = (grade.manual_score, grade.needs_manual_grade, comment)
        return found


def test_the_page_has_every_answer_that_waits_with_the_scheme_and_without_a_name(serving):
    client = Client(serving())
    page, data = client.ask("GET", "/")[2], client.answers()
    assert len(data["answers"]) == COUNT  # nobody marks what was left empty, or is no notebook
    assert {answer["score"] for answer in data["answers"]} == {None}
    assert "<strong>Answer</strong> number 1." in json.dumps(data["answers"])
    assert "1 point for the comparison sample by sample" in data["scheme"]
    assert "student-" not in page + json.dumps(data)


def test_the_order_is_drawn_and_stays(course):
    assignment = Assignment(NAME, course.folder)
    asked = question(assignment, QUESTION)
    order = [answer.student for answer in answers(assignment, asked)]
    assert order == [answer.student for answer in answers(assignment, asked)]
    assert sorted(order) == [f"student-{number:02}" for number in range(1, COUNT + 1)]
    other = [answer.student for answer in answers(assignment, question(assignment, OTHER))]
    assert other == [], "the other question was left empty by all"


def test_the_marking_scheme_is_in_no_release_and_in_no_feedback(course):
    scheme = "For the marker"
    assert scheme in question(Assignment(NAME, course.folder), QUESTION).scheme
    assert scheme not in json.dumps(Assignment(NAME, course.folder).released)
    assert scheme not in json.dumps(course.autograded("student-01"))


def test_a_mark_and_a_comment_go_into_the_gradebook_and_comments_are_offered_again(course, serving):
    client = Client(serving())
    first, second, *_ = client.answers()["answers"]
    status, said = client.mark(first["key"], 1.5, "What of the phase?")
    assert (status, said["comments"]) == (200, ["What of the phase?"])
    assert client.mark(second["key"], 0, "What of the phase?")[0] == 200
    entered = sorted(in_gradebook(course).values(), key=str)
    assert entered.count((1.5, False, "What of the phase?")) == 1
    assert entered.count((0, False, "What of the phase?")) == 1
    assert entered.count((None, True, None)) == COUNT - 2
    again = {answer["key"]: answer for answer in client.answers()["answers"]}
    assert (again[first["key"]]["score"], again[first["key"]]["comment"]) == (1.5, "What of the phase?")
    assert client.mark(first["key"], None)[0] == 200
    assert sorted(in_gradebook(course).values(), key=str).count((None, True, None)) == COUNT - 1


@pytest.mark.parametrize("score", [2.5, -1, "2", True, float("nan")])
def test_what_is_no_mark_is_not_entered(course, serving, score):
    client = Client(serving())
    status, said = client.mark(client.answers()["answers"][0]["key"], score)
    assert status in (400, 409), said
    assert set(in_gradebook(course).values()) == {(None, True, None)}


def test_a_mark_of_somebody_else_is_not_written_over(course, serving):
    client = Client(serving())
    key = client.answers()["answers"][0]["key"]
    with course.gradebook() as gradebook:
        for number in range(1, COUNT + 1):
            gradebook.find_grade(QUESTION, NAME, NAME, f"student-{number:02}").manual_score = 2
        gradebook.db.commit()
    status, said = client.mark(key, 1)
    assert status == 409
    assert "Somebody else has marked" in said["error"]
    assert {score for score, _, _ in in_gradebook(course).values()} == {2}


def test_nobody_else_can_open_the_page_or_mark(serving):
    server = serving()
    stranger, friend = Client(server, token=False), Client(server)
    key = friend.answers()["answers"][0]["key"]
    assert server.server_address[0] == "127.0.0.1"
    assert stranger.ask("GET", "/")[0] == 403
    assert stranger.ask("GET", "/?token=wrong")[0] == 403
    assert stranger.ask("GET", "/answers")[0] == 403
    assert stranger.mark(key, 1)[0] == 403
    assert friend.ask("GET", "/answers", Host="evil.example")[0] == 403
    assert friend.mark(key, 1, Origin="http://evil.example")[0] == 403
    assert friend.ask("POST", "/mark", {"key": key}, **{"Content-Type": "text/plain"})[0] == 403
    assert friend.mark("no such key", 1)[0] == 409
    assert friend.ask("POST", "/mark", [])[0] == 400
    assert friend.ask("GET", "/../gradebook.db")[0] == 404


def test_a_hostile_answer_is_shown_as_the_text_that_it_is(serving):
    data = Client(serving()).answers()
    (shown,) = [answer["html"] for answer in data["answers"] if "my answer" in answer["html"]]
    assert not re.search(r"<(script|img)", shown)


# a second marker


def test_a_second_marker_gets_a_drawn_part_and_the_agreement_is_told(course, serving, monkeypatch, capsys):
    assignment = Assignment(NAME, course.folder)
    asked = question(assignment, QUESTION)
    first = Client(serving())
    for answer in first.answers()["answers"]:
        first.mark(answer["key"], 1, "first")
    before = in_gradebook(course)
    other = Client(serving(second=True))
    drawn = other.answers()["answers"]
    assert len(drawn) == 3
    assert {(answer["score"], answer["comment"]) for answer in drawn} == {(None, "")}, "the first marks are not shown"
    for answer, score in zip(drawn, (1, 1, 2), strict=True):
        assert other.mark(answer["key"], score)[0] == 200
    assert in_gradebook(course) == before
    found = agreed(assignment, asked)
    assert (found.drawn, len(found.pairs), found.exact) == (3, 3, 2)
    assert (found.mean_distance, found.mean_difference) == (0.33, 0.33)
    monkeypatch.chdir(course.folder)
    monkeypatch.setattr(sys, "argv", ["autograder", "mark", NAME, QUESTION, "--agreement"])
    main()
    out = capsys.readouterr().out
    assert "The same mark for 2 of 3; 0.33 points apart on average; the second marker is milder (+0.33)." in out
    assert re.search(r"student-\d\d: 1, and 2 by the second marker", out)


def test_what_is_no_question_is_wrong_usage(course):
    with pytest.raises(UsageError, match=f"there are: {QUESTION}, {OTHER}"):
        Marking(Assignment(NAME, course.folder), "test_fit_gain")


# in a browser


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_class_is_marked_by_keyboard_without_scrolling(course, serving):
    server = serving()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.set_default_timeout(20_000)
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(server.address)
        page.get_by_text(f"answer 1 of {COUNT}").wait_for()
        assert "token" not in page.url
        for place in ("#answer", "#points", "#comment", "#scheme"):
            assert page.locator(place).bounding_box()["y"] < 800, f"{place} is in sight"
        assert "For the marker" in page.locator("#scheme").inner_text()
        page.keyboard.press("c")
        page.keyboard.type("What of the phase?")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.keyboard.press(".")
        page.keyboard.press("Enter")
        page.get_by_text(f"answer 2 of {COUNT}").wait_for()
        page.keyboard.press("3")
        page.get_by_text("There are 2 points.").wait_for()
        page.keyboard.press("Shift+Digit1")
        for number in range(2, COUNT + 1):
            page.keyboard.press("2")
            page.keyboard.press("Enter")
            page.get_by_text(f"{number} marked" if number < COUNT else "All answers are marked").wait_for()
        title = page.title()
        browser.close()
    assert faults == []
    assert title == f"Marking {QUESTION}", "nothing of an answer acts"
    entered = sorted(in_gradebook(course).values(), key=str)
    assert entered == sorted(
        [(1.5, False, "What of the phase?"), (2, False, "What of the phase?"), *[(2, False, None)] * (COUNT - 2)],
        key=str,
    )
