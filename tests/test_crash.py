"""Whatever ends a run, the next one completes it, and nothing can be told from a run that was left alone.

The runs that are killed between two writes are made in a process of their own, which is this file run as a program:
it forks a run, which kills itself at a given write, then another that goes on.
"""

import contextlib
import copy
import json
import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import alive, descendants

from autograder.course.assignment import Assignment
from autograder.course.folder import submitted
from autograder.errors import UsageError
from autograder.pages.shown import shown
from autograder.records.history import runs
from autograder.records.lock import only_run
from autograder.records.undo import undo
from autograder.running import grade_class as run
from autograder.running.processes import graded
from autograder.sandbox import bubblewrap as outer

NAME = "differentiable_gain"
KILLS = 20
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
SLOW = {"after setup": "import time\ntime.sleep(0.5)"}
CLASS = {
    "student-01": None,
    "student-02": WRONG,
    "student-03": "no notebook",
    "student-04": {"fit_gain": "pass"},
    "student-05": None,
    "student-06": {"phase_shift_experiment": "estimate_gain_l1 = 0.15"},
    "student-07": WRONG,
}
LATE = "2026-03-02 12:00:00.000000 UTC"
ROWS = """
    select submission.student_id, cell.name, grade.auto_score, grade.manual_score, grade.extra_credit,
           grade.needs_manual_grade, comment.auto_comment, comment.manual_comment, submission.timestamp,
           notebook.late_submission_penalty
    from submitted_assignment submission
    join submitted_notebook notebook on notebook.assignment_id = submission.id
    left join grade on grade.notebook_id = notebook.id
    left join comment on comment.notebook_id = notebook.id and comment.cell_id = grade.cell_id
    join base_cell cell on cell.id = grade.cell_id
    order by 1, 2
"""


def everything(folder):
    """All that a run leaves: every result, every autograded file, every row of the gradebook. The history tells of the
    killed run too, and stands apart."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for part in ("results", "autograded")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and path.name != ".lock" and "history" not in path.parts
    }
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as database:
        rows = database.execute(ROWS).fetchall()
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        for table in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
            rows.append((table, *database.execute(f"select count(*) from {table}").fetchone()))
    return files, rows


# killed between two writes


def grade_and_count(folder, grades, die_at):
    """A run whose submissions are graded beforehand. It kills itself at write number `die_at`. Gives the writes."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    count = 0

    def writes(*_):
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function):
        def wrapped(*arguments):
            writes()
            done = function(*arguments)
            writes()
            return done

        return wrapped

    os.replace, os.fsync = around(os.replace), around(os.fsync)
    event.listen(Engine, "before_cursor_execute", writes)
    event.listen(Engine, "commit", writes)
    run.graded = lambda setting, jobs, workers: (copy.deepcopy(grades[student]) for student, _ in jobs)
    run.BATCH = 3
    summary = run.grade_class(Assignment(NAME, folder))
    return count, summary.fresh


