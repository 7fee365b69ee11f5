"""`autograder viva`: questions about a student's own code, whose answers come out of the sandbox."""

import ast
import json
import math
import re
import sys
import time
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from conftest import NAME
from test_similar import ACCUSING

from autograder.cli import cli
from autograder.course import answers as corpus
from autograder.course import scaffold
from autograder.course.assignment import Assignment
from autograder.viva.ask import QUESTIONS, TRIES, sheets
from autograder.viva.changes import LONGEST, Change, NotPython, changes
from autograder.viva.outcomes import Numbers, differs, number
from autograder.viva.page import lines, page, plot

CELL = '''def scaled(x, by=3.0):
    """Nothing in here is changed: 1 + 1."""
    # nor in here: 2 - 2
    total: int = 0
    for value in x:
        total += 2 * value
    y = torch.sub(x, by)  # ä
    y = y / total
    return -y
'''
SEVEN, EIGHT = "    y = torch.sub(x, by)  # ä\n", "    y = y / total\n"
HIDDEN = '''import numpy as np

from autograder.testing import points


@points(2, hint="Look again.")
def test_values(attempt, draw):
    """The values are right"""
    seen = attempt.ask("call", x=np.array([1.0, 2.0, 4.0, 8.0]), by=3.0)
    assert seen.array("y", (4,))[0] > 0


@points(1, hint="Look again.")
def test_shape(attempt, draw):
    """The shape is kept"""
    attempt.ask("call", x=draw.normal(size=900), by=1.0).array("y", (900,))
'''
PROBE = '''def call(notebook, x, by):
    """One call."""
    return {"y": notebook["scaled"](x, by)}
'''


def words(change):
    return f"{change.words} {change.code}".strip()


def changed(source):
    return {words(change): change.source for change in changes(source)}


def test_one_thing_is_changed_and_the_words_say_which():
    found = changed(CELL)
    for told, source in (
        ("line 7 were deleted", CELL.replace("    y = torch.sub(x, by)  # ä\n", "")),
        ("line 6 were deleted", CELL.replace("total += 2 * value", "pass")),
        ("line 6 were total -= 2 * value", CELL.replace("+=", "-=")),
        ("line 6 were total += 4 * value", CELL.replace("2 * value", "4 * value")),
        ("line 6 were total += 2 / value", CELL.replace("2 * value", "2 / value")),
        ("line 7 were y = torch.sub(by, x)  # ä", CELL.replace("(x, by)  #", "(by, x)  #")),
        ("line 9 were return y", CELL.replace("-y", "y")),
        ("line 1 were def scaled(x, by=6.0):", CELL.replace("3.0", "6.0")),
        ("lines 7 and 8 changed places", CELL.replace(SEVEN + EIGHT, EIGHT + SEVEN)),
    ):
        assert found[told] == source, told
    assert all(ast.dump(ast.parse(source)) != ast.dump(ast.parse(CELL)) for source in found.values())
    assert not any("1 + 1" not in source or "2 - 2" not in source or "total: int" not in source
                   for told, source in found.items() if "line 4" not in told)  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["", "x = 1", "def f(x):\n    return x", "import math\nfrom x import y", "class A:\n    b = []\n", "f'{1 + 1}'"],
)
def test_where_nothing_can_be_changed_there_is_no_change(source):
    assert [change for change in changes(source) if change.kind in ("statement", "order", "sign")] == []


def test_magics_and_several_lines_stay_as_they_are():
    source = "%matplotlib inline\ndef f(x):\n    !ls\n    y = [\n        x,\n    ]\n    y.append(x + 1)\n    return y\n"
    found = changed(source)
    assert found["lines 4 to 6 were deleted"] == source.replace("    y = [\n        x,\n    ]\n", "")
    assert all(made.startswith("%matplotlib inline\n") and "    !ls\n" in made for made in found.values())
    assert found["lines 4 to 6 and lines 7 to 7 changed places"].index("append") < source.index("append")


DEEP = {
    "cut": "def f(:",
    "brackets": "(" * 5_000,
    "closed brackets": "[" * 300 + "]" * 300,
    "signs": "-" * 15_000 + "1",
    "dots": "a" + ".b" * 6_000,
    "digits": "1" * 15_000,
    "blocks": "\n".join(" " * depth + "if x:" for depth in range(190)),
    "long": "x = 1\n" * LONGEST,
    "null": "\0",
    "quotes": "'" * 999,
    "half a pair": "x = '\ud800'",
}


