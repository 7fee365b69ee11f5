"""The gradebook may lie on a PostgreSQL server: the content is that of a file, and others may write meanwhile."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from conftest import copied

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.running.grade_class import grade_class

NAME = "differentiable_gain"
WRONG = {"spectral_loss": "class SpectralLoss(torch.nn.Module):\n    pass"}
PATIENCE = 60  # s; a loaded machine is no reason to fail
OWNER = "autograder"
CLASS = ("student-01", "student-02", "student-03", "student-04")

pytestmark = pytest.mark.usefixtures("warm")


def program(name):
    """A program of the server, on the path or where Debian puts it (its own programs for them are on the path)."""
    debians = shutil.which("pg_ctlcluster") and sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (debians[-1] if debians else None)


@pytest.fixture(scope="module")
def server():
    """The folder with the socket of a server that nobody else can reach, and that ends with this module."""
    if program("initdb") is None or program("postgres") is None:
        pytest.skip("no server programs of PostgreSQL are installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket is short
    somebody = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        somebody = {"user": "postgres", "extra_groups": []}
    options = {"cwd": folder, "stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, **somebody}
    try:
        subprocess.run(
            [
                program("initdb"),
                "-D",
                folder / "data",
                "--username",
                OWNER,
                "--auth",
                "trust",
                "--no-sync",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
            ],
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
            **options,
        )
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [program("postgres"), "-D", folder / "data", "-k", folder, "-h", "", "-F"], stdout=log, **options
            )
        try:
            wait_until_ready(folder, process)
            yield folder
        finally:
            process.send_signal(signal.SIGINT)  # it closes the connections that are open, and ends
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(folder, process):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            psycopg.connect(host=str(folder), user=OWNER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError((folder / "log").read_text())


@pytest.fixture
def on_server(server, course):
    """A course folder whose gradebook lies on the server, in a database of its own."""
    with psycopg.connect(host=str(server), user=OWNER, dbname="postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS course WITH (FORCE)")
        connection.execute("CREATE DATABASE course")
    (course.folder / "gradebook.db").unlink()
    course.db_url = f"postgresql+psycopg://{OWNER}@/course?host={server}"
    course.configure(f"c.CourseDirectory.db_url = {course.db_url!r}")
    return course


def grade(course, **how):
    return grade_class(Assignment(NAME, course.folder), **how)


def fill(course):
    course.hand_in("student-01")
    course.hand_in("student-02", WRONG)
    course.hand_in("student-03", "no notebook")
    course.hand_in("student-04", course.assignment.released)
    (course.folder / "results" / NAME).mkdir(parents=True)
    (course.folder / "results" / NAME / ".seed").write_text("20261123\n")
    (course.folder / "submitted" / "student-01" / NAME / "timestamp.txt").write_text("2026-03-02 12:00:00.000000 UTC")


def due(course):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00.000000 UTC")
    course.configure("c.LateSubmissionPlugin.penalty_method = 'zero'")


def exported(course):
    done = course.run("nbgrader", "export")
    assert done.returncode == 0, done.stderr
    return (course.folder / "grades.csv").read_text()


def test_the_content_is_that_of_a_file(on_server, pristine, tmp_path, entries):

    (tmp_path / "other").mkdir()
    in_file = copied(pristine, tmp_path / "other")
    for course in (on_server, in_file):
        fill(course)
        due(course)
        grade(course)
    assert not (on_server.folder / "gradebook.db").exists()
    for student in CLASS:
        assert entries(on_server, student) == entries(in_file, student)
    assert entries(on_server, "student-01")["score"] == 24
    assert entries(on_server, "student-02")["score"] == 15
    table = exported(on_server)
    assert table == exported(in_file)
    assert len(table.splitlines()) == 1 + len(CLASS)


def test_what_people_have_entered_survives_a_regrade(on_server, entries):
    fill(on_server)
    grade(on_server)
    with on_server.gradebook() as gradebook:
        entry = gradebook.find_grade("test_fit_gain", NAME, NAME, "student-01")
        entry.manual_score, entry.needs_manual_grade = 5.5, False
        gradebook.find_grade("phase_shift_explained", NAME, NAME, "student-01").manual_score = 1.5
        gradebook.find_comment("phase_shift_explained", NAME, NAME, "student-01").manual_comment = "A good start."
        gradebook.db.commit()
    before = entries(on_server, "student-01")
    assert before["score"] == 24 - 6 + 5.5 + 1.5
    grade(on_server, regrade=True)
    after = entries(on_server, "student-01")
    for kept in ("manual", "by hand", "score", "auto", "comments"):
        assert after[kept] == before[kept]


def test_a_marker_may_write_while_a_class_is_graded(on_server, entries):
    """A file would be locked: here the run does not wait for a mark that is not saved yet."""
    fill(on_server)
    grade(on_server)
    with on_server.gradebook() as marker:
        marker.find_grade("phase_shift_explained", NAME, NAME, "student-02").manual_score = 2
        marker.db.flush()
        grade(on_server, students=["student-01"], regrade=True)
        marker.db.commit()
    assert entries(on_server, "student-02")["manual"]["phase_shift_explained"] == 2
    assert entries(on_server, "student-01")["score"] == 24


def test_nbgraders_own_commands_use_it(on_server, entries):
    fill(on_server)
    for words in (["generate_assignment", NAME], ["autograde", NAME, "--student", "student-02"]):
        done = on_server.run("nbgrader", *words)
        assert done.returncode == 0, done.stderr
    assert entries(on_server, "student-02")["score"] == 15


@pytest.mark.parametrize("where", ["?host=/no/such/folder", "localhost:1/course"])
def test_a_server_that_is_not_there_is_wrong_usage_in_one_line(course, where):
    course.configure(f"c.CourseDirectory.db_url = 'postgresql+psycopg://{OWNER}:secret@{where}'")
    course.hand_in("student-01", "no notebook")
    with pytest.raises(UsageError, match=r"^The gradebook of c\.CourseDirectory\.db_url cannot be opened: ") as told:
        grade(course)
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


def test_a_driver_that_is_not_installed_is_named(course):
    course.configure("c.CourseDirectory.db_url = 'mysql+mysqldb://localhost/course'")
    course.hand_in("student-01", "no notebook")
    with pytest.raises(UsageError, match="cannot be opened: No module named 'MySQLdb'"):
        grade(course)
