"""Machines that lack what is usual: no home, no /dev/shm, little memory, an output that cannot show our signs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NAME, PATIENT

from autograder.course.folder import settings
from autograder.errors import GraderFault, UsageError
from autograder.running import processes
from autograder.sandbox import memory
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Child
from autograder.submission.cells import SubmittedCell as Cell

GB = 2**30


def command(course, *words, **environment):
    """`autograder` with this environment; None takes a name out of it."""
    whole = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    return subprocess.run(
        [Path(sys.executable).parent / "autograder", *words],
        cwd=course.folder,
        env=whole,
        capture_output=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_output_that_cannot_show_our_signs_gets_plain_ones(course, encoding):
    course.hand_in("student-01", "{")
    done = command(course, "grade", NAME, "--workers", "1", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "student-01 gets 0: The notebook file ends in the middle" in done.stdout.decode(encoding)


def test_a_missing_student_is_named_in_plain_characters(course):
    done = command(course, "grade", NAME, "--student", "é–“x”", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert done.stderr.decode("ascii").startswith('autograder: There is no folder submitted/?-"x"')


def test_a_reader_that_goes_away_is_no_traceback(course):
    course.hand_in("student-01", "{")
    done = subprocess.run(
        f"'{Path(sys.executable).parent}/autograder' --help | true",
        shell=True,
        executable="/bin/bash",
        cwd=course.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_a_full_disk_behind_the_output_is_said_in_a_line(course):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [Path(sys.executable).parent / "autograder", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=course.folder,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == "autograder: The output cannot be written: No space left on device.\n"


def test_no_home_is_needed(course, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody without an account")
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.setgid(54321); os.setuid(54321)\n"
            "from autograder import cli; from pathlib import Path; cli._find_a_home(); print(Path.home())",
        ],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if "Permission denied" in told.stderr or "ModuleNotFoundError" in told.stderr:
        pytest.skip("this Python is closed to others")
    assert told.stdout == "/\n", told.stderr


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        PermissionError(13, "Permission denied"),
        ImportError("no semaphores"),
        FileNotFoundError(2, "No such file or directory"),
    ],
)
def test_without_shared_locks_one_worker_grades(course, assignment, monkeypatch, warm, capsys, error):
    class Context:
        def Lock(self):  # noqa: N802
            raise error

    monkeypatch.setattr(processes.multiprocessing, "get_context", lambda _: Context())
    from autograder.course.assignment import Assignment
    from autograder.running.grade_class import grade_class

    for student in ("student-01", "student-02"):
        course.hand_in(student, "{")
    assert len(grade_class(Assignment(NAME, course.folder), workers=2).fresh) == 2
    said = capsys.readouterr().err
    assert said.startswith("autograder: One worker at a time: others cannot be started here (")
    assert said.count("\n") == 1


# memory


def groups(tmp_path, monkeypatch, lines, files, mounts):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "cgroup").write_text(lines)
    (tmp_path / "mountinfo").write_text(
        "".join(f"30 23 0:26 / {tmp_path}/{point} rw - {kind} cgroup rw,{options}\n" for point, kind, options in mounts)
    )
    (tmp_path / "meminfo").write_text("MemTotal: 9999999 kB\nMemAvailable: 8388608 kB\n")
    (tmp_path / "vmstat").write_text("pgfault 3\noom_kill 2\n")
    for name, file in (("GROUPS", "cgroup"), ("MOUNTS", "mountinfo"), ("MEMINFO", "meminfo"), ("VMSTAT", "vmstat")):
        monkeypatch.setattr(memory, name, tmp_path / file)


def test_the_limit_of_a_group_of_version_2_counts(tmp_path, monkeypatch):
    groups(
        tmp_path,
        monkeypatch,
        "0::/user/job\n",
        {
            "fs/user/job/memory.max": "max\n",
            "fs/user/memory.max": f"{GB}\n",
            "fs/user/memory.events": "oom 4\noom_kill 3\n",
        },
        [("fs", "cgroup2", "nsdelegate")],
    )
    assert memory.within() == GB
    assert memory.kills() == 5


def test_the_limit_of_a_group_of_version_1_counts(tmp_path, monkeypatch):
    groups(
        tmp_path,
        monkeypatch,
        "5:cpu:/x\n4:memory:/docker/abc\n0::/\n",
        {"fs/memory/memory.limit_in_bytes": f"{3 * GB}\n", "fs/memory/memory.oom_control": "under_oom 0\noom_kill 1\n"},
        [("fs/cpu", "cgroup", "cpu"), ("fs/memory", "cgroup", "memory")],
    )
    assert memory.within() == 3 * GB
    assert memory.kills() == 3


def test_without_groups_what_is_free_counts_and_without_anything_nothing(tmp_path, monkeypatch):
    groups(tmp_path, monkeypatch, "", {}, [])
    assert memory.within() == 8 * GB
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "none")
    assert memory.within() is None
    assert memory.warning(2 * GB, 8) == ""


def test_too_little_memory_is_said_before_anything_runs(monkeypatch):
    monkeypatch.setattr(memory, "within", lambda: GB)
    assert memory.warning(2 * GB, 1).startswith("1.0 GB of memory are left here, and a submission may use 2.0 GB. Take")
    assert "2.0 GB, 4 at a time" in memory.warning(2 * GB, 4)
    monkeypatch.setattr(memory, "within", lambda: 64 * GB)
    assert memory.warning(2 * GB, 4) == ""


DIE = "import os\ndef part():\n    os.abort()\n"


@pytest.fixture
def ended_by(monkeypatch):
    """ended_by(kills): children seem to be ended by SIGKILL, and the system's count of kills goes on by so many."""

    def ended_by(each):
        counted = iter(range(0, 1000 * each, each) if each else [7] * 1000)
        monkeypatch.setattr(memory, "kills", lambda: next(counted))
        real = Child.end
        monkeypatch.setattr(Child, "end", lambda self: (-signal.SIGKILL, real(self)[1]))

    return ended_by


