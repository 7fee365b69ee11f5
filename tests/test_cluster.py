"""A Dask cluster gives the grades of this machine, loses nothing with a worker, and refuses what is not alike."""

import asyncio
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from conftest import copied
from distributed import Client

import autograder
from autograder.cli import main
from autograder.course import answers as corpus
from autograder.course.assignment import Assignment, solution
from autograder.course.bundle import Bundle
from autograder.course.limits import Limits
from autograder.errors import GraderFault, UsageError
from autograder.judging.grader import Judged, versions_that_must_match
from autograder.kit import kit_sha256
from autograder.running import dask_client as cluster
from autograder.running.dask_worker import GradingPlugin, WorkerSetting
from autograder.running.grade_class import grade_class
from autograder.running.processes import Setting
from autograder.submission.pickup import PickedUp
from autograder.verdict import Grade, Graded, Status

NAME = "differentiable_gain"
PATIENCE = 60  # s; a loaded machine is no reason to fail
HAS_NO_WORKER = "There has been no Dask worker"
ADDRESSES = re.compile("0x[0-9a-f]+")  # of objects of the judge
KILLER = """
import os
from autograder.judging.grader import Grader
from autograder.running.dask_worker import GradingPlugin

def dask_setup(worker):
    Grader.__enter__ = lambda grader: grader  # nothing will be run, so no template process is needed
    grade = GradingPlugin.grade
    GradingPlugin.grade = lambda plugin, it: os._exit(1) if it.student == "deadly" else grade(plugin, it)
"""


class Processes:
    """A scheduler and its workers, in processes of their own that end with this object."""

    def __init__(self, folder, **environment):
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._started = []
        log = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")[1]
        self.address = wait_for(lambda: re.search(r"Scheduler at: +(tcp://127\.0\.0\.1:\d+)", log.read_text()))[1]

    def worker(self, *options, path=None):
        """A worker that has arrived; its process."""
        return self.workers(1, *options, path=path)[0]

    def workers(self, count, *options, path=None):
        begun = [
            self._start("worker", self.address, "--nthreads", "1", "--host", "127.0.0.1", *options, path=path)
            for _ in range(count)
        ]
        for _, log in begun:
            wait_for(lambda log=log: "Registered to" in log.read_text())
        return [psutil.Process(process.pid) for process, _ in begun]

    def _start(self, kind, *options, path=None):
        log = self._folder / f"{len(self._started)}.log"
        environment = {**self._environment, "PYTHONPATH": str(path)} if path else self._environment
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--no-dashboard"],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._started.append(process)
        return process, log

    def end(self):
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(found):
    """What `found` gives, as soon as it gives something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if it := found():
            return it
        time.sleep(0.05)
    raise AssertionError("nothing came in time")


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """A cluster with two workers."""
    started = Processes(tmp_path_factory.mktemp("cluster"))
    try:
        started.pair = started.workers(2, "--no-nanny")
        yield started
    finally:
        started.end()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A scheduler that has no workers."""
    started = Processes(tmp_path_factory.mktemp("empty"))
    yield started
    started.end()


def fill(course):
    """A class of all kinds. A loaded machine is no reason for another grade, so the limits are far away."""
    for limit, seconds in (("cell", 200), ("question", 60), ("submission", 600)):
        course.configure(f"c.AutograderLimits.{limit} = {seconds}")
    known = {
        answer.name: answer
        for kind in ("alternatives", "misconceptions")
        for answer in corpus.answers(Assignment(NAME, corpus_course()), kind)
    }
    for student, name in (
        ("student-01", None),
        ("student-02", "autograd-grad"),
        ("student-03", "full-fft-half"),
        ("student-04", "no-zero-grad"),
        ("student-05", "gain-detached"),
        ("student-06", "spectrum-real-part"),
    ):
        course.hand_in(student, corpus.notebook(course.assignment, known.get(name)))
    course.hand_in("student-07", {"fit_gain": "import os\nprint('last words \\ud800')\nos._exit(0)"})
    course.hand_in("student-08", "x" * 12_000_000)  # no notebook, and more than Dask likes
    folder = course.hand_in("student-09")
    shutil.copyfile(folder / f"{NAME}.ipynb", folder / "second.ipynb")
    (folder / f"{NAME}.ipynb").rename(folder / "first.ipynb")
    folder = course.hand_in("student-10")
    (folder / f"{NAME}.ipynb").rename(course.folder / "elsewhere.ipynb")
    (folder / f"{NAME}.ipynb").symlink_to(course.folder / "elsewhere.ipynb")
    (course.folder / "submitted" / "student-11" / NAME).mkdir(parents=True)
    (course.folder / "results" / NAME).mkdir(parents=True)
    (course.folder / "results" / NAME / ".seed").write_text("20261123\n")