@pytest.mark.parametrize("name", DEEP)
def test_what_cannot_be_read_is_said_in_bounded_time(name):
    started = time.monotonic()
    with pytest.raises(NotPython, match=r"cannot be read as Python|are the most"):
        changes(DEEP[name])
    assert time.monotonic() - started < 20


def test_numbers_differ_where_a_person_sees_it():
    one = Numbers((1.0, 2.0, 3.0), 4, 9.0)
    assert not differs(one, Numbers((1.01, 2.0, 3.0), 4, 9.0))
    assert differs(one, Numbers((1.0, 2.0, 3.5), 4, 9.0))
    assert differs(one, Numbers((1.0, 2.0, 3.0), 4, 7.0))
    assert differs(one, Numbers((1.0, 2.0, 3.0), 5, 9.0))
    assert differs(one, Numbers((1.0, float("nan"), 3.0), 4, 9.0))
    assert not differs(Numbers((float("nan"),), 1, float("nan")), Numbers((float("inf"),), 1, float("inf")))
    assert [number(value) for value in (-0.5, 1 / 3, 1e-9, float("nan"), float("-inf"))] == [
        "−0.5",
        "0.333",
        "1e−09",
        "not a number",
        "minus infinite",
    ]


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 1e30], ["polyline", "leave the picture"]),
        ([1.0], [-2.0], ["rect", "rect"]),
        ([1.0, float("nan"), 2.0, 3.0], [float("inf")] * 4, ["polyline", "leave the picture"]),
        ([0.0, 0.0], [0.0, 0.0], ["polyline"]),
        (list(range(400)), list(range(0, 800, 2)), ["polyline"]),
    ],
)
def test_a_plot_can_be_drawn_of_any_numbers(before, after, parts):
    drawn = str(plot(*(Numbers(tuple(map(float, values)), len(values), values[-1]) for values in (before, after))))
    assert all(part in drawn for part in parts)
    for x, y in re.findall(r"([-\d.]+),([-\d.]+)", drawn):
        assert 0 <= float(x) <= 320
        assert 0 <= float(y) <= 120
    assert "nan" not in drawn
    assert "inf" not in drawn


@pytest.fixture
def small(tmp_path, warm):
    """An assignment of its own with one exercise, quick to ask; small(student, cell) hands a cell in."""
    scaffold.init(tmp_path / "course")
    course = tmp_path / "course"
    scaffold.new(course, "small", ["scaled"])
    (course / "hidden" / "small" / "test_scaled.py").write_text(HIDDEN, "utf-8")
    (course / "hidden" / "small" / "probe_scaled.py").write_text(PROBE, "utf-8")
    assignment = Assignment("small", course)

    def hand_in(student, cell):
        made = corpus.notebook(assignment, corpus.Answer("x", "", frozenset(), (("", "scaled", cell),)))
        path = course / "submitted" / student / "small" / "small.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(made), "utf-8")

    hand_in.assignment = assignment
    return hand_in


def by_student(assignment, *students, seed=1):
    return {sheet.student: sheet for sheet in sheets(assignment, students, seed=seed)}


def run(source, x, by):
    """What trusted code gives, here and not in the sandbox."""
    import torch

    names = {"torch": torch}
    exec(source, names)
    return names["scaled"](torch.tensor(x, dtype=torch.float64), by).reshape(-1).tolist()


def test_the_answers_are_what_the_changed_code_gives(small):
    small("student-01", CELL)
    sheet = by_student(small.assignment)["student-01"]
    assert len(sheet.asked) == QUESTIONS
    assert sheet.why == ""
    assert len({asked.change.kind for asked in sheet.asked}) == QUESTIONS
    for asked in sheet.asked:
        given = dict(asked.question.given)
        assert given["x"].startswith("4 numbers, 1, 2, 4")  # the plainer of the two calls
        expected = [run(source, [1.0, 2.0, 4.0, 8.0], 3.0) for source in (CELL, asked.change.source)]
        assert asked.before.values == pytest.approx(expected[0])
        assert asked.after.values == pytest.approx(expected[1])
        assert differs(asked.before, asked.after)
        right = all(map(math.isfinite, expected[1])) and expected[1][0] > 0
        assert all(passes == right for title, passes in asked.checks if title == "The values are right")


