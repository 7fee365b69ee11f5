"""The audit: what holds is said to hold, and each way of not holding is found and named."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
import torch

from autograder.audit import run as audit_run
from autograder.audit.behaviours import behaviours
from autograder.audit.canaries import CANARY, with_canaries
from autograder.audit.cases import Kind, cases, reached
from autograder.audit.leaks import Secrets
from autograder.audit.margins import LEAST
from autograder.audit.mutants import BEHAVIOUR, mutants
from autograder.audit.run import audit_assignment
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.errors import GraderFault
from autograder.judging.judge import Judge
from autograder.pages.lookalikes import MOST, Likenesses
from autograder.pages.lookalikes import path as patterns_path
from autograder.running.processes import spread
from autograder.testing import Tolerance
from autograder.verdict import Check, Exercise, Grade, Status, Verdict

NAME = "tiny"
REFERENCE = "def double(x):\n    ### BEGIN SOLUTION\n    return x.mul(2)\n    ### END SOLUTION"
PROBE = """import torch

def doubled(notebook, x):
    return {"y": notebook["double"](x)}
"""
HIDDEN = '''import numpy as np

from autograder.testing import Tolerance, points

CLOSE = Tolerance("close", 1e-6, "a product has one rounding")

@points(1, hint="Multiply by two.")
def test_values(attempt, draw):
    """Every number is doubled"""
    x = draw.uniform(1, 2, size=7)
    assert CLOSE.admits(attempt.ask("doubled", x=x).array("y", (7,)), 2 * x, scale=2)

@points(1, hint="Try a negative number.")
def test_sign(attempt, draw):
    """Negative numbers are doubled as well"""
    x = -draw.uniform(1, 2, size=3)
    assert CLOSE.admits(attempt.ask("doubled", x=x).array("y", (3,)), 2 * x, scale=2)
'''
MUTANTS = """[change]
double = [
    ["sides swapped", "x.mul(2)", "2 * x"],
    ["1e-3 error", "mul(2)", "mul(2.002)"],
]
[[equivalent]]
cell = "double"
was = "return x.mul(2)"
becomes = "return 2 * x"
proof = "a product is the same either way round"
"""
PATTERNS = {
    "forgotten": {"test_double::test_values": "failed", "test_double::test_sign": "failed"},
    "absolute": {"test_double::test_sign": "failed"},
}


class Tiny:
    """A course folder with a small assignment of one exercise, whose parts the tests change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.solutions = folder / "answers" / NAME
        self.hidden = folder / "hidden" / NAME
        self.write(f"source/{NAME}/{NAME}.ipynb", nbformat.writes(source()))
        self.write("nbgrader_config.py", "c = get_config()\n")
        self.write(f"hidden/{NAME}/test_double.py", HIDDEN)
        self.write(f"hidden/{NAME}/probe_double.py", PROBE)
        self.alternative("sum", "return x + x")
        self.misconception("forgotten", "return x")
        self.misconception("absolute", "return abs(2 * x)")
        self.write(f"answers/{NAME}/mutants.toml", MUTANTS)
        self.write(f"answers/{NAME}/patterns.json", json.dumps(PATTERNS))

    @property
    def assignment(self) -> Assignment:
        return Assignment(NAME, self.folder)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def alternative(self, name: str, line: str, costs: str = "", kind: str = "alternatives") -> None:
        self.write(
            f"answers/{NAME}/{kind}/{name}.py",
            f'"""It is {name}."""\n{costs}\n# %% double\ndef double(x):\n    {line}\n',
        )

    def misconception(self, name: str, line: str, costs: str = "test_double") -> None:
        self.alternative(name, line, f"# costs: {costs}\n", "misconceptions")

    def change_test(self, old: str, new: str) -> None:
        path = self.hidden / "test_double.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def problems(self, seeds: int = 4, **options: object) -> dict[str, list[str]]:
        """The sentences of whatever does not hold, by part."""
        found: dict[str, list[str]] = {}
        for problem in audit_assignment(self.assignment, seeds=seeds, **options).problems:
            found.setdefault(problem.part, []).append(problem.sentence)
        return found