def forked(folder, grades, die_at):
    """`grade_and_count` in a child of this process; None when it was killed."""
    told, tell = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.write(tell, json.dumps(grade_and_count(folder, grades, die_at)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(tell)
    with open(told) as stream:
        text = stream.read()
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
    return json.loads(text) if text else None


def main():
    order = json.loads(sys.argv[1])
    grades = pickle.loads(Path(order["grades"]).read_bytes())
    base = Path(order["base"])
    undisturbed, untouched = base.with_name("undisturbed"), everything(base)
    shutil.copytree(base, undisturbed)
    count, _ = forked(undisturbed, grades, 0)
    expected = everything(undisturbed)
    seen = {"writes": count, "kills": []}
    for die_at in sorted(random.Random(order["seed"]).sample(range(1, count + 1), KILLS)):
        folder = base.with_name(f"killed-{die_at}")
        shutil.copytree(base, folder)
        first = forked(folder, grades, die_at)
        before = {path.stem for path in (folder / "results" / NAME).glob("[!.]*.json")}
        _, fresh = forked(folder, grades, 0)
        same = everything(folder) == expected
        as_before = True
        if len(seen["kills"]) % 4 == 0:  # both runs are taken back, the last one first
            for _ in range(len(runs(Assignment(NAME, folder))) - len(runs(Assignment(NAME, base)))):
                undo(Assignment(NAME, folder))
            as_before = everything(folder) == untouched
        seen["kills"].append(
            {
                "at": die_at,
                "killed": first is None,
                "known": sorted(before),
                "fresh": fresh,
                "same": same,
                "as before": as_before,
            }
        )
        shutil.rmtree(folder)
    print(json.dumps(seen))


@pytest.mark.timeout(1500)
def test_a_run_killed_at_any_write_is_completed_by_the_next(course, grader, tmp_path, monkeypatch):
    for student, what in CLASS.items():
        folder = course.hand_in(student, what)
        if student in ("student-02", "student-05"):
            (folder / "timestamp.txt").write_text(LATE)
    with course.gradebook() as gradebook:  # some were graded before, and marked by a person
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
    folders = submitted(course.folder, NAME)
    grades = {student: shown(grader.grade(folder, student), grader.assignment) for student, folder in folders.items()}
    (tmp_path / "grades").write_bytes(pickle.dumps(grades))
    monkeypatch.setattr(run, "graded", lambda setting, jobs, workers: (grades[student] for student, _ in jobs))
    run.grade_class(Assignment(NAME, course.folder), ["student-01", "student-02"])
    with course.gradebook() as gradebook:
        gradebook.find_grade("test_spectral_loss", NAME, NAME, "student-02").manual_score = 3
        gradebook.find_comment("spectral_loss", NAME, NAME, "student-02").manual_comment = "seen by a person"
        gradebook.db.commit()
    for path in (course.folder / "results" / NAME).glob("student-*.json"):
        path.unlink()

    order = {"grades": str(tmp_path / "grades"), "base": str(course.folder), "seed": 1}
    done = subprocess.run(
        [sys.executable, __file__, json.dumps(order)], capture_output=True, text=True, timeout=1350, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["writes"] > 60
    assert len(seen["kills"]) == KILLS
    for kill in seen["kills"]:
        assert kill["killed"], kill
        assert kill["same"], kill
        assert kill["as before"], kill
        assert set(kill["fresh"]) == set(CLASS) - set(kill["known"]), kill
    assert len({len(kill["known"]) for kill in seen["kills"]}) > 2, "the kills hit early, in the middle and late"


# real runs


def start(course, *words):
    """`autograder grade` under way."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell, all would ignore it
    return subprocess.Popen(
        [Path(sys.executable).parent / "autograder", "grade", NAME, *words],
        cwd=course.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def results(course):
    return {
        path.stem: json.loads(path.read_text())
        for path in sorted((course.folder / "results" / NAME).glob("[!.]*.json"))
    }


def until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def of(pids, word):
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            if word in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                found.append(pid)
    return found


def template_of(process):
    """A template process, not the bubblewrap around it and not a child that it has forked."""
    found = [
        pid
        for pid in of(descendants(process.pid), "autograder.sandbox.inside.template")
        if Path(f"/proc/{pid}/exe").resolve().name.startswith("python")
    ]
    forked = {child for pid in found for child in descendants(pid)}
    return next(pid for pid in found if pid not in forked)


@pytest.fixture
def slow_course(course):
    """A class whose submissions take half a second and more each."""
    for number in range(1, 9):
        course.hand_in(f"student-{number:02}", {**SLOW, **(WRONG if number % 3 == 0 else {})})
    return course


def check_class(course):
    assert {student: result["score"] for student, result in results(course).items()} == {
        f"student-{number:02}": 15 if number % 3 == 0 else 24 for number in range(1, 9)
    }
    assert not list(course.folder.rglob("*.tmp"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_run_that_is_ended_leaves_nobody_behind_and_the_next_one_completes_it(slow_course, how):
    first = start(slow_course, "--workers", "2")
    until(lambda: len(results(slow_course)) >= 2)
    others = descendants(first.pid)
    first.send_signal(how)
    first.communicate(timeout=180)
    assert first.returncode in (-signal.SIGKILL, 130)
    until(lambda: not any(map(alive, others)), 20)
    kept = results(slow_course)
    assert 2 <= len(kept) < 8
    second = start(slow_course, "--workers", "2")
    text, _ = second.communicate(timeout=300)
    assert second.returncode == 0, text
    assert f"{8 - len(kept)} graded now, {len(kept)} unchanged" in text
    assert results(slow_course).items() >= kept.items()
    check_class(slow_course)


def test_workers_and_template_processes_that_die_are_replaced(slow_course):
    whole = start(slow_course, "--workers", "2")
    until(lambda: len(results(slow_course)) >= 1)
    os.kill(template_of(whole), signal.SIGKILL)
    until(lambda: len(results(slow_course)) >= 3)
    os.kill(of(descendants(whole.pid), "spawn_main")[0], signal.SIGKILL)
    text, _ = whole.communicate(timeout=360)
    assert whole.returncode == 0, text
    check_class(slow_course)


class Deadly:
    """A setting whose worker processes die of one submission. It stands in a module that they can import."""

    def __init__(self, setting):
        self.assignment, self.limits, self._setting = setting.assignment, setting.limits, setting

    def grader(self):
        return self

    def __enter__(self):
        return self

    def close(self):
        pass

    def grade(self, folder, student):
        if student == "student-03":
            os._exit(9)
        return run.Graded(run.ungraded(self.assignment, student, "was reached"))


def test_a_submission_that_kills_its_worker_again_costs_nobody_else(assignment, tmp_path):
    jobs = [(f"student-{number:02}", tmp_path) for number in range(1, 7)]
    setting = run.Setting(assignment, 1, run.limits(assignment.course))
    done = [one.grade for one in graded(Deadly(setting), jobs, 2) if one]
    assert {grade.student: grade.reason for grade in done} == {
        student: "The process that graded it died twice." if student == "student-03" else "was reached"
        for student, _ in jobs
    }


# two runs, and nowhere to write


def test_a_second_run_says_that_one_is_under_way(course):
    course.hand_in("student-01")
    with only_run(course.folder / "results" / NAME):
        done = course.run("autograder", "grade", NAME)
        assert done.returncode == 2
        assert done.stderr.startswith("autograder: A run is under way in this folder (process ")
        assert done.stderr.count("\n") == 1
        with pytest.raises(UsageError, match="under way"):
            run.grade_class(Assignment(NAME, course.folder))
        done = course.run("nbgrader", "autograde", NAME)
        assert done.returncode
        assert "A run is under way in this folder" in done.stdout + done.stderr
    assert results(course) == {}
    assert course.run("autograder", "grade", NAME).returncode == 0
    assert results(course)["student-01"]["score"] == 24


def test_two_runs_started_at_once_grade_a_class_once(slow_course):
    runs = [start(slow_course, "--workers", "1") for _ in range(2)]
    texts = [one.communicate(timeout=360)[0] for one in runs]
    assert sorted(one.returncode for one in runs) == [0, 2], texts
    check_class(slow_course)


def confined(course, *arguments):
    """`autograder grade` where some folders are not what they are here."""
    if not outer.works():
        pytest.skip("needs bubblewrap, to make a full or read-only disk")
    command = [
        "bwrap",
        "--dev-bind",
        "/",
        "/",
        *arguments,
        Path(sys.executable).parent / "autograder",
        "grade",
        NAME,
        "--workers",
        "1",
    ]
    return subprocess.run(command, cwd=course.folder, capture_output=True, text=True, timeout=360, check=False)


@pytest.mark.parametrize("place", ["results", "autograded"])
def test_a_full_disk_is_said_in_a_sentence_and_the_next_run_completes(course, place):
    for number in (1, 2, 3):
        course.hand_in(f"student-{number:02}")
    (course.folder / place).mkdir()
    done = confined(course, "--size", str(6 * 4096), "--tmpfs", course.folder / place)
    assert done.returncode == 3, done.stderr
    assert "cannot be written: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr
    assert course.run("autograder", "grade", NAME, "--workers", "1").returncode == 0
    assert {student: result["score"] for student, result in results(course).items()} == {
        f"student-{number:02}": 24 for number in (1, 2, 3)
    }


def test_a_read_only_folder_is_said_in_a_sentence(course):
    course.hand_in("student-01")
    done = confined(course, "--ro-bind", course.folder, course.folder)
    assert done.returncode == 3, done.stderr
    assert "Read-only file system" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_gradebook_that_is_no_database_is_said_in_a_sentence(course):
    course.hand_in("student-01")
    (course.folder / "gradebook.db").write_text("no database")
    with pytest.raises(UsageError, match=r"cannot be opened: .*not a database"):
        run.grade_class(Assignment(NAME, course.folder))
    assert results(course) == {}


if __name__ == "__main__":
    main()