def test_a_sheet_for_the_student_has_no_answer(small):
    small("student-01", CELL)
    sheet = by_student(small.assignment)["student-01"]
    questions, answers = (page(small.assignment, sheet, answers=side, name="First Last") for side in (False, True))
    for asked in sheet.asked:
        begins = ", ".join(number(value) for value in asked.after.values[:3])
        assert begins not in questions
        assert begins in answers
    assert "still pass" in questions
    assert not re.search(r"still passes|no longer passes|<svg|def call|hidden", questions)
    assert "def call(notebook, x, by)" in answers
    assert answers.count("<svg") == QUESTIONS
    for html in (questions, answers):
        assert re.findall(r"(?:src|href)=", html) == []
        assert ACCUSING.findall(html) == []
        assert "First Last" in html


def test_the_same_seed_gives_the_same_sheet_and_another_seed_another(small):
    small("student-01", CELL)
    small("student-02", CELL)
    one, again = (by_student(small.assignment) for _ in range(2))
    assert one == again
    assert page(small.assignment, one["student-01"], answers=True) == page(
        small.assignment, again["student-01"], answers=True
    )
    chosen = {words(asked.change) for asked in one["student-01"].asked}
    others = [by_student(small.assignment, "student-01", seed=seed)["student-01"] for seed in range(2, 5)]
    assert any({words(asked.change) for asked in other.asked} != chosen for other in others)
    assert by_student(small.assignment, "student-01")["student-01"] == one["student-01"]  # alone, or in a class


HOSTILE = {
    "does not parse": ("def scaled(:", "cannot be read as Python"),
    "null bytes": ("\0" + CELL, ""),
    "huge": ("x = 1\n" * 5_000 + CELL, f"and {LONGEST} are the most"),
    "empty": ("pass", "is not defined in the notebook"),
    "raises": ("def scaled(x, by):\n    y = x + by\n    raise ValueError('<script>alert(1)</script>')\n", "ValueError"),
    "is random": ("import os\ndef scaled(x, by):\n    y = x + os.urandom(1)[0]\n    return y\n", "the same twice"),
    "hangs": ("def scaled(x, by):\n    while x.sum() + by > 1:\n        pass\n", "no answer within"),
    "ends the process": ("import os\ndef scaled(x, by):\n    os._exit(2 + 3)\n", "died"),
    "no number": ("def scaled(x, by):\n    y = str(x + by)\n    return y\n", "are not answered"),
    "nothing to change": ("def scaled(x, by):\n    return x\n", "no code in which something could be changed"),
}  # fmt: skip


@pytest.mark.timeout(510)
def test_hostile_cells_are_named_and_the_rest_goes_on(small):
    with (small.assignment.course / "nbgrader_config.py").open("a") as config:
        config.write("\nc = get_config()\nc.AutograderLimits.question = 1\n")
    for number_of, (cell, _) in enumerate(HOSTILE.values(), start=10):
        small(f"student-{number_of}", cell)
    small("student-01", CELL)
    unreadable = small.assignment.course / "submitted" / "student-02" / "small" / "small.ipynb"
    unreadable.parent.mkdir(parents=True)
    unreadable.write_text("{", "utf-8")
    small("student-03", small.assignment.cells["scaled"].source)
    found = by_student(small.assignment)
    assert len(found["student-01"].asked) == QUESTIONS
    assert "cut off" in found["student-02"].why
    assert "scaled is as it was released" in found["student-03"].why
    for number_of, (name, (_, why)) in enumerate(HOSTILE.items(), start=10):
        sheet = found[f"student-{number_of}"]
        assert why in sheet.why, name
        assert not sheet.ours, name
        assert "<script" not in page(small.assignment, sheet, answers=True)
        assert bool(sheet.asked) == (name == "null bytes"), name


LOOP = """def scaled(x, by):
    left, y = 3, x
    while left > 0:
        y = y + by
        left -= 1
    return y
"""


def test_a_change_that_hangs_is_no_question_and_ends_the_try_at_once(small):
    with (small.assignment.course / "nbgrader_config.py").open("a") as config:
        config.write("\nc = get_config()\nc.AutograderLimits.question = 1\n")
    small("student-01", LOOP)
    assert "line 5 were deleted" in changed(LOOP)  # never ends
    for seed in (1, 2, 3):
        asked = by_student(small.assignment, seed=seed)["student-01"].asked
        assert asked
        assert not {"line 5 were deleted", "line 5 were left += 1"} & {words(one.change) for one in asked}