def source() -> nbformat.NotebookNode:
    def cell(name: str, text: str, **flags: object) -> nbformat.NotebookNode:
        marks = {
            "grade_id": name,
            "schema_version": 3,
            "task": False,
            "grade": False,
            "locked": False,
            "solution": False,
            **flags,
        }
        return nbformat.v4.new_code_cell(text, id=name, metadata={"nbgrader": marks})

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("Write `double(x)`, twice the tensor `x`.", id="text"),
            cell("double", REFERENCE, solution=True),
            cell("test_double", "assert double(1) == 2", grade=True, locked=True, points=2),
        ]
    )
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return notebook


@pytest.fixture
def tiny(tmp_path, monkeypatch, warm):
    # Its two checks notice the mutants listed for it, and not every behaviour; those have tests of their own.
    monkeypatch.setattr("autograder.audit.mutants.behaviours", lambda code: iter(()))
    return Tiny(tmp_path)


@pytest.fixture
def command(tiny, monkeypatch, run_main):
    """command(word, ...): (exit code, stdout, stderr) of `autograder word ...` in the course folder."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tiny.folder)

    def command(*words):
        return run_main(*words, "--workers", "1")

    return command


# what holds


def test_what_holds_ends_with_0_and_writes_both_files(command, tiny):
    code, out, _ = command("audit", NAME, "--seeds", "4", "--output", "made")
    assert code == 0, out
    for told in (
        "all 2 get full marks",
        "all 2 cost what they must",
        "killed, 1 more known to be equivalent",
        "close",
        "no verdicts changed over 4 seeds, 1 and 2 threads",
        "2 kept for the reports",
        "Everything holds.",
        "Wrote made/audit-tiny.json and made/audit-tiny.html",
    ):
        assert told in out
    told = json.loads((tiny.folder / "made/audit-tiny.json").read_text())
    assert told["holds"]
    assert told["problems"] == []
    failed = {case["name"]: case["failed"] for case in told["cases"] if case["kind"] == "misconception"}
    assert failed == PATTERNS
    # the first seed with 1 and with 2 threads
    assert {case["gradings"] for case in told["cases"] if case["kind"] != "mutant"} == {5}


def test_the_page_loads_nothing_and_escapes_what_it_quotes(command, tiny):
    tiny.write(
        f"answers/{NAME}/misconceptions/odd.py",
        '"""It is <script>alert(1)</script> & odd."""\n# costs: test_double\n\n# %% double\ndouble = abs\n',
    )
    command("audit", NAME, "--seeds", "1")
    page = (tiny.folder / "audit-tiny.html").read_text()
    assert "<script" not in page
    assert "It is &lt;script&gt;alert(1)&lt;/script&gt; &amp; odd." in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []
    assert page.count("data:image/png;base64,") == 2  # mistakes by checks, mutants by checks


def test_one_exercise_can_be_audited_alone(command):
    code, out, _ = command("audit", NAME, "--seeds", "2", "--exercise", "test_double")
    assert code == 0, out
    code, _, err = command("audit", NAME, "--exercise", "no_such")
    assert (code, err) == (2, "autograder: There is no exercise 'no_such': choose from test_double.\n")


def test_the_patterns_of_one_exercise_are_renewed_alone(command, tiny):
    """What other exercises have to do with a mistake, and mistakes of other exercises, stay as they are kept."""
    elsewhere = {"test_other::test_it": "failed"}
    tiny.misconception("third", "return 3 * x")
    tiny.write(f"answers/{NAME}/patterns.json", json.dumps({**PATTERNS, "gone": elsewhere, "absolute": elsewhere}))
    stale = "run “autograder audit tiny --exercise test_double --renew-patterns”."
    code, out, err = command("audit", NAME, "--seeds", "2", "--exercise", "test_double")
    assert code == 1, err
    assert stale in " ".join(out.split())
    assert command("audit", NAME, "--seeds", "2", "--exercise", "test_double", "--renew-patterns")[0] == 0
    kept = json.loads(patterns_path(tiny.assignment).read_text())
    assert kept.keys() == {"forgotten", "absolute", "third"}
    assert kept["absolute"] == {**elsewhere, **PATTERNS["absolute"]}


def test_without_the_mutation_library_it_is_said_what_to_install(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "cosmic_ray.mutating", None)
    code, _, err = command("audit", NAME)
    assert code == 2
    assert err == "autograder: The audit needs cosmic-ray: pip install 'autograder-assignment-kit[audit]'\n"


# what does not hold


def test_a_weakened_hidden_test_lets_mutants_survive_and_the_exit_code_is_1(command, tiny):
    tiny.change_test('"close", 1e-6', '"close", 0.01')
    code, out, _ = command("audit", NAME, "--seeds", "2")
    assert code == 1
    assert "double: return x.mul(2) → return x.mul(2.002): survives (made by 1e-3 error" in " ".join(out.split())
    told = json.loads((tiny.folder / "audit-tiny.json").read_text())
    assert not told["holds"]
    assert "mutants" in {problem["part"] for problem in told["problems"]}


def test_a_right_answer_that_loses_points_is_named(tiny):
    tiny.alternative("slow", "return x.double().exp().log() * 2 + 1e-3")
    (sentence,) = tiny.problems()["right answers"][:1]
    assert sentence.startswith("slow: is right, but fails test_double::test_values (failed, seed ")


def test_a_misconception_that_costs_nothing_is_named(tiny):
    tiny.misconception("harmless", "return x * 2.0")
    assert tiny.problems()["mistakes"][0].startswith("harmless: costs nothing in test_double (seed ")


def test_an_equivalent_that_is_none_is_named(tiny):
    tiny.write(f"answers/{NAME}/mutants.toml", MUTANTS.replace("2 * x", "3 * x"))
    assert tiny.problems()["right answers"][0].startswith("double: return x.mul(2) → return 3 * x: is right, but fails")


def test_a_margin_that_is_too_small_is_named_with_both_sides(tiny):
    tiny.change_test('"close", 1e-6', '"close", 0.0008')
    tiny.alternative("coarse", "return 2 * x * 1.0003")
    (sentence,) = tiny.problems()["margins"]
    assert sentence.startswith("close: a factor of only ")
    assert "coarse in test_double::test_" in sentence
    assert "return x.mul(2.002)" in sentence
    assert LEAST == 3


def test_a_check_whose_verdict_hangs_on_the_seed_is_named(tiny):
    tiny.misconception("sometimes", "return 2 * x if float(x.sum()) < 10.5 else x")
    assert any(
        sentence.startswith("sometimes: test_double::test_values is ")
        for sentence in tiny.problems(seeds=12)["stability"]
    )


def test_a_mistake_may_say_which_verdicts_hang_on_the_questions_but_not_on_the_threads(tiny):
    tiny.misconception(
        "sometimes",
        "return x if float(x.sum()) > 10.5 or float(x[0]) < 0 else 2 * x",
        "test_double\n# varies: test_double::test_values",
    )
    tiny.misconception(
        "threaded",
        "import torch; one = torch.get_num_threads() == 1\n    return x if one or float(x[0]) < 0 else 2 * x",
        "test_double\n# varies: test_double::test_values",
    )
    sentences = tiny.problems(seeds=12)["stability"]
    assert all(sentence.startswith("threaded: ") for sentence in sentences)
    assert sentences


def test_an_answer_that_hangs_on_the_number_of_threads_is_named(tiny):
    tiny.alternative("single", "import torch; return 2 * x if torch.get_num_threads() == 1 else x")
    found = tiny.problems()
    assert "threads 2" in found["right answers"][0]
    assert "threads 1" not in found["right answers"][0]
    assert any("single: " in sentence for sentence in found["stability"])


def test_what_student_code_keeps_between_questions_is_no_instability(tiny):
    tiny.alternative(
        "counting", "double.calls = getattr(double, 'calls', 0) + 1\n    return 2 * x if double.calls <= 2 else x"
    )
    assert "stability" not in tiny.problems(seeds=6)


@pytest.mark.parametrize(
    ("where", "text", "told"),
    [
        ("release", "    return x.mul(2)", "a line of the solution"),
        ("release", "x = draw.uniform(1, 2, size=7)", "a line of test_double.py"),
        ("release", "### BEGIN SOLUTION", "the mark 'BEGIN SOLUTION'"),
    ],
)
def test_a_leak_in_the_release_is_named(tiny, where, text, told):
    released = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
    tiny.write(f"release/{NAME}/{NAME}.ipynb", nbformat.writes(released))
    assert any(f"release/{NAME}/{NAME}.ipynb shows {told}" in sentence for sentence in tiny.problems()["leaks"])


def test_model_answers_that_are_graded_by_hand_are_secret(assignment):
    secrets = Secrets(assignment)
    for phrase in ("So no gain makes the two curves alike", "For the marker"):
        assert any(phrase in line for line in secrets.solution)
    line = next(line for line in secrets.solution if "So no gain" in line)
    assert [leak.what for leak in secrets.find("a page", f"It says: {line}")] == [f"a line of the solution: {line}"]
    assert not list(secrets.find("a page", f"It says: {line}", own=line))


def test_a_hidden_constant_in_a_hint_is_named(tiny):
    tiny.change_test("x = -draw.uniform(1, 2, size=3)", "x = -draw.uniform(1.375, 2, size=3)")
    tiny.change_test("Try a negative number.", "Try -1.375.")
    assert "the hint of test_double::test_sign shows the hidden constant 1.375" in tiny.problems()["leaks"]


def test_an_assertion_that_is_shown_to_students_is_a_leak(tiny, monkeypatch):
    """The canary sits in the message; the expected values and the line of the test stand there too."""
    import autograder.judging.judge

    honest = autograder.judging.judge._check
    monkeypatch.setattr(
        "autograder.judging.judge._check",
        lambda test, verdict, told="", detail="": honest(test, verdict, told or detail, detail),
    )
    leaks = " ".join(tiny.problems()["leaks"])
    assert f"{CANARY}-message" in leaks or f"{CANARY}-error" in leaks


def test_an_expected_value_that_is_shown_to_students_is_a_leak(tiny):
    secrets = Secrets(tiny.assignment)
    compared = [Tolerance("close", 1e-6, "").admits([1.0], [3.73519])]
    assert [leak.what for leak in secrets.of_values("a hint", "It should be 3.7352.", compared)] == [
        "the expected value 3.7352"
    ]
    assert not list(secrets.of_values("a hint", "Your code raised ValueError: 3.9", compared))
    assert not list(secrets.of_values("a hint", "It should be 3.7352.", compared, {3.7352}))  # the student printed it


def test_patterns_that_are_stale_are_named_until_they_are_renewed(command, tiny):
    tiny.misconception("third", "return 3 * x")
    code, out, _ = command("audit", NAME, "--seeds", "2")
    assert code == 1
    assert (
        "The patterns kept of third are not the present ones: run “autograder audit tiny --renew-patterns”."
        in " ".join(out.split())
    )
    assert command("audit", NAME, "--seeds", "2", "--renew-patterns")[0] == 0
    assert "third" in json.loads(patterns_path(tiny.assignment).read_text())
    assert command("audit", NAME, "--seeds", "2")[0] == 0


# mutants


def test_mutants_come_from_the_operators_and_from_the_subject(tiny):
    made = {mutant.becomes: mutant for mutant in mutants(tiny.assignment)}
    assert {becomes: mutant.operator for becomes, mutant in made.items()} == {
        "return x.mul(3)": "NumberReplacer",
        "return x.mul(1)": "NumberReplacer",
        "return 2 * x": "sides swapped",
        "return x.mul(2.002)": "1e-3 error",
    }
    assert {mutant.was for mutant in made.values()} == {"return x.mul(2)"}
    assert made["return 2 * x"].proof == "a product is the same either way round"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"mul(2)"', '"mul(3)"', r"there is no 'mul\(3\)' in double"),
        ('"mul(2.002)"', '"mul(2.002"', "is not Python in double"),
        ("double = [", "treble = [", "changes treble, which is no solution cell with code"),
        ('becomes = "return 2 * x"', 'becomes = "return x"', "lists an equivalent that is not among the mutants"),
    ],
)
def test_changes_that_do_not_fit_the_reference_are_refused(tiny, old, new, told):
    tiny.write(f"answers/{NAME}/mutants.toml", MUTANTS.replace(old, new))
    with pytest.raises(GraderFault, match=told):
        mutants(tiny.assignment)


def test_the_mutants_of_the_course_fit_the_reference(assignment):
    made = mutants(assignment)
    assert len(made) > 200
    assert "ReplaceBinaryOperator_Sub_Add" in {mutant.operator for mutant in made}
    assert {mutant.cell for mutant in made} == {
        name for name, code in corpus.reference(assignment).items() if "return" in code
    }
    assert all(mutant.proof.count("\n") == 0 for mutant in made)


def test_a_cell_reaches_the_exercises_that_use_what_it_defines(assignment):
    reach = reached(assignment)
    assert reach["spectral_loss"] == ("test_spectral_loss", "test_recover_gain")
    assert reach["phase_shift_experiment"] == ("test_phase_shift",)
    assert reach["phase_shift_explained"] == ()
    for case in cases(assignment):
        assert case.costs <= set(case.touches)
        assert case.touches or case.kind is Kind.alternative


def test_a_mutant_is_killed_by_the_exercise_that_grades_its_cell(assignment):
    """Audited alone, an exercise is not blamed for mutants of what it only uses."""

    def mutants_of(exercise):
        return [case.name for case in cases(assignment, exercise) if case.kind is Kind.mutant]

    alone = [name for exercise in assignment.exercises for name in mutants_of(exercise)]
    assert sorted(alone) == sorted(mutants_of(None))
    assert {name.split(":")[0] for name in mutants_of("test_phase_shift")} == {
        "loss_landscape",
        "phase_shift_experiment",
    }


# canaries


def test_planted_tests_are_the_same_tests_full_of_canaries(assignment, tmp_path):
    copy = with_canaries(assignment, tmp_path)
    for path in copy.hidden.glob("test_*.py"):
        text = path.read_text()
        assert {f"{CANARY}-{kind}" for kind in ("comment", "constant", "docstring", "message")} <= set(
            re.findall(rf"{CANARY}-\w+", text)
        )
    with Judge(assignment.hidden) as one, Judge(copy.hidden) as other:
        assert [(test.name, test.title, test.worth) for test in one.tests] == [
            (test.name, test.title, test.worth) for test in other.tests
        ]


# likeness


def graded(**failed):
    """A grade with two exercises of two checks; failed names what did not pass."""

    def check(name):
        verdict = Verdict(failed.get(name, "passed"))
        return Check(name, name, verdict, 0.0, 1.0, None)

    return Grade(
        NAME,
        "student-01",
        Status.graded,
        None,
        4,
        {
            "test_one": Exercise((check("test_a"), check("test_b"))),
            "test_two": Exercise((check("test_c"), check("test_d"))),
        },
        (),
        0.1,
        {},
    )


@pytest.fixture
def likenesses(tiny):
    for name in ("first", "second", "both", "chance", *(f"many-{number}" for number in range(MOST + 1))):
        tiny.misconception(name, "return x")
    tiny.write(
        f"answers/{NAME}/patterns.json",
        json.dumps(
            {
                "first": {"test_one::test_a": "failed"},
                "second": {"test_two::test_c": "failed"},
                "both": {"test_one::test_b": "failed", "test_two::test_d": "failed"},
                "chance": {"test_two::test_c": "varies", "test_two::test_d": "timed_out"},
                **{f"many-{number}": {"test_one::test_a": "errored"} for number in range(MOST + 1)},
            }
        ),
    )
    return Likenesses(tiny.assignment)


@pytest.mark.parametrize(
    ("failed", "names"),
    [
        ({}, []),
        ({"test_a": "failed"}, ["first"]),
        ({"test_a": "errored"}, []),
        ({"test_b": "failed"}, []),
        ({"test_b": "failed", "test_d": "failed"}, ["both"]),
        ({"test_a": "failed", "test_c": "failed"}, ["first", "second"]),
        ({"test_d": "timed_out"}, ["chance"]),
        ({"test_c": "failed", "test_d": "timed_out"}, ["chance"]),
        ({"test_a": "failed", "test_b": "failed"}, []),
        ({"test_a": "failed", "test_d": "failed"}, ["first"]),
    ],
)
def test_a_grade_looks_like_the_mistakes_that_fail_the_same_checks(likenesses, failed, names):
    found = likenesses.of(graded(**failed))
    assert [likeness.name for likeness in found] == names
    assert all(likeness.sentence == f"It is {likeness.name}." for likeness in found)


def test_without_patterns_nothing_looks_like_anything(tiny):
    patterns_path(tiny.assignment).unlink()
    assert Likenesses(tiny.assignment).of(graded(test_a="failed")) == []


# behaviours

PARTS = """
def scaled(x, factor=2.0):
    return factor * x