def test_a_cell_that_the_system_kills_below_its_limit_is_no_fault_of_the_student(sandbox, ended_by):
    ended_by(1)
    with (
        Attempt(sandbox, [Cell(0, f"{DIE}part()", "own")], PATIENT) as attempt,
        pytest.raises(GraderFault, match="short of memory"),
    ):
        attempt.run()


def test_nor_is_a_question_of_which_it_dies(sandbox, ended_by):
    with Attempt(sandbox, [Cell(0, DIE, "own")], PATIENT) as attempt:
        attempt.run()
        ended_by(1)
        with pytest.raises(GraderFault, match="short of memory"):
            attempt.ask("test_it", "def call(notebook):\n    notebook['part']()", "call", {}, {})


def test_a_child_that_dies_while_the_system_kills_nobody_is_one(sandbox, ended_by):
    ended_by(0)
    with Attempt(sandbox, [Cell(0, f"{DIE}part()", "own")], PATIENT) as attempt:
        attempt.run()
        assert attempt.ran[0].error == "DeadKernelError"


def test_a_limit_of_the_account_below_the_promised_one_grades_nobody(course):
    course.hand_in("student-01")
    done = subprocess.run(
        f"ulimit -v 2500000; '{Path(sys.executable).parent}/autograder' grade {NAME} --workers 1",
        shell=True,
        executable="/bin/bash",
        cwd=course.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ulimit -v" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list((course.folder / "autograded").glob("*"))


# folders


@pytest.mark.parametrize("name", ["Why filters?", "100%", "group [A]", "a]", "{year}", "all*", "$HOME", "two\nlines"])
def test_a_course_folder_that_nbgrader_would_lose_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=r"Rename it\."):
        settings(tmp_path / name)


@pytest.mark.parametrize("name", ["two words", "C#", "it's", "Übung, 1", "a&b;c", "~x"])
def test_other_odd_folders_work(course, tmp_path, name):
    course.folder.rename(tmp_path / name)
    course.folder = tmp_path / name
    course.hand_in("student-01", "{")
    done = command(course, "grade", NAME, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name / "gradebook.db").stat().st_size > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_fault_of_the_kit_is_a_line(course, monkeypatch, capsys):
    from autograder import cli

    monkeypatch.chdir(course.folder)
    monkeypatch.setattr(sys, "argv", ["autograder", "report", NAME])
    monkeypatch.setattr("autograder.pages.report.write_report", lambda *_, **__: 1 / 0)
    before = signal.getsignal(signal.SIGPIPE)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("autograder: The kit stopped at a fault of its own: ZeroDivisionError: division by zero (")
    assert signal.getsignal(signal.SIGPIPE) is before
