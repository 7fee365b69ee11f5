"""The judge turns what probes bring back into verdicts, and never a mistake of its own into a 0."""

import os
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import GraderFault
from autograder.judging.judge import Judge
from autograder.sandbox.attempt import Crashed, Raised, TimedOut, Undefined
from autograder.verdict import Verdict

HEAD = "import numpy as np\nfrom autograder.testing import points\n"


class Scripted:
    """Stands for an attempt: gives what the test has laid out, and remembers what was asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []
        self.log = []

    def ask(self, exercise, source, probe, values, arrays):
        self.asked.append((exercise, source, probe, values, arrays))
        self.log.append(f"{exercise} {probe}")
        answer = self.answers.get(probe, ({}, {}))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def fresh(self):
        self.log.append("fresh")

    def why_undefined(self, name):
        assert name == "part"
        return "The cell part stopped with NameError."


@pytest.fixture
def judge(tmp_path):
    """judge(test_x="...", probe_x="..."): a Judge at a folder of these files."""
    opened = []

    def make(**files):
        folder = tmp_path / "hidden"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            head = HEAD if name.startswith("test_") else ""
            (folder / f"{name}.py").write_text(head + textwrap.dedent(text), encoding="utf-8")
            if name.startswith("test_"):
                (folder / f"probe_{name.removeprefix('test_')}.py").touch()
        opened.append(Judge(folder))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


ONE = '''
    @points(2, hint="Try this.")
    def test_it(attempt, draw):
        """It works.

        More for instructors.
        """
        {body}
'''


def only_check(judged):
    [exercise] = judged.values()
    [check] = exercise.checks
    return check


# verdicts


def test_a_test_that_passes_gives_its_points(judge):
    check = only_check(judge(test_part=ONE.format(body="attempt.ask('look')")).judge(Scripted(), 1))
    assert (check.name, check.title) == ("test_it", "It works")
    assert (check.verdict, check.points, check.max_points, check.hint) == (Verdict.passed, 2.0, 2.0, None)


def test_a_failed_assertion_is_failed_with_the_hint_only(judge):
    body = "assert attempt.ask('look').number('n') == 12345, 'for staff'"
    attempt = Scripted(look=({"n": 3}, {}))
    check = only_check(judge(test_part=ONE.format(body=body)).judge(attempt, 1))
    assert (check.verdict, check.points, check.hint) == (Verdict.failed, 0.0, "Try this.")
    assert "12345" in check.detail
    assert "for staff" in check.detail


@pytest.mark.parametrize(
    ("fault", "verdict", "told"),
    [
        (
            Raised("Your code raised ValueError: no", "Traceback ..."),
            Verdict.errored,
            "Your code raised ValueError: no",
        ),
        (Crashed("The Python process died while your code ran."), Verdict.errored, "The Python process died"),
        (TimedOut("There was no answer within 10 s."), Verdict.timed_out, "no answer within 10 s"),
        (
            Undefined("part"),
            Verdict.skipped,
            "part is not defined in the notebook. The cell part stopped with NameError.",
        ),
    ],
    ids=["raised", "crashed", "timed out", "undefined"],
)
def test_a_fault_of_the_student_has_its_verdict_and_sentence(judge, fault, verdict, told):
    check = only_check(judge(test_part=ONE.format(body="attempt.ask('look')")).judge(Scripted(look=fault), 1))
    assert check.verdict is verdict
    assert check.points == 0
    assert told in check.hint
    assert check.hint.endswith("Try this.")


@pytest.mark.parametrize(
    ("ask", "answer", "told"),
    [
        ("number('n')", ({"n": "x"}, {}), "A tensor was expected, but there was x."),
        ("array('y', (3,))", ({}, {"y": np.ones(4)}), "The shape is (4,), but it should be (3,)."),
        ("array('y')", ({}, {"y": np.array([np.nan])}), "The result holds NaN or infinity."),
    ],
)
def test_an_observation_that_does_not_fit_is_failed_and_told(judge, ask, answer, told):
    check = only_check(judge(test_part=ONE.format(body=f"attempt.ask('look').{ask}")).judge(Scripted(look=answer), 1))
    assert check.verdict is Verdict.failed
    assert check.hint == f"{told} Try this."


def test_the_traceback_of_student_code_is_for_staff_only(judge):
    attempt = Scripted(look=Raised("Your code raised ValueError.", "Traceback: line 3 in part"))
    check = only_check(judge(test_part=ONE.format(body="attempt.ask('look')")).judge(attempt, 1))
    assert check.detail == "Traceback: line 3 in part"
    assert "line 3" not in check.hint


@pytest.mark.parametrize(
    "body",
    [
        "[][1]",
        "undefined_name",
        "{}['key']",
        "1 / 0",
        "import nothing_of_this_name",
        "raise SystemExit",
        "draw.nonsense()",
        "attempt.ask('look').array('y') + np.ones((2, 5))",
    ],
    ids=str,
)
def test_a_broken_hidden_test_is_no_grade(judge, body):
    attempt = Scripted(look=({}, {"y": np.ones((3, 4))}))
    judged = judge(test_part=ONE.format(body=body))
    with pytest.raises(GraderFault, match="test_part::test_it is broken"):
        judged.judge(attempt, 1)


def test_the_graders_own_fault_while_asking_is_no_grade(judge):
    judged = judge(test_part=ONE.format(body="attempt.ask('look')"))
    with pytest.raises(GraderFault, match="template process died"):
        judged.judge(Scripted(look=GraderFault("The template process died.")), 1)


def test_a_fixture_that_does_not_exist_is_no_grade(judge):
    judged = judge(test_part=ONE.format(body="pass").replace("draw", "drew"))
    with pytest.raises(GraderFault, match="broken"):
        judged.judge(Scripted(), 1)


def test_the_judge_goes_on_after_a_broken_attempt(judge):
    judged = judge(test_part=ONE.format(body="attempt.ask('look')"))
    with pytest.raises(GraderFault):
        judged.judge(Scripted(look=GraderFault("gone")), 1)
    assert only_check(judged.judge(Scripted(), 1)).verdict is Verdict.passed


def test_no_verdict_is_left_over_from_the_submission_before(judge):
    judged = judge(test_part=ONE.format(body="assert attempt.ask('look').flag('good')"))
    good, bad = Scripted(look=({"good": True}, {})), Scripted(look=({"good": False}, {}))
    verdicts = [only_check(judged.judge(attempt, 1)).verdict for attempt in (good, bad, good, bad)]
    assert verdicts == [Verdict.passed, Verdict.failed] * 2


def test_a_skipped_or_expected_failure_is_no_way_to_a_grade(judge):
    judged = judge(test_part="import pytest\n" + textwrap.dedent(ONE.format(body="pytest.skip('not today')")))
    with pytest.raises(GraderFault, match="broken"):
        judged.judge(Scripted(), 1)


OWN = '''
    import pytest

    seen = []

    @pytest.fixture(scope="module")
    def once():
        seen.append("once")
        yield
        seen.append("end")

    @pytest.fixture
    def drawn(draw):
        return draw.integers(100)

    @points(1, hint="a")
    def test_plain(attempt):
        """Plain first"""
        seen.append("plain")

    @points(1, hint="b")
    @pytest.mark.parametrize("number", [1, 2])
    def test_own(attempt, draw, once, drawn, number):
        """Fixtures and parameters"""
        seen.append((int(drawn), number))

    class TestPart:
        @points(1, hint="c")
        def test_method(self, attempt):
            """A method"""
            seen.append(vars(self) == {})
            self.used = True

    @points(1, hint="d")
    def test_told(attempt):
        """What came before"""
        attempt.ask("look", seen=repr(seen))
        seen.clear()
'''


def test_hidden_tests_may_use_what_pytest_offers(judge):
    judged, attempt = judge(test_part=OWN), Scripted()
    for _ in range(2):
        assert {check.verdict for check in judged.judge(attempt, 1)["test_part"].checks} == {Verdict.passed}
    first, second = (values["seen"] for _, _, _, values, _ in attempt.asked)
    assert first == re.sub("^\\['end', ", "[", second)  # a fixture of the module ends with the submission
    assert re.fullmatch(r"\['plain', 'once', \(\d+, 1\), \(\d+, 2\), True\]", first)


def test_a_hidden_test_that_waits_for_nobody_is_broken(judge):
    judged = judge(test_part=ONE.format(body="pass").replace("def test_it", "async def test_it"))
    with pytest.raises(GraderFault, match="broken"):
        judged.judge(Scripted(), 1)


# what a check counts on

NEEDS = '''
    @points(1, hint="a")
    def test_a(attempt):
        """First"""
        assert attempt.ask("first").flag("good")

    @points(1, hint="b", needs="test_a")
    def test_b(attempt):
        """Second"""
        attempt.ask("second")

    @points(1, hint="c", needs=["test_b"])
    def test_c(attempt):
        """Third"""
        attempt.ask("third")
'''


def test_a_check_counts_once_what_it_needs_has_passed(judge):
    attempt = Scripted(first=({"good": True}, {}))
    judged = judge(test_part=NEEDS).judge(attempt, 1)
    assert [check.verdict for check in judged["test_part"].checks] == [Verdict.passed] * 3


def test_a_check_is_skipped_when_what_it_needs_has_not_passed(judge):
    attempt = Scripted(first=({"good": False}, {}))
    first, second, third = judge(test_part=NEEDS).judge(attempt, 1)["test_part"].checks
    assert first.verdict is Verdict.failed
    assert (second.verdict, third.verdict) == (Verdict.skipped, Verdict.skipped)
    assert second.hint == "It counts once “First” passes. b"
    assert third.hint == "It counts once “Second” passes. c"
    assert attempt.log == ["test_part first"]  # and is not even asked


@pytest.mark.parametrize("needs", ["test_nowhere", "test_b"])
def test_a_check_that_needs_what_is_not_before_it_cannot_be_collected(judge, needs):
    with pytest.raises(GraderFault, match=needs):
        judge(test_part=NEEDS.replace('needs="test_a"', f'needs="{needs}"'))


# collecting


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("def test_it(:\n    pass", "SyntaxError"),
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("def test_it(attempt):\n    '''No points'''", "no @points"),
        ("@points(1, hint='')\ndef test_it(attempt):\n    pass", "needs a docstring"),
        ("x = 1", "there are none"),
    ],
    ids=["syntax", "import", "points", "title", "empty"],
)
def test_hidden_tests_that_cannot_be_collected_are_the_graders_fault(judge, text, trouble):
    with pytest.raises(GraderFault, match=trouble):
        judge(test_part=text)


def test_a_test_file_without_probes_is_the_graders_fault(judge, tmp_path):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "test_alone.py").write_text(HEAD + textwrap.dedent(ONE.format(body="pass")))
    with pytest.raises(GraderFault, match="probe_alone"):
        judge()


def test_nothing_above_the_folder_decides_how_tests_are_collected(tmp_path, monkeypatch):
    """A course may lie in a repository with tests of its own, or beneath a folder that nobody may list."""
    folder = tmp_path / "above" / "hidden"
    folder.mkdir(parents=True)
    (folder.parent / "conftest.py").write_text("raise RuntimeError('of somebody else')\n")
    (folder.parent / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    (folder / "test_alone.py").write_text(HEAD + textwrap.dedent(ONE.format(body="pass")))
    (folder / "probe_alone.py").write_text("")
    seen = []
    listed = os.scandir

    def scandir(path="."):
        seen.append(Path(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with Judge(folder) as judge:
        assert judge.points
    assert not set(folder.parents) & set(seen)


def test_a_changed_hidden_test_is_read_anew(judge):
    first = judge(test_part=ONE.format(body="attempt.ask('old')"))
    second = judge(test_part=ONE.format(body="attempt.ask('entirely new')"))
    attempt = Scripted()
    second.judge(attempt, 1)
    first.judge(attempt, 1)
    assert attempt.log == ["test_part entirely new", "test_part old"]


def test_settings_for_other_pytest_runs_do_not_reach_the_judge(judge, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option -k nothing")
    assert only_check(judge(test_part=ONE.format(body="pass")).judge(Scripted(), 1)).verdict is Verdict.passed


def test_points_are_summed_by_exercise(judge):
    assert judge(test_one=NEEDS, test_two=ONE.format(body="pass")).points == {"test_one": 3.0, "test_two": 2.0}


def test_one_exercise_can_be_judged_alone(judge):
    attempt = Scripted(first=({"good": True}, {}))
    judged = judge(test_one=NEEDS, test_two=ONE.format(body="attempt.ask('other')")).judge(attempt, 1, only="test_two")
    assert list(judged) == ["test_two"]
    assert attempt.log == ["test_two other"]


# questions


def test_numbers_and_arrays_reach_the_probe_apart(judge):
    attempt = Scripted()
    judge(test_part=ONE.format(body="attempt.ask('look', n=3, x=np.arange(4), kind='l1')")).judge(attempt, 1)
    [(exercise, source, probe, values, arrays)] = attempt.asked
    assert (exercise, probe, values) == ("test_part", "look", {"n": 3, "kind": "l1"})
    assert list(arrays) == ["x"]
    assert np.array_equal(arrays["x"], np.arange(4))
    assert source == ""


def test_the_probes_beside_a_test_file_are_sent(judge):
    attempt = Scripted()
    judge(probe_part="def look(notebook): ...", test_part=ONE.format(body="attempt.ask('look')")).judge(attempt, 1)
    assert attempt.asked[0][1] == "def look(notebook): ..."


# draws

DRAW = '''
    @points(1, hint="")
    def test_a(attempt, draw):
        """A"""
        attempt.ask("a", x=draw.normal(size=3))

    @points(1, hint="")
    def test_b(attempt, draw):
        """B"""
        attempt.ask("b", x=draw.normal(size=3))
'''


def drawn(judged, seed, only=None):
    attempt = Scripted()
    judged.judge(attempt, seed, only)
    return {(exercise, probe): tuple(arrays["x"]) for exercise, _, probe, _, arrays in attempt.asked}


def test_draws_repeat_with_the_seed(judge):
    judged = judge(test_one=DRAW)
    assert drawn(judged, 7) == drawn(judged, 7)
    assert drawn(judge(), 7) == drawn(judged, 7)  # in another judge, too


def test_draws_differ_between_seeds_and_between_checks(judge):
    judged = judge(test_one=DRAW, test_two=DRAW)
    everything = [*drawn(judged, 7).values(), *drawn(judged, 8).values()]
    assert len(everything) == 8
    assert len(set(everything)) == 8


def test_draws_do_not_depend_on_what_was_asked_before(judge):
    judged = judge(test_one=DRAW, test_two=DRAW)
    alone = drawn(judged, 7, only="test_two")
    assert alone == {key: value for key, value in drawn(judged, 7).items() if key[0] == "test_two"}
    lines = textwrap.dedent(DRAW).strip().split("\n\n")
    other = judge(test_one="\n\n".join(reversed(lines)))
    assert list(drawn(other, 7, only="test_one")) == [("test_one", "b"), ("test_one", "a")]
    assert drawn(other, 7, only="test_one") == drawn(judged, 7, only="test_one")


def test_a_large_seed_will_do(judge):
    assert drawn(judge(test_one=DRAW), 2**63 - 1) != drawn(judge(), 2**62)


# working parts that are handed in


def test_files_that_hand_in_parts_are_asked_last_and_each_in_a_fresh_child(judge):
    hands_in = "LENDS_PARTS = True\n" + textwrap.dedent(ONE.format(body="attempt.ask('q'); attempt.ask('r')"))
    attempt = Scripted()
    judged = judge(
        test_a=hands_in,
        test_b=ONE.format(body="attempt.ask('q')"),
        test_c=hands_in,
        test_d=ONE.format(body="attempt.ask('q')"),
    )
    exercises = judged.judge(attempt, 1)
    assert attempt.log == ["test_b q", "test_d q", "test_a q", "test_a r", "fresh", "test_c q", "test_c r"]
    assert list(exercises) == ["test_a", "test_b", "test_c", "test_d"]  # told in the usual order


def test_a_single_file_that_hands_in_parts_needs_no_fresh_child(judge):
    attempt = Scripted()
    judge(test_a="LENDS_PARTS = True\n" + textwrap.dedent(DRAW)).judge(attempt, 1)
    assert attempt.log == ["test_a a", "test_a b"]


def test_hidden_tests_judge_a_real_attempt(judge, attempt):
    begun = attempt("def part(x):\n    return 2 * x", "1 / 0")
    begun.run()
    text = '''
        @points(1, hint="Double it.")
        def test_doubles(attempt, draw):
            """It doubles"""
            x = draw.normal(size=5)
            assert np.array_equal(attempt.ask("apply", x=x).array("y", (5,)), 2 * x)

        @points(1, hint="Triple it.")
        def test_triples(attempt, draw):
            """It triples"""
            x = draw.normal(size=5)
            assert np.array_equal(attempt.ask("apply", x=x).array("y", (5,)), 3 * x)

        @points(1, hint="Define it.")
        def test_other(attempt):
            """There is another"""
            attempt.ask("other")
    '''
    probes = (
        'def apply(notebook, x):\n    return {"y": notebook["part"](x)}\n\n'
        'def other(notebook):\n    return {"y": notebook["other"]}\n'
    )
    checks = judge(probe_part=probes, test_part=text).judge(begun, 1)["test_part"].checks
    assert [check.verdict for check in checks] == [Verdict.passed, Verdict.failed, Verdict.skipped]
    assert checks[2].hint == (
        "other is not defined in the notebook. The cell number 2 stopped with ZeroDivisionError. Define it."
    )


def test_what_the_tolerances_said_is_noted_check_by_check(judge):
    one = judge(
        test_x='''
        from autograder.testing import Tolerance
        TENTH = Tolerance("a tenth", 0.1, "for this test")

        @points(1, hint="")
        def test_first(attempt):
            """The first"""
            assert TENTH.admits(1.05, 1.0)
            assert TENTH.admits(1.25, 1.0)
            assert TENTH.admits(1.0, 1.0)

        @points(1, hint="")
        def test_second(attempt):
            """The second"""
            assert not TENTH.admits(2.0, 1.0)
    '''
    )
    one.judge(Scripted(), 1)
    ratios = {name: [round(comparison.ratio, 6) for comparison in compared] for name, compared in one.compared.items()}
    assert ratios == {("test_x", "test_first"): [0.5, 2.5], ("test_x", "test_second"): [10.0]}
    one.judge(Scripted(), 2)
    assert [len(compared) for compared in one.compared.values()] == [2, 1]  # of the last judging alone


def test_several_questions_bring_an_observation_each(judge):
    body = (
        "first, second, third = attempt.ask_each('look', [{'x': np.ones(2), 'n': 1}, {'x': np.zeros(1)}, {}])\n"
        "        assert first.number('n') == 3 and first.array('y').tolist() == [7]\n"
        "        assert second.number('n') == 4\n"
        "        assert third.names('n') == []"
    )
    attempt = Scripted(look=({"0": {"n": 3}, "1": {"n": 4}, "2": "no object"}, {"0 y": np.array([7.0])}))
    check = only_check(judge(test_part=ONE.format(body=body)).judge(attempt, 1))
    assert check.verdict is Verdict.passed, check.detail
    [(_, _, _, values, arrays)] = attempt.asked
    assert values == [{"n": 1}, {}, {}]
    assert {name: array.tolist() for name, array in arrays.items()} == {"0 x": [1, 1], "1 x": [0]}


KNOWN = """
    from autograder.testing import recognising

    @points(1, hint="Hint.")
    def test_one(attempt):
        \"\"\"Title\"\"\"
        found = attempt.ask("probe")
        known = {
            "It cannot be told.": lambda: 1 / 0,
            "Nothing came.": lambda: found.array("missing").size == 0,
            "It is doubled.": lambda: found.number("value") == 6,
            "It is more than it should be.": lambda: found.number("value") > 3,
        }
        with recognising(known):
            assert found.number("value") == 3