class Scale(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain

    def forward(self, x):
        return self.gain * x
"""


def changed(name, what):
    """The part `name` with the behaviour `what`."""
    [one] = [one for one in behaviours(PARTS) if (one.name, one.what) == (name, what)]
    names = {"torch": torch}
    exec(one.code, names)
    return names[name]


def test_behaviours_are_made_from_signatures_alone():
    made = {(one.name, one.what) for one in behaviours(PARTS)}
    wanted = {
        ("scaled", "keeps the first x"),
        ("scaled", "ignores factor"),
        ("scaled", "has 4.0 as the default of factor"),
        ("Scale", "is off in evaluation mode"),
        ("Scale", "keeps the gain of the first object"),
        ("Scale", "a copy is the same object"),
    }
    assert wanted <= made
    assert len(made) == len(list(behaviours(PARTS))) > 40
    assert not list(behaviours("x = 3"))


def test_a_behaviour_changes_what_it_says_and_nothing_else():
    scaled = changed("scaled", "keeps the first x")
    assert (scaled(1.0), scaled(3.0), scaled(3.0, factor=5)) == (2.0, 2.0, 5.0)
    assert changed("scaled", "has 4.0 as the default of factor")(1.0) == 4.0
    assert changed("scaled", "has 4.0 as the default of factor")(1.0, 2.0) == 2.0
    made = changed("Scale", "is off in evaluation mode")(3.0)
    x = torch.ones(2)
    assert made(x).tolist() == [3.0, 3.0]
    assert made.eval()(x).tolist() == pytest.approx([3.3, 3.3])
    first, second = (changed("Scale", "is off for a second object")(2.0) for _ in range(2))
    assert first(x).tolist() == second(x).tolist() == [2.0, 2.0]  # each is the first of its own class
    kind = changed("Scale", "keeps the gain of the first object")
    assert [kind(2.0).gain, kind(5.0).gain] == [2.0, 2.0]


def test_behaviours_of_the_course_all_compile(assignment):
    made = [mutant for mutant in mutants(assignment) if mutant.operator == BEHAVIOUR]
    assert len(made) > 200
    for mutant in made:
        compile(mutant.code, mutant.name, "exec")


# what is kept from one audit to the next


def test_what_was_judged_is_not_judged_again_until_something_changes(tiny, monkeypatch):
    """A second audit says the same and judges nothing; a changed answer, test or damaged entry is judged anew."""
    judged = []

    def counted(setting, do, tasks, *rest):
        judged.append([task.case.name for task in tasks])
        yield from spread(setting, do, tasks, *rest)

    def audited():
        judged.clear()
        found = audit_assignment(tiny.assignment, seeds=2)
        return found.to_data() | {"seconds": 0}, sorted(name for names in judged for name in names)

    monkeypatch.setattr(audit_run, "spread", counted)
    first, names = audited()
    assert len(names) > 10
    assert audited() == (first, [])
    tiny.alternative("sum", "return x + 1 * x")
    assert audited()[1] == ["sum", "sum"]
    entry = sorted((tiny.folder / ".audit" / NAME).glob("*.json"))[0]
    entry.write_text('{"status": "graded"')
    found, again = audited()
    assert found == first
    assert len(again) == 1
    tiny.change_test("x", "x")
    tiny.write(f"hidden/{NAME}/test_double.py", HIDDEN + "\n# another line\n")
    assert audited() == (first, names)


def test_a_check_that_nothing_fails_is_named(tiny):
    idle = '''

@points(0, hint="Nothing to try here, really.")
def test_nothing(attempt, draw):
    """It passes whatever comes"""
'''
    tiny.write(f"hidden/{NAME}/test_double.py", HIDDEN + idle)
    assert tiny.problems(seeds=2)["checks"] == ["test_double::test_nothing: no mistake and no mutant fails it"]


def test_with_one_exercise_an_answer_that_says_nothing_of_its_costs_is_reported(tiny):
    tiny.alternative("silent", "return 3 * x", kind="misconceptions")
    tiny.misconception("elsewhere", "return 5 * x", costs="test_other")
    found = tiny.problems(seeds=2, exercise="test_double")["mistakes"]
    assert [what.partition(":")[0] for what in found] == ["elsewhere", "elsewhere", "silent", "silent"]