def corpus_course():
    return Path(autograder.__file__).parents[1]


def grade(course, **how):
    return grade_class(Assignment(NAME, course.folder), **how)


def kept(course, entries):
    """All that a run leaves behind, but the seconds that it took."""
    found = {}
    for student in sorted(path.name for path in (course.folder / "submitted").iterdir()):
        result = course.result(student)
        assert result.pop("seconds") >= 0
        found[student] = (
            result,
            entries(course, student),
            ADDRESSES.sub("0x", (course.folder / "results" / NAME / "staff" / f"{student}.txt").read_text()),
            (course.folder / "autograded" / student / NAME / f"{NAME}.ipynb").read_text(),
        )
    return found


@pytest.fixture(scope="module")
def here(pristine, tmp_path_factory, entries):
    """What a run on this machine keeps of the class."""
    course = copied(pristine, tmp_path_factory.mktemp("here"))
    fill(course)
    grade(course)
    return kept(course, entries)


# the same grades


def test_the_grades_are_those_of_a_run_on_this_machine(processes, here, course, entries):
    fill(course)
    summary = grade(course, scheduler=processes.address)
    assert {student: one.status for student, one in summary.grades.items()} == {
        **{f"student-{number:02}": Status.graded for number in range(1, 8)},
        "student-08": Status.unreadable,
        "student-09": Status.refused,
        "student-10": Status.refused,
        "student-11": Status.missing,
    }
    assert sorted(summary.fresh) == sorted(here)
    assert summary.grades["student-01"].score == 24
    assert kept(course, entries) == here
    for worker in processes.pair:  # the run is over, and so is what it had started there
        wait_for(lambda worker=worker: not worker.children(recursive=True))


def test_the_submissions_of_a_killed_worker_are_graded_by_the_others(processes, here, course, entries):
    fill(course)
    victim = processes.worker("--no-nanny")
    left = []

    class Killing:
        def begin(self, total):
            pass

        def tell(self, grade):
            if not left:  # the run waits here, so this worker keeps the submission for which it starts a template
                left.extend(wait_for(lambda: victim.children(recursive=True)))
                victim.send_signal(signal.SIGKILL)

    summary = grade(course, scheduler=processes.address, watcher=Killing())
    assert not victim.is_running() or victim.status() == psutil.STATUS_ZOMBIE
    assert sorted(summary.fresh) == sorted(here)
    assert kept(course, entries) == here
    assert psutil.wait_procs(left, timeout=PATIENCE)[1] == []


def test_a_run_that_stops_leaves_nothing_at_work(processes, course):
    for number in range(1, 9):
        course.hand_in(f"student-{number:02}")
    jobs = [(path.name, path / NAME) for path in sorted((course.folder / "submitted").iterdir())]
    run = cluster.graded(Setting(course.assignment, 1, Limits()), jobs, processes.address)
    assert next(filter(None, run)).grade.score == 24
    began = time.monotonic()
    run.close()
    assert time.monotonic() - began < PATIENCE
    for worker in processes.pair:
        wait_for(lambda worker=worker: not worker.children(recursive=True))