"""


@pytest.mark.parametrize(
    ("value", "verdict", "told"),
    [
        (3, Verdict.passed, None),
        (6, Verdict.failed, "It is doubled. Hint."),
        (7, Verdict.failed, "It is more than it should be. Hint."),
        (2, Verdict.failed, "Hint."),
        ("two", Verdict.failed, "A tensor was expected, but there was two. Hint."),
    ],
)
def test_a_known_mistake_is_named_where_a_check_fails_and_changes_no_verdict(judge, value, verdict, told):
    one = judge(test_x=KNOWN)
    check = only_check(one.judge(Scripted(probe=({"value": value}, {})), 1))
    assert (check.verdict, check.hint) == (verdict, told)
    named = told.removesuffix(" Hint.") if told and told.startswith("It is") else None
    assert one.recognised.get(("test_x", "test_one")) == named


def test_what_is_tried_to_name_a_mistake_is_no_margin(judge):
    one = judge(
        test_x="""
        from autograder.testing import Tolerance, recognising

        NEAR = Tolerance("near", 0.1, "a test")

        @points(1, hint="Hint.")
        def test_one(attempt):
            \"\"\"Title\"\"\"
            with recognising({"It is doubled.": lambda: NEAR.admits(2.0, 2.0)}):
                assert NEAR.admits(2.0, 1.0)
        """
    )
    one.judge(Scripted(), 1)
    assert [comparison.ratio for comparison in one.compared["test_x", "test_one"]] == [pytest.approx(10)]
