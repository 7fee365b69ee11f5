"""Results in the form of others: a JSON Schema, JUnit XML, Classroom 50; and the workflow files that make them."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from autograder.cli import cli, main
from autograder.errors import GraderFault
from autograder.platforms.classroom import result
from autograder.platforms.junit import junit
from autograder.verdict import Check, Exercise, Grade, Status, Verdict, write_whole

ROOT = Path(__file__).resolve().parents[2]
NAME = "differentiable_gain"
SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text("utf-8"))
CHECKS = (
    Check("test_one", "One <b>", Verdict.passed, 2.5, 2.5, None),
    Check("test_two", "Two", Verdict.failed, 0, 1, "Try \x1b]"),
    Check("test_three", "Three", Verdict.errored, 0, 1, "\ud800 & \x00"),
    Check("test_four", "Four", Verdict.skipped, 0, 0.5, "after two"),
    Check("test_five", "F", Verdict.timed_out, 0, 1, None),
)


def grade(status=Status.graded, reason=None, exercises=None, student="student-01"):
    found = {"test_gain": Exercise(CHECKS)} if exercises is None else exercises
    return Grade(
        NAME,
        student,
        status,
        reason,
        6,
        found,
        ("locked cell restored: x",),
        0.4,
        {"submission_sha256": None, "seed": 1, "isolation": ["landlock"]},
    )


NOTHING = [grade(status, "There is no notebook.", {}) for status in Status if status is not Status.graded]


# the schema


@pytest.mark.parametrize("one", [grade(), *NOTHING], ids=lambda one: one.status)
def test_every_result_is_as_the_schema_says(one):
    data = json.loads(one.to_json())
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert data.keys() == SCHEMA["properties"].keys()


def test_the_schema_describes_every_field_and_nothing_else():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = grade().to_data()
    (exercise,) = data["exercises"].values()
    assert exercise.keys() == SCHEMA["$defs"]["exercise"]["properties"].keys()
    assert exercise["checks"][0].keys() == SCHEMA["$defs"]["check"]["properties"].keys()
    assert SCHEMA["properties"]["status"]["enum"] == list(Status)
    assert SCHEMA["$defs"]["check"]["properties"]["verdict"]["enum"] == list(Verdict)


@pytest.mark.parametrize(
    "change",
    [
        {"score": None},
        {"score": "5"},
        {"status": "late"},
        {"status": "missing"},
        {"schema": 2},
        {"max_score": -1},
        {"student": ""},
        {"flags": [1]},
        {"exercises": {"test_gain": {"score": 1}}},
        {"reason": "why"},
        {"provenance": None},
    ],
)
def test_what_is_no_result_does_not_fit_the_schema(change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**grade().to_data(), **change}, SCHEMA, cls=jsonschema.Draft202012Validator)


# JUnit


def test_junit_has_a_case_for_each_check_with_its_points():
    root = ElementTree.fromstring(junit([grade(), grade(student="student-02")]))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "10",
        "failures": "6",
        "errors": "0",
        "skipped": "2",
    }
    case = root.find("testsuite/testcase")
    assert (case.get("classname"), case.get("name")) == ("test_gain", "test_one")
    assert {one.get("name"): one.get("value") for one in case.iter("property")} == {
        "title": "One <b>",
        "points": "2.5",
        "max_points": "2.5",
    }
    told = [one.get("message") for one in root.find("testsuite").iter("failure")]
    assert told == ["Try \ufffd]", "\ufffd & \ufffd", "timed_out"]


@pytest.mark.parametrize("one", NOTHING, ids=lambda one: one.status)
def test_junit_says_why_there_is_no_grade(one):
    root = ElementTree.fromstring(junit([one]))
    own = one.status is Status.grader_error
    assert (root.get("errors"), root.get("failures")) == (("1", "0") if own else ("0", "1"))
    assert "There is no notebook." in ElementTree.tostring(root, encoding="unicode")
    assert not [found for found in root.iter("property") if found.get("name") == "score"]


# Classroom 50

ENVIRONMENT = {
    "CLASSROOM": "signals",
    "ASSIGNMENT": "hw1",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://c",
    "RELEASE_URL": "https://r",
}


def test_classroom_gets_whole_numbers_that_add_up():
    found = result(grade(), ENVIRONMENT)
    assert found["schema"] == "classroom50/result/v1"
    assert (found["score"], found["max-score"]) == (5, 12)
    assert [(test["score"], test["max-score"], test["passed"]) for test in found["tests"]] == [
        (5, 5, True),
        (0, 2, False),
        (0, 2, False),
        (0, 1, False),
        (0, 2, False),
    ]
    assert all(isinstance(number, int) for test in found["tests"] for number in (test["score"], test["max-score"]))
    assert (found["classroom"], found["assignment"], found["submission"], found["review"]) == (
        "signals",
        "hw1",
        "submit/1",
        "https://c",
    )


def test_classroom_gets_0_with_the_reason_and_nothing_where_it_is_our_fault():
    for one in NOTHING:
        if one.status is Status.grader_error:
            with pytest.raises(GraderFault, match="no grade"):
                result(one, {})
        else:
            found = result(one, {})
            assert (found["score"], found["max-score"]) == (0, 6)
            assert found["tests"][0]["test-name"] == "There is no notebook."


def test_points_without_common_whole_numbers_are_said():
    odd = Exercise((Check("a", "A", Verdict.passed, 0.1234567, 0.1234567, None),))
    with pytest.raises(GraderFault, match="no common whole numbers"):
        result(grade(exercises={"test_gain": odd}), {})


# the commands


@pytest.fixture
def command(course, monkeypatch, run_main):
    monkeypatch.chdir(course.folder)
    folder = course.folder / "results" / NAME
    folder.mkdir(parents=True)
    write_whole(folder / "student-01.json", grade().to_json())

    def command(*words):
        return run_main("export", *words)

    return command


def test_the_commands_write_what_they_say(command, course):
    code, out, err = command("junit", NAME)
    assert (code, out, err) == (0, f"Wrote junit-{NAME}.xml\n", "")
    assert ElementTree.parse(course.folder / f"junit-{NAME}.xml").getroot().get("tests") == "5"
    code, out, _ = command("classroom", NAME)
    assert (code, out) == (0, "Wrote result.json: 5 of 12\n")
    assert json.loads((course.folder / "result.json").read_text())["score"] == 5


def test_classroom_takes_one_student_and_says_which_are_there(command, course):
    (course.folder / "results" / NAME / "student-02.json").write_text(
        grade(Status.grader_error, "It stopped.", {}, "student-02").to_json(), "utf-8"
    )
    for words, code, told in (
        ((), 2, "Name the student with --student: there are 2."),
        (("--student", "x"), 2, "There is no result of x"),
        (("--student", "student-02"), 3, "It stopped."),
    ):
        found = command("classroom", NAME, *words)
        assert found[0] == code
        assert told in found[2]
        assert not (course.folder / "result.json").exists()
    assert command("classroom", NAME, "--student", "student-01")[0] == 0


def test_without_results_nothing_is_written(course, monkeypatch, capsys):
    monkeypatch.chdir(course.folder)
    monkeypatch.setattr(sys, "argv", ["autograder", "export", "junit", NAME])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert "Nothing is graded yet" in capsys.readouterr().err


# the workflow files


@pytest.mark.parametrize("name", ["student", "staff"])
def test_the_commands_of_a_workflow_exist_with_their_options(name):
    text = (ROOT / "docs" / "workflows" / f"{name}.yml").read_text("utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    ran = [step["run"].split() for step in job["steps"] if "run" in step]
    ours = [words for words in ran if words[0] == "autograder"]
    assert bool(ours) == (name == "staff")
    for _, word, *rest in ours:
        found = cli.commands[word]
        if word == "export":
            found = found.commands[rest[0]]
        options = {option for parameter in found.params for option in parameter.opts}
        assert {one for one in rest if one.startswith("--")} <= options
    assert "hidden" not in "".join(" ".join(words) for words in ran)