def test_a_submission_that_every_worker_dies_of_is_the_only_one_without_a_grade(course, tmp_path):
    started = Processes(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    (tmp_path / "killer.py").write_text(KILLER)
    try:
        started.workers(3, "--no-nanny", "--preload", str(tmp_path / "killer.py"))
        for student in ("deadly", "student-01", "student-02"):
            course.hand_in(student, "no notebook")
        summary = grade(course, scheduler=started.address)
    finally:
        started.end()
    assert {student: one.status for student, one in summary.grades.items()} == {
        "deadly": Status.grader_error,
        "student-01": Status.unreadable,
        "student-02": Status.unreadable,
    }
    assert summary.grades["deadly"].reason == "Every Dask worker that graded this submission died."
    assert course.result("deadly")["score"] is None


# one worker


class SlowGrader:
    """Grades nothing, and takes its time."""

    assignment = None

    def __init__(self):
        self.at_work = threading.Lock()
        self.closed = False

    def grade_picked_up(self, taken):
        assert not self.closed
        assert self.at_work.acquire(blocking=False), "two submissions at once"
        time.sleep(0.2)
        self.at_work.release()
        return Judged(Grade(NAME, taken.student, Status.grader_error, "", 24, {}, (), 0.0, {}))

    def close(self):
        assert not self.at_work.locked()
        self.closed = True


@pytest.fixture
def plugin(assignment):
    """A plugin with graders that only pretend; `begun` has them."""
    plugin = GradingPlugin(WorkerSetting.of(Setting(assignment, 1, Limits())))
    plugin.setup(SimpleNamespace(address="tcp://127.0.0.1:1", periodic_callbacks={}))
    plugin.begun = []

    def start():
        plugin.begun.append(SlowGrader())
        return plugin.begun[-1]

    plugin._start = start
    yield plugin
    asyncio.run(plugin.teardown(None))


def test_a_worker_with_two_threads_grades_one_submission_at_a_time(plugin):
    with ThreadPoolExecutor(2) as threads:
        texts = list(threads.map(plugin.grade, [PickedUp(f"student-0{number}", b"") for number in (1, 2, 3)]))
    assert [Graded.unpacked(text).grade.student for text in texts] == ["student-01", "student-02", "student-03"]
    assert len(plugin.begun) == 1


def test_a_worker_without_work_gives_back_its_memory_and_can_begin_again(plugin, monkeypatch):
    monkeypatch.setattr("autograder.running.dask_worker.IDLE_SECONDS", 0.05)
    plugin.grade(PickedUp("student-01", b""))
    wait_for(lambda: plugin.begun[0].closed)
    plugin.grade(PickedUp("student-02", b""))
    assert len(plugin.begun) == 2


def test_the_end_of_a_run_waits_for_no_submission(plugin):
    with ThreadPoolExecutor(1) as threads:
        at_work = threads.submit(plugin.grade, PickedUp("student-01", b""))
        wait_for(lambda: plugin.begun and plugin.begun[0].at_work.locked())
        asyncio.run(plugin.teardown(None))
        assert not at_work.done()
        assert Graded.unpacked(at_work.result()).grade.student == "student-01"
    assert plugin.begun[0].closed


@pytest.mark.parametrize("name", ["profile", "tick"])
def test_dask_does_not_watch_a_worker_during_a_run(processes, assignment, name):
    async def watched(dask_worker, plugin):  # before a run, during it, after it
        watching = dask_worker.periodic_callbacks[name]
        before = watching.is_running()
        plugin.setup(dask_worker)
        during = watching.is_running()
        await plugin.teardown(dask_worker)
        return before, during, watching.is_running()

    with Client(processes.address) as client:
        seen = client.run(watched, plugin=GradingPlugin(WorkerSetting.of(Setting(assignment, 1, Limits()))))
    assert set(seen.values()) == {(True, False, True)}


# what is not alike


def test_hidden_tests_travel_with_the_run(processes, course):
    """A worker needs none of the course's files, and it grades by the tests as they are now."""
    course.hand_in("student-01")
    assert grade(course, scheduler=processes.address).grades["student-01"].score == 24
    path = course.folder / "hidden" / NAME / "test_linear_gain.py"
    path.write_text(path.read_text().replace('assert seen.flag("floating")', 'assert not seen.flag("floating")'))
    assert grade(course, scheduler=processes.address).grades["student-01"].score == 23.5


def test_a_worker_with_another_kit_is_refused(empty, course, tmp_path, monkeypatch, capsys):
    kit = Path(autograder.__file__).parent
    shutil.copytree(kit, tmp_path / "other" / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "autograder" / "verdict.py").open("a") as code:
        code.write("\n")
    course.hand_in("student-01")
    monkeypatch.chdir(course.folder)
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", NAME, "--scheduler", empty.address])
    worker = empty.worker("--no-nanny", path=tmp_path / "other")
    try:
        with pytest.raises(SystemExit) as stop:
            main()
    finally:
        worker.terminate()
        wait_for(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert stop.value.code == 3
    told = capsys.readouterr().err
    assert re.search(
        r"^autograder: The Dask worker tcp://\S+ might grade otherwise: kit_sha256 is \w+ there "
        r"and \w+ here\.",
        told,
    )
    assert told.count("\n") == 1
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


def test_another_engine_or_another_numpy_is_not_alike(assignment, tmp_path, monkeypatch):
    here = versions_that_must_match(assignment)
    assert versions_that_must_match(Bundle.of(assignment).unpacked(tmp_path / "course")) == here
    with monkeypatch.context() as other:
        other.setattr("autograder.judging.grader.version", lambda name: "1.0")
        assert versions_that_must_match(assignment) == {**here, "numpy": "1.0"}
    shutil.copytree(Path(autograder.__file__).parent, tmp_path / "kit")
    with (tmp_path / "kit" / "verdict.py").open("a") as code:
        code.write("\n")
    monkeypatch.setattr("autograder.kit.PACKAGE", tmp_path / "kit")
    kit_sha256.cache_clear()
    try:
        assert versions_that_must_match(assignment)["kit_sha256"] != here["kit_sha256"]
    finally:
        kit_sha256.cache_clear()


# nobody there


def test_a_scheduler_without_workers_is_waited_for_in_bounds(empty, course, monkeypatch):
    monkeypatch.setattr(cluster, "NO_WORKER_SECONDS", 2.0)
    course.hand_in("student-01")
    began = time.monotonic()
    with pytest.raises(GraderFault, match=HAS_NO_WORKER):
        grade(course, scheduler=empty.address)
    assert 2 <= time.monotonic() - began < PATIENCE
    assert not (course.folder / "results" / NAME / "student-01.json").exists()


def test_a_scheduler_that_is_gone_ends_the_run(course, tmp_path, monkeypatch):
    monkeypatch.setitem(cluster.CONFIGURATION, "distributed.comm.timeouts.connect", "1s")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 3.0)
    started = Processes(tmp_path)
    course.hand_in("student-01")
    jobs = [("student-01", course.folder / "submitted" / "student-01" / NAME)]
    ready = cluster._Run._ready

    def gone(run, running):
        started.end()
        return ready(run, running)

    monkeypatch.setattr(cluster._Run, "_ready", gone)
    with pytest.raises(GraderFault, match=f"The Dask scheduler at {started.address} is gone"):
        list(cluster.graded(Setting(course.assignment, 1, Limits()), jobs, started.address))


@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://127.0.0.1", "http://127.0.0.1:8786", "tcp://a b:1", "", "tcp://127.0.0.1:8786/more"]
)
def test_what_is_no_address_is_wrong_usage(course, address):
    course.hand_in("student-01")
    with pytest.raises(UsageError, match="is no address of a Dask scheduler"):
        grade(course, scheduler=address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "tls://127.0.0.1:{port}"])