def test_a_search_that_takes_too_long_ends_and_says_so(small, monkeypatch):
    monkeypatch.setattr("autograder.viva.ask.SECONDS", 0.0)
    small("student-01", CELL)
    sheet = by_student(small.assignment)["student-01"]
    assert sheet.asked == ()
    assert sheet.why.endswith("Then 0 s were used up: code that hangs takes long.")


def test_a_fault_of_ours_costs_one_sheet(small, monkeypatch):
    def broken(source):
        if "odd" in source:
            raise RuntimeError("in us")
        return changes(source)

    monkeypatch.setattr("autograder.viva.ask.changes", broken)
    small("student-01", CELL + "odd = 1\n")
    small("student-02", CELL)
    found = by_student(small.assignment)
    assert (found["student-01"].ours, found["student-01"].asked) == (True, ())
    assert "in us" in found["student-01"].why
    assert len(found["student-02"].asked) == QUESTIONS


def test_student_code_and_its_changes_run_in_the_sandbox_alone(small, tmp_path):
    mark = tmp_path / "was here"
    small(
        "student-01",
        f"import sys, pathlib\nsys.modules['was_here'] = sys\ntry:\n    pathlib.Path({str(mark)!r}).touch()\n"
        f"except OSError:\n    pass\n{CELL}",
    )
    assert len(by_student(small.assignment)["student-01"].asked) == QUESTIONS
    assert "was_here" not in sys.modules
    assert not mark.exists()


def test_a_change_that_makes_no_difference_is_no_question(small):
    small("student-01", "def scaled(x, by):\n    y = x\n    print(y + 1)\n    print(y - 1)\n    return y\n")
    sheet = by_student(small.assignment)["student-01"]
    assert sheet.asked == ()
    assert re.fullmatch(r"\d+ changes were tried in scaled, and none had a clear outcome\.", sheet.why)
    assert int(sheet.why.split()[0]) <= TRIES


def test_long_and_odd_cells_are_shown_in_part_and_plain():
    source = "\n".join(f"x{at} = 1  # \u202e<b>" for at in range(300))
    asked = type("Asked", (), {"source": source, "change": Change("", "", (150, 150), "")})
    shown = lines(asked)
    assert [at for at, _, changed_here in shown if changed_here] == [150]
    assert len(shown) == 81
    assert "\u202e" not in shown[0][1]


@pytest.mark.timeout(510)
def test_the_command_writes_both_sides_for_the_assignment_of_this_course(course, command, tmp_path):
    course.hand_in("student-01")
    course.hand_in("student-02", course.assignment.released)
    (course.folder / "students.csv").write_text("id,first_name,last_name\nstudent-01,First,Last\n", "utf-8")
    out = tmp_path / "sheets"
    code, said, err = command("viva", NAME, "--workers", "1", "--output", str(out))
    assert (code, err) == (0, "")
    assert "student-01: 3 questions\n" in said
    assert "student-02: no questions. linear_gain is as it was released." in said
    written = {path.name: path.read_text("utf-8") for path in out.iterdir()}
    assert sorted(written) == [f"student-0{n}-{side}.html" for n in (1, 2) for side in ("answers", "questions")]
    assert written["student-01-answers.html"].count('class="answer"') == QUESTIONS
    assert "Ask your instructor." in written["student-02-questions.html"]
    assert "First Last" in written["student-01-questions.html"]
    told = [said, *written.values(), CliRunner().invoke(cli, ["viva", "--help"]).output]
    assert ACCUSING.findall("\n".join(told).replace(str(tmp_path), "")) == []
    options = (
        "--student",
        "student-01",
        "--workers",
        "1",
        "--anonymous",
        "--json",
        "--output",
        str(tmp_path / "again"),
    )
    code, said, err = command("viva", NAME, *options)
    assert json.loads(said)["sheets"] == [{"student": "student-01", "questions": 3, "why": None}]
    again = (tmp_path / "again" / "student-01-answers.html").read_text("utf-8")
    assert again == written["student-01-answers.html"].replace(" <bdi>First Last</bdi>", "")


def test_an_empty_class_and_an_unknown_student_are_told_in_a_sentence(course, command):
    code, _, err = command("viva", NAME)
    assert code == 2
    assert re.fullmatch(r"autograder: Nothing has been handed in: .*\n", err)
    course.hand_in("student-01")
    code, _, err = command("viva", NAME, "--student", "student-09")
    assert code == 2
    assert re.fullmatch(r"autograder: There is no submission of 'student-09' in .*submitted\.\n", err)
    assert not Path(course.folder, f"viva-{NAME}").exists()
