"""What a run replaces is kept, told, and can be brought back."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.judging.judge import Judge
from autograder.records.history import history_folder, runs, story
from autograder.records.undo import undo
from autograder.running.grade_class import grade_class

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
KILLS = 5
LATE = "2026-03-02 12:00:00.000000 UTC"

pytestmark = pytest.mark.usefixtures("warm")


def grade(course, *students, **how):
    return grade_class(Assignment(NAME, course.folder), students, **how)


def take_back(course):
    return undo(Assignment(NAME, course.folder))


def files(course):
    """All that undoing brings back, of files."""
    return {
        str(path.relative_to(course.folder)): path.read_bytes()
        for part in ("results", "autograded")
        for path in sorted((course.folder / part).rglob("*"))
        if path.is_file() and path.name not in (".lock", ".seed") and "history" not in path.parts
    }


@pytest.fixture
def say(course, monkeypatch, run_main):
    """say(word, ...): (exit code, stdout, stderr) of `autograder word ...` in the course folder."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(course.folder)

    def say(*words):
        return run_main(*words)

    return say


def test_undoing_brings_back_what_was_before_the_last_run(course, entries):
    folder = course.hand_in("student-01")
    (folder / "timestamp.txt").write_text(LATE)
    course.hand_in("student-02", "no notebook")
    grade(course)
    before = files(course), [entries(course, student) for student in ("student-01", "student-02")]
    course.hand_in("student-01", WRONG)
    (folder / "timestamp.txt").unlink()
    course.hand_in("student-02")
    course.hand_in("student-03")
    grade(course)
    with course.gradebook() as gradebook:
        assert len(gradebook.find_assignment(NAME).submissions) == 3
    what = take_back(course)
    assert {student: (now and now.score, then and then.score) for student, (now, then) in what.changes.items()} == {
        "student-01": (15, 24),
        "student-02": (24, None),
        "student-03": (24, None),
    }
    assert (files(course), [entries(course, student) for student in ("student-01", "student-02")]) == before
    with course.gradebook() as gradebook:
        assert [one.student_id for one in gradebook.find_assignment(NAME).submissions] == ["student-01", "student-02"]
        assert [one.id for one in gradebook.students] == ["student-01", "student-02"]
    take_back(course)
    assert files(course) == {}
    with pytest.raises(UsageError, match="nothing to undo"):
        take_back(course)
    assert grade(course).fresh == ["student-01", "student-02", "student-03"]


def test_what_people_have_entered_since_stays(course, entries):
    course.hand_in("student-01", WRONG)
    grade(course)
    course.hand_in("student-01")
    course.hand_in("student-02")
    grade(course)
    with course.gradebook() as gradebook:
        for student in ("student-01", "student-02"):
            entry = gradebook.find_grade("phase_shift_explained", NAME, NAME, student)
            entry.manual_score, entry.needs_manual_grade = 1.5, False
            gradebook.find_comment("phase_shift_explained", NAME, NAME, student).manual_comment = "Good."
        gradebook.db.commit()
    take_back(course)
    one, two = entries(course, "student-01"), entries(course, "student-02")
    for found in (one, two):
        assert found["manual"]["phase_shift_explained"] == 1.5
        assert found["by hand"]["phase_shift_explained"] == "Good."
        assert "phase_shift_explained" not in found["waits"]
    assert one["score"] == 15 + 1.5
    assert two["score"] == 1.5
    assert set(two["auto"].values()) == {None}


def test_the_history_tells_when_why_from_what_to_what_and_what_had_changed(course, say):
    course.hand_in("student-07")
    grade(course)
    course.hand_in("student-07", WRONG)
    with (course.folder / "hidden" / NAME / "oracle.py").open("a") as file:
        file.write("# changed\n")
    grade(course, reason="an appeal")
    first, second = story(Assignment(NAME, course.folder), "student-07")
    assert (first.before, first.after.score, first.took) == (None, 24, True)
    assert (second.before.score, second.after.score, second.run.why) == (24, 15, "an appeal")
    code, out, err = say("history", NAME, "--student", "student-07")
    assert (code, err) == (0, "")
    for told in (
        "none → 24 of 24",
        "24 of 24 → 15 of 24",
        "why: an appeal",
        "the submission changed",
        "the hidden tests changed",
        "passed → errored",
        "now: 15 of 24 so far; 4 points wait",
    ):
        assert told in out, told
    take_back(course)
    code, out, _ = say("history", NAME, "--student", "student-07", "--json")
    data = json.loads(out)
    assert [event["kind"] for event in data["events"]] == ["grade", "grade", "undo"]
    assert [event["to"]["score"] for event in data["events"]] == [24, 15, 24]
    assert data["events"][2]["undoes"] == data["events"][1]["run"]
    assert data["now"]["total"] == 24
    assert data["now"]["waiting"] == ["phase_shift_explained", "polarity_explained"]


def test_the_history_only_grows(course):
    course.hand_in("student-01", "no notebook")
    seen = {}
    for text in ("one", "two", "three"):
        course.hand_in("student-01", text)
        grade(course)
        now = {path: path.read_bytes() for path in history_folder(course.assignment).rglob("*") if path.is_file()}
        assert seen.items() <= now.items()
        seen = now
    take_back(course)
    assert all(path.read_bytes() == content for path, content in seen.items())
    assert [run.kind for run in runs(Assignment(NAME, course.folder))] == ["grade", "grade", "grade", "undo"]


def test_a_run_that_grades_nobody_leaves_no_trace_in_the_history(course):
    course.hand_in("student-01", "no notebook")
    grade(course)
    grade(course)
    grade(course, regrade=True, dry_run=True)
    assert len(runs(Assignment(NAME, course.folder))) == 1