@pytest.mark.parametrize("answers", [False, True], ids=["nobody listens", "no scheduler listens"])
def test_where_no_scheduler_answers_is_wrong_usage_in_one_line(course, monkeypatch, address, answers, silent):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    course.hand_in("student-01")
    if not answers:
        silent.close()
    with pytest.raises(UsageError, match="There is no Dask scheduler at ") as told:
        grade(course, scheduler=address.format(port=silent.port))
    assert "\n" not in str(told.value)


@pytest.fixture
def silent():
    """A port where somebody listens who says nothing."""

    class Silent(socket.socket):
        port = 0

    with Silent() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.port = listening.getsockname()[1]
        yield listening


def test_without_dask_one_line_says_what_to_install(course, monkeypatch):
    for name in ("autograder.running.dask_client", "autograder.running.dask_worker"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(autograder.running, "dask_client")
    monkeypatch.setitem(sys.modules, "dask", None)
    course.hand_in("student-01")
    with pytest.raises(UsageError, match=r"^--scheduler needs Dask \(dask is missing\): pip install '\.\[cluster\]'$"):
        grade(course, scheduler="tcp://127.0.0.1:8786")


# what travels


def test_a_grade_is_the_same_after_its_way(grade):
    done = grade({"fit_gain": "print('\\ud800')\nraise ValueError('\\udfff')", "spectral_loss": "1 / 0"})
    for back in Graded.unpacked(done.packed()), pickle.loads(pickle.dumps(done)):
        assert back.grade.to_json() == done.grade.to_json()
        assert back.grade.details() == done.grade.details() != ""
        assert back.text == done.text


def test_what_was_left_untouched_is_known_after_the_way(grade, assignment):
    done = grade(assignment.released)
    assert (
        Graded.unpacked(done.packed()).untouched
        == done.untouched
        == {name for name, cell in assignment.cells.items() if solution(cell)}
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"grade": {}, "details": {}, "text": null}', "null"])
def test_what_is_no_grade_is_our_fault(text):
    with pytest.raises(GraderFault):
        Graded.unpacked(text)


def test_what_travels_is_the_whole_assignment(assignment, tmp_path):
    """Another machine has none of the run's files."""
    sent = pickle.loads(pickle.dumps(Bundle.of(assignment))).unpacked(tmp_path / "elsewhere")
    assert sent.course == tmp_path / "elsewhere"
    assert sent.released == assignment.released
    assert sent.exercises == assignment.exercises
    assert sent.hidden_tests_sha256 == assignment.hidden_tests_sha256