def test_a_grade_that_a_fault_of_the_grader_took_away_can_be_brought_back(course, monkeypatch):
    course.hand_in("student-01")
    grade(course)

    def judge(self, *_):
        raise GraderFault("The hidden test test_x is broken.")

    with monkeypatch.context() as patch:
        patch.setattr(Judge, "judge", judge)
        grade(course, regrade=True)
    assert course.result("student-01")["status"] == "grader_error"
    take_back(course)
    assert course.result("student-01")["score"] == 24


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["grade", NAME, "--undo"], "nothing to undo"),
        (["grade", NAME, "--undo", "--regrade"], "--undo takes the whole last run back"),
        (["history", NAME, "--student", "student-99"], "Nothing is known of 'student-99'"),
        (["history", NAME], "Missing option '--student'"),
    ],
)
def test_wrong_usage_is_2(course, say, words, told):
    code, out, err = say(*words)
    assert (code, out) == (2, "")
    assert told in err


def test_undo_says_whose_grade_is_another_now(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02", "no notebook")
    grade(course)
    course.hand_in("student-01", WRONG)
    grade(course)
    code, out, _ = say("grade", NAME, "--undo", "--reason", "too early")
    assert code == 0
    assert "1 student, 1 with another grade than now" in out
    assert "student-01: 15 of 24 → 24 of 24" in out
    assert runs(Assignment(NAME, course.folder))[-1].why == "too early"


def test_what_nbgrader_autograde_replaces_is_kept_too(course, entries):
    course.hand_in("student-01", WRONG)
    grade(course)
    before = course.result("student-01"), entries(course, "student-01")["auto"]
    course.hand_in("student-01")
    done = course.run("nbgrader", "autograde", NAME, "--force")
    assert done.returncode == 0, done.stderr
    assert course.result("student-01")["score"] == 24
    what = take_back(course)
    assert what.run.kind == "nbgrader"
    assert what.lost == ["student-01"]
    assert (course.result("student-01"), entries(course, "student-01")["auto"]) == before


# the dry run


def test_the_dry_run_tells_every_kind_of_change(course, say):
    course.hand_in("student-01")
    course.hand_in("student-02")
    course.hand_in("student-03", "no notebook")
    grade(course)
    course.hand_in("student-02", "no notebook")
    course.hand_in("student-04", "no notebook")
    shutil.rmtree(course.folder / "submitted" / "student-03")
    test = course.folder / "hidden" / NAME / "test_spectral_loss.py"
    text = test.read_text()
    title = text.split('"""')[1] if '"""' in text.split("def test_")[0] else None
    worth_one = re.compile(r"@points\(\s*1,")
    assert len(worth_one.findall(text)) >= 2
    text = worth_one.sub("@points(1.5,", worth_one.sub("@points(0.5,", text, count=1), count=1)
    docstring = text.split("def test_")[1].split('"""')[1]
    test.write_text(text.replace(f'"""{docstring}"""', f'"""{docstring} anew"""', 1))
    before = course.snapshot()
    code, out, err = say("grade", NAME, "--dry-run", "--workers", "1")
    assert (code, err) == (0, "")
    assert course.snapshot() == before
    told = " ".join(out.split())
    for wanted in (
        "1 of 1 → 0.5 of 0.5",
        "1 of 1 → 1.5 of 1.5",
        "anew”",
        "graded → unreadable",
        "comes new",
        "student-03 has a grade (unreadable) and is no longer in submitted/",
        "3 of 3 would change. Nothing was written.",
    ):
        assert wanted in told, wanted
    assert title is None or title


# killed


def main_program():
    """Takes the last run back, and kills itself at write number `sys.argv[2]`."""
    count, die_at = 0, int(sys.argv[2])

    def around(function):
        def wrapped(*arguments):
            nonlocal count
            count += 1
            if count == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments)

        return wrapped

    os.replace, os.fsync, os.unlink = map(around, (os.replace, os.fsync, os.unlink))
    with contextlib.suppress(UsageError):
        undo(Assignment(NAME, __import__("pathlib").Path(sys.argv[1])))
    print(count)


@pytest.mark.timeout(1500)
def test_an_undo_killed_at_any_write_is_completed_by_the_next_run(course, tmp_path, entries):
    course.hand_in("student-01")
    course.hand_in("student-02", "no notebook")
    grade(course)
    before = files(course), entries(course, "student-01"), entries(course, "student-02")
    course.hand_in("student-01", "no notebook")
    course.hand_in("student-02", "{}")
    course.hand_in("student-03", "no notebook")
    grade(course)

    def killed(folder, at):
        return subprocess.run(
            [sys.executable, __file__, str(folder), str(at)], capture_output=True, text=True, check=False, timeout=300
        )

    copy = tmp_path / "whole"
    shutil.copytree(course.folder, copy)
    done = killed(copy, 0)
    assert done.returncode == 0, done.stderr
    writes = int(done.stdout)
    assert writes > 12
    for at in range(2, writes + 1, writes // KILLS):
        copy = tmp_path / f"killed-{at}"
        shutil.copytree(course.folder, copy)
        assert killed(copy, at).returncode == -signal.SIGKILL
        other = type(course)(copy, course.assignment)
        if len(runs(Assignment(NAME, copy))) == 2:  # it had not yet begun
            assert files(other) == files(course)
            continue
        undo(Assignment(NAME, copy))
        assert (files(other), entries(other, "student-01"), entries(other, "student-02")) == before, at
        assert [run.kind for run in runs(Assignment(NAME, copy))] == ["grade", "grade", "undo"], at


if __name__ == "__main__":
    main_program()
