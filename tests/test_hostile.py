"""Hostile submissions get what they have solved and not a point more, harm nobody, and leave nothing behind.

Each file of `submissions/hostile/` is one attack, in the format of an answer (autograder/course/answers.py), with more
lines in its head:

    # base: release            the other solution cells are as released; without it they hold the reference solution
    # earns: test_a=0 ...      the exercises that earn something else than base says (release: 0, reference: all)
    # limits: cell=2 ...       the limits it is graded with, in seconds and bytes
    # modes: bare user         is graded without bubblewrap, and as an ordinary user, too
    # machine: x86_64          makes sense there only
    # cells: 9                 each cell that it adds stands so many times

`loot(...)` says that an attack got through. It and what else stands in `PRELUDE` can be used in every attack.
The submissions are graded in processes of their own, which are this file run as a program.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import platform
import re
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import alive, descendants

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.course.limits import Limits
from autograder.errors import GraderFault, StudentFault
from autograder.judging.judge import Judge
from autograder.sandbox import attempt as sandbox_attempt
from autograder.sandbox import bubblewrap as outer
from autograder.sandbox import sandbox as sandbox_module
from autograder.sandbox.inside import child, seccomp, walls, wire
from autograder.sandbox.sandbox import Child
from autograder.submission.cells import SubmittedCell as Cell
from autograder.testing import Observation

ROOT = Path(__file__).resolve().parents[1]
NAME = "differentiable_gain"
FOLDER = Path(__file__).parent / "submissions" / "hostile"
SEED = 20261124
PATIENT = Limits(cell=60, question=20, submission=200)  # a loaded machine is no reason to fail
HONEST_EVERY = 12  # submissions
HONEST = "honest"
END = "the end"  # what a process that grades tells last
SECONDS = 550  # for one process that grades; it takes a tenth of it where nothing else runs
LOOTED = "LOOTED"
UNDENIED = ("secrets-course", "secrets-home", "signals", "network")  # these get through where there are no walls
HEAD = re.compile(r"^# (base|earns|limits|modes|machine|cells): (.+)$", re.MULTILINE)

PRELUDE = '''
import ctypes, sys

class Loot(BaseException):
    pass

def loot(*what):
    """Something was had that should not be had."""
    told = "LOO" + "TED " + repr(what)[:300]
    print(told)
    raise Loot(told)

def syscall(number, *arguments):
    """(what a raw system call returns, errno)"""
    libc = ctypes.CDLL(None, use_errno=True)
    ctypes.set_errno(0)
    returned = libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(argument % 2**64) for argument in arguments])
    return returned, ctypes.get_errno()

def lie(change, about=None):
    """`change(answer, arrays)` gives what is sent instead: (answer, arrays), bytes, or pieces of bytes one by one."""
    wire, child = sys.modules["autograder.sandbox.inside.wire"], sys.modules["autograder.sandbox.inside.child"]
    send, probe, asked = wire.send, child._probe, [None]
    def lying_probe(shell, probes, message, arrays):
        asked[0] = message["exercise"]
        return probe(shell, probes, message, arrays)
    def lying_send(sock, answer, arrays=None, seconds=None):
        if about is not None and (asked[0] != about or answer["op"] == "ran"):
            return send(sock, answer, arrays, seconds)
        changed = change(answer, arrays)
        if isinstance(changed, tuple):
            return send(sock, *changed, seconds)
        for piece in [changed] if isinstance(changed, bytes) else changed:
            sock.sendall(piece)
    child._probe, wire.send = lying_probe, lying_send
'''


@dataclass(frozen=True)
class Attack:
    """One hostile submission and what must become of it."""

    answer: corpus.Answer
    released: bool = False
    earns: dict[str, float] = field(default_factory=dict)
    limits: Limits = PATIENT
    modes: tuple[str, ...] = ("default",)
    machine: str | None = None
    cells: int = 1

    @property
    def name(self):
        return self.answer.name

    def scores(self, assignment):
        """Points of each exercise."""
        assert set(self.earns) <= set(assignment.exercises)
        return {
            name: self.earns.get(name, 0.0 if self.released else most) for name, most in assignment.exercises.items()
        }

    def notebook(self, assignment, given):
        made = corpus.notebook(assignment, self.answer)
        filled = {name for place, name, _ in self.answer.cells if not place}
        for cell in made.cells if self.released else ():
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in assignment.cells and name not in filled:
                cell.source = assignment.cells[name].source
        added = {f"{place}-{name}" for place, name, _ in self.answer.cells if place}
        made.cells = [
            nbformat.from_dict({**cell, "id": f"{cell.id}-{number}"})
            for cell in made.cells
            for number in range(self.cells if cell.id in added else 1)
        ]
        known = "".join(f"{key} = {value!r}\n" for key, value in given.items())
        made.cells.insert(0, nbformat.v4.new_code_cell(known + PRELUDE, id="prelude"))
        return made


def read(path):
    said = dict(HEAD.findall(path.read_text(encoding="utf-8").split("# %%")[0]))
    pairs = {key: dict(part.split("=") for part in said.get(key, "").split()) for key in ("earns", "limits")}
    limits = {key: int(value) if key == "memory" else float(value) for key, value in pairs["limits"].items()}
    return Attack(
        corpus.parse(path),
        said.get("base") == "release",
        {name: float(points) for name, points in pairs["earns"].items()},
        Limits(**{**vars(PATIENT), **limits}),
        ("default", *said.get("modes", "").split()),
        said.get("machine"),
        int(said.get("cells", 1)),
    )


ATTACKS = {
    attack.name: attack
    for attack in map(read, sorted(FOLDER.glob("*.py")))
    if attack.machine in (None, platform.machine())
}
HONEST_ONE = Attack(corpus.Answer(HONEST, "The reference solution.", frozenset(), ()))


# The process that grades


def grade_them(mode, course, names, told):
    """Grades these attacks, and honest submissions among them; writes what became of each into the folder `told`."""
    from nbgrader.utils import determine_grade

    from autograder.judging.grader import Grader
    from autograder.pages.shown import shown
    from autograder.records.gradebook import Gradebook
    from autograder.records.results import keep_result

    if mode == "bare":
        outer.works = lambda: False
    queue = [HONEST]
    for number, name in enumerate(names, start=1):
        queue += [name] if number % HONEST_EVERY else [name, HONEST]
    assignment = Assignment(NAME, course)
    canary = (course / "source" / "canary.txt").read_text()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Gradebook(assignment) as gradebook,
        Grader(assignment, SEED, PATIENT, "none" if mode == "none" else "auto") as grader,
    ):
        listener.setblocking(False)
        sandbox, before = grader._sandbox, judge_state()
        for number, name in enumerate([*queue, HONEST]):
            attack = HONEST_ONE if name == HONEST else ATTACKS[name]
            student = f"{number:03}-{name}"
            given = {
                "COURSE": str(course),
                "OUTSIDE": str(course.parent / "outside"),
                "JUDGE": os.getpid(),
                "KIT": str(ROOT / "autograder"),
                "PORT": listener.getsockname()[1],
            }
            folder = course / "submitted" / student / NAME
            folder.mkdir(parents=True)
            (folder / f"{NAME}.ipynb").write_text(nbformat.writes(attack.notebook(assignment, given)))
            grader._limits = attack.limits
            started = time.monotonic()
            seen = {"name": name, "student": student, "isolation": sandbox.facts["isolation"]}
            try:
                graded = shown(grader.grade(folder, student), assignment)
                gradebook.record([(graded, folder)])
                keep_result(assignment, graded)
            except Exception as error:  # what the suite is there to find
                seen["escaped"] = repr(error)
            else:
                grade, cells = graded.grade, graded.notebook.cells if graded.notebook else []
                seen |= {
                    "status": grade.status,
                    "score": grade.score,
                    "reason": grade.reason,
                    "exercises": {key: exercise.score for key, exercise in grade.exercises.items()},
                    "verdicts": [check.verdict for exercise in grade.exercises.values() for check in exercise.checks],
                    "in nbgrader": {
                        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
                        for cell in cells
                        if cell.metadata.get("nbgrader", {}).get("grade_id") in assignment.exercises
                    },
                    "sizes": [len(grade.to_json()), len(grade.details()), len(nbformat.writes(graded.notebook or {}))],
                }
            seen["seconds"] = time.monotonic() - started
            seen |= left(sandbox, mode)
            try:
                seen["connected"] = bool(listener.accept())
            except BlockingIOError:
                seen["connected"] = False
            seen["outside"] = traces(course, canary)
            (told / f"{student}.json").write_text(json.dumps(seen))
        last = {"name": END, "unharmed": judge_state() == before, "orphans": orphans(sandbox)}
        (told / "end.json").write_text(json.dumps(last))


def judge_state():
    """What of this process a child might change."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    kinds = [name for name in sorted(dir(resource)) if name.startswith("RLIMIT_")]
    limits = [resource.getrlimit(getattr(resource, name)) for name in kinds]
    return [
        os.getpriority(os.PRIO_PROCESS, 0),
        sorted(os.sched_getaffinity(0)),
        os.sched_getscheduler(0),
        limits,
        [status[name].strip() for name in ("Uid", "Gid", "Groups", "TracerPid", "Seccomp", "NoNewPrivs")],
    ]


def orphans(sandbox):
    """Processes that live on although the template process was killed while its child was busy."""
    busy = sandbox.fork(PATIENT)
    with contextlib.suppress(wire.Late):
        busy.ask(Cell(0, "while True:\n    pass", "busy").message, {}, 0.5)
    pids = [sandbox._process.pid, *descendants(sandbox._process.pid)]
    sandbox._process.kill()
    sandbox._process.wait()
    until = time.monotonic() + 10
    while (running := [pid for pid in pids if alive(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    return running


def left(sandbox, mode):
    """What is left of a child when its submission has been graded."""
    standing = descendants(sandbox._process.pid)
    template = standing[-1] if standing else sandbox._process.pid
    names = os.listdir(f"/proc/{template}/root{sandbox._root}")
    return {
        "alive": sandbox._process.poll() is None,
        "processes": len(standing) + 1,
        "scratch": [name for name in names if re.fullmatch(r"\d+-\d+.*", name)],
    }


def traces(course, canary):
    """What has changed that nobody but the grader may change; nothing, if all is well."""
    outside = course.parent / "outside"
    canaries = (outside / "secret.txt", *course.glob("*/canary.txt"))
    changed = [str(path) for path in canaries if path.read_text() != canary]
    if (outside / "secret.txt").stat().st_mode & 0o777 != 0o666 or sorted(os.listdir(outside)) != ["secret.txt"]:
        changed.append("outside")
    known = {
        "source",
        "hidden",
        "answers",
        "solutions",
        "submitted",
        "results",
        "autograded",
        ".git",
        ".env",
        "nbgrader_config.py",
        "gradebook.db",
        "gradebook.db-journal",
    }
    return changed + sorted(set(os.listdir(course)) - known)


# Where it is started


def closed_to_others(path):
    """The folders above `path` that only their owner gets through, the outermost first."""
    return [folder for folder in [*reversed(Path(path).parents), Path(path)] if not folder.stat().st_mode & 0o001]


def openable():
    """A bubblewrap command in which every user can read this Python, or the reason why there is none."""
    found = outer.found()
    if found is None:
        return None, "bubblewrap is not installed, or may not make namespaces"
    if blocked := closed_to_others(ROOT):
        return None, f"{blocked[0]} is closed to other users, and this kit lies beneath it"
    prefix = Path(sys.base_prefix).resolve()
    command = [found.program, "--dev-bind", "/", "/"]
    if blocked := closed_to_others(prefix):
        command += ["--perms", "0755", "--tmpfs", str(blocked[0])]
        for folder in [*reversed(prefix.parents), prefix]:
            if blocked[0] in folder.parents:
                command += ["--perms", "0755", "--dir", str(folder)]
        command += ["--ro-bind", str(prefix), str(prefix)]
    if subprocess.run([*command, "true"], capture_output=True, timeout=20, check=False).returncode:
        return None, "bubblewrap cannot make namespaces here"
    return command, ""


ORDINARY_UID = 61234  # of nobody; as root, `user` becomes it


def started_in(mode):
    """(what stands before the command, the uid to become, why not) for a mode of running."""
    root = os.geteuid() == 0
    if mode in ("default", "none") or (not root and mode in ("user", "bare")):
        return [], None, ""
    command, reason = openable()
    return command or [], ORDINARY_UID if mode == "user" else None, reason


class Campaign:
    """Grades what is asked of one mode, all at once, when the first is asked for."""

    def __init__(self, folder, names):
        self.folder = folder
        self.names = names
        self.canary = secrets.token_hex(12)
        self.texts = {}
        self._seen = {}

    def make_course(self, folder):
        course = folder / "course"
        for name in (
            "source",
            "hidden",
            "answers",
            "solutions",
            "submitted/neighbour",
            "results",
            "autograded",
            ".git",
        ):
            (course / name).mkdir(parents=True)
            (course / name / "canary.txt").write_text(self.canary)
        (course / ".env").write_text(f"TOKEN={self.canary}\n")
        for part in ("source", "hidden", "answers"):
            shutil.copytree(ROOT / part / NAME, course / part / NAME)
        shutil.copyfile(ROOT / "nbgrader_config.py", course / "nbgrader_config.py")
        (folder / "outside").mkdir()
        (folder / "outside" / "secret.txt").write_text(self.canary)
        (folder / "outside" / "secret.txt").chmod(0o666)
        (folder / "outside").chmod(0o777)
        (folder / "told").mkdir()
        return course

    def start(self, mode, names, number):
        folder = self.folder / f"{mode}-{number}"
        folder.mkdir()
        self.make_course(folder)
        before, uid, _ = started_in(mode)
        if uid is not None:
            subprocess.run(["chown", "-R", f"{uid}:{uid}", str(folder)], check=True, timeout=180)
        order = json.dumps({"mode": mode, "names": names, "folder": str(folder), "uid": uid})
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "SECRET_OF_THE_JUDGE": self.canary,
        }
        with (folder / "log").open("wb") as log:
            return folder, subprocess.Popen(
                [*before, sys.executable, __file__, order],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def seen(self, mode, name):
        """What became of a submission, each time that it was graded. All that is due is graded at once."""
        if mode not in self._seen:
            due = {
                each: names
                for each, names in {mode: [], **self.names}.items()
                if each not in self._seen and not started_in(each)[2]
            }
            parts = [
                (each, part)
                for each, names in due.items()
                for part in ((names[::2], names[1::2]) if each == "default" else (names,))
            ]
            running = [(each, *self.start(each, part, number)) for number, (each, part) in enumerate(parts)]
            for each, folder, process in running:
                try:
                    process.wait(timeout=SECONDS)
                finally:
                    process.kill()
                    process.wait()
                self.collect(each, folder, process.returncode)
        if name not in self._seen[mode]:
            pytest.fail(f"the process that grades ended early:\n{self.texts[mode][-3000:]}")
        return self._seen[mode][name]

    def collect(self, mode, folder, code):
        log = (folder / "log").read_text(errors="replace")
        self._seen.setdefault(mode, {})
        self.texts[mode] = self.texts.get(mode, "") + log + ("" if code == 0 else f"\nexit code {code}\n")
        for told in sorted((folder / "told").glob("*.json")):
            seen = json.loads(told.read_text())
            seen["folder"] = folder
            self._seen[mode].setdefault(seen["name"], []).append(seen)

    def shown(self, seen):
        """Everything that was written about one submission."""
        course, student = seen["folder"] / "course", seen["student"]
        paths = [
            course / "results" / NAME / f"{student}.json",
            course / "results" / NAME / "staff" / f"{student}.txt",
            course / "autograded" / student / NAME / f"{NAME}.ipynb",
        ]
        return {path: path.read_text(encoding="utf-8") for path in paths if path.exists()}


@pytest.fixture(scope="session")
def guarded(request):
    """Everything that the chosen tests need graded."""
    names = {"none": list(UNDENIED)}
    for item in request.session.items:
        callspec = getattr(item, "callspec", None)
        if item.path == Path(__file__) and callspec and "attack" in callspec.params:
            attack, mode = callspec.params["attack"], callspec.params["mode"]
            if attack != HONEST and attack not in names.setdefault(mode, []):
                names[mode].append(attack)
    # Not beneath pytest's own folder: that is closed to other users, and they pass through this one.
    with tempfile.TemporaryDirectory(prefix="autograder-hostile-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Campaign(Path(folder), names)


@pytest.fixture(scope="session")
def course_assignment():
    return Assignment(NAME, ROOT)


def possible(mode):
    reason = started_in(mode)[2]
    if reason:
        pytest.skip(f"cannot be run in the mode {mode!r}: {reason}")


CASES = [
    pytest.param(mode, attack.name, id=f"{attack.name}-{mode}" if mode != "default" else attack.name)
    for mode in ("default", "bare", "user")
    for attack in ATTACKS.values()
    if mode in attack.modes
]


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 60
    assert sum("bare" in attack.modes for attack in ATTACKS.values()) >= 20
    assert sum("user" in attack.modes for attack in ATTACKS.values()) >= 20


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize(("mode", "attack"), CASES)
def test_an_attack_earns_what_it_solved_and_leaves_nothing(guarded, course_assignment, mode, attack):
    possible(mode)
    [seen] = guarded.seen(mode, attack)
    assert "escaped" not in seen, f"the grader itself stopped: {seen['escaped']}"
    assert (seen["status"], seen["reason"]) == ("graded", None)
    expected = ATTACKS[attack].scores(course_assignment)
    assert seen["exercises"] == expected
    assert seen["score"] == sum(expected.values())
    assert seen["in nbgrader"] == expected
    # nothing was had, and nothing that was had is told
    for path, text in guarded.shown(seen).items():
        found = re.search(rf"{LOOTED}[^\n]*", text)
        assert not found, f"{path.name}: {found and found[0]}"
        assert guarded.canary not in text, path.name
    # nothing is left
    assert seen["scratch"] == []
    assert seen["alive"]
    assert seen["processes"] == (3 if "bubblewrap" in seen["isolation"] else 1)
    assert not seen["connected"]
    assert seen["outside"] == []
    # and nothing grows without measure
    result, details, notebook = seen["sizes"]
    assert result < 60_000
    assert details < 400_000
    assert notebook < 8_000_000
    limits = ATTACKS[attack].limits
    assert seen["seconds"] < limits.submission * 1.5 + 10


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize(
    ("mode", "attack"), [(mode, HONEST) for mode in ("default", "bare", "user")], ids=["default", "bare", "user"]
)
def test_honest_submissions_among_them_get_what_they_get_alone(guarded, course_assignment, mode, attack):
    possible(mode)
    runs = guarded.seen(mode, attack)
    assert len(runs) >= 2
    for seen in runs:
        assert (seen["status"], seen["score"]) == ("graded", 24)
        assert set(seen["verdicts"]) == {"passed"}
        assert seen["exercises"] == seen["in nbgrader"] == course_assignment.exercises


@pytest.mark.parametrize("mode", ["default", "bare", "user"])
def test_the_log_tells_nothing_that_was_had(guarded, mode):
    possible(mode)
    guarded.seen(mode, HONEST)
    log = guarded.texts[mode]
    assert LOOTED not in log
    assert guarded.canary not in log
    assert "Traceback" not in log
    assert "Warning" not in log
    assert len(log) < 20_000


@pytest.mark.parametrize("mode", ["default", "bare", "user"])
def test_the_judge_is_unharmed_and_children_die_with_their_template(guarded, mode):
    possible(mode)
    guarded.seen(mode, HONEST)
    for seen in guarded.seen(mode, END):
        assert seen["unharmed"]
        assert seen["orphans"] == []


@pytest.mark.parametrize("mode", ["bare", "user"])
def test_the_mode_is_what_it_says(guarded, mode):
    possible(mode)
    isolation = guarded.seen(mode, HONEST)[0]["isolation"]
    assert {"landlock", "seccomp", "rlimits"} <= set(isolation)
    assert ("bubblewrap" in isolation) == (mode == "user")
    assert ("uid" in isolation) == (mode == "bare" and os.geteuid() == 0)


@pytest.mark.timeout(2 * SECONDS)
def test_without_walls_the_attacks_would_get_through(guarded):
    """The positive control: what is denied above is there to be had, and having it is noticed."""
    for attack in UNDENIED:
        [seen] = guarded.seen("none", attack)
        assert any(LOOTED in text for text in guarded.shown(seen).values()), attack


# What a lying child may answer, without a child


class Parrot:
    """Stands for an attempt: answers as the reference solution does, after `twist` has had a hand in it."""

    def __init__(self, assignment):
        self.twist = None
        self._known = {}
        self._names = {"np": np, "torch": torch}
        for cell in corpus.notebook(assignment).cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in (
                "linear_gain",
                "fit_gain",
                "phase_shift_experiment",
                "loss_landscape",
                "spectral_loss",
                "recover_gain",
            ):
                exec(cell.source, self._names)

    def fresh(self):
        pass

    def why_undefined(self):
        return ""

    def ask(self, exercise, source, probe, values, arrays):
        asked = repr((exercise, probe, values, [(name, array.tobytes()) for name, array in arrays.items()]))
        if asked not in self._known:
            message = {"exercise": exercise, "source": source, "probe": probe, "values": values}
            shell = types.SimpleNamespace(user_ns=self._names, collected=None)
            self._known[asked] = child._probe(shell, {}, message, arrays)
        answer, found = copy.deepcopy(self._known[asked])
        if self.twist:
            self.twist(answer["values"], found, arrays)
        return sandbox_attempt._observed(answer, found)


ODD = [
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**400,
    -(10**4000),
    1.5,
    1e308,
    "x" * 1000,
    "\ud800\x00",
    [],
    {},
    ["gain"] * 999,
    json.loads("[" * 500 + "]" * 500),
]
NUMBERS = [0, 1, -1, 1e308, -1e308, 5e-324, 3.4e38, np.nan, np.inf, -np.inf]


def odd_array(array, draw):
    shapes = [(), (0,), (1,), (2,), (0, 4), (1,) * 20, (1,) * 40, array.shape, (*array.shape, 1), (1, *array.shape)]
    dtype = draw.choice([np.float64, np.float32, np.int64, np.bool_])
    with np.errstate(all="ignore"):
        match draw.choice(4):
            case 0:
                made = np.full(shapes[draw.choice(len(shapes))], draw.choice(NUMBERS))
            case 1:
                made = np.full(array.shape, draw.choice(NUMBERS))
            case 2:
                made = draw.normal(size=array.shape)
            case _:
                made = array * draw.choice([-1.0, 0.5, 1e300])
        return np.nan_to_num(made).astype(dtype) if dtype in (np.int64, np.bool_) else made.astype(dtype)


@pytest.fixture(scope="module")
def parrot(course_assignment):
    return Parrot(course_assignment)


@pytest.fixture(scope="module")
def judge(course_assignment):
    with Judge(course_assignment.hidden) as judge:
        yield judge


@pytest.mark.parametrize("seed", range(30))
def test_no_answer_breaks_a_hidden_test(judge, parrot, seed):
    """A hidden test that stops with anything but a verdict would be taken for the grader's own fault."""
    draw = np.random.default_rng(seed)
    rate = [0.01, 0.05, 0.2, 1.0][seed % 4]

    def twist(values, arrays, _):
        for each in [value for value in values.values() if isinstance(value, dict)]:  # of several questions
            twist(each, {}, _)
        for name in [name for name in (*values, *arrays) if draw.random() < rate]:
            if name in arrays and draw.random() < 0.8:
                arrays[name] = odd_array(arrays[name], draw)
            else:
                arrays.pop(name, None)
                values[name] = ODD[draw.choice(len(ODD))]

    parrot.twist = None
    honest = judge.judge(parrot, SEED)
    assert sum(exercise.score for exercise in honest.values()) == 24
    parrot.twist = twist
    try:
        graded = judge.judge(parrot, SEED)
    except GraderFault as fault:
        pytest.fail(str(fault))
    assert set(graded) == set(honest)


GUESSES = {
    **{
        f"always {number}": lambda shape, asked, number=number: np.full(shape, number)
        for number in (0.0, 1.0, 0.15, 0.5, -0.15, -1.0, 2.0, 1e-4, 0.85, 1.15)
    },
    **{
        f"{how} of the {which} input": lambda shape, asked, which=which, of=of: np.full(shape, of(asked[which]))
        for which in (0, -1)
        for how, of in {"mean": np.mean, "sum": np.sum, "size": np.size}.items()
    },
    **{f"the {which} input": lambda shape, asked, which=which: np.resize(asked[which], shape) for which in (0, -1)},
    "a slope": lambda shape, asked: np.linspace(1, 0.15, int(np.prod(shape))).reshape(shape),
    "a valley": lambda shape, asked: np.abs(np.linspace(-1, 1, int(np.prod(shape)))).reshape(shape),
}


def guessing(main, others):
    """A twist: flags, names, shapes and what is left unchanged are right; each number is a guess."""

    def twist(values, arrays, asked):
        for name, array in arrays.items():
            before, _, bare = name.rpartition(" ")  # several questions are numbered
            inputs = [given for other, given in asked.items() if other.startswith(before) and given.size]
            inputs = inputs or [np.ones(1)]
            if name not in asked or not np.array_equal(array, asked[name]):
                guess = GUESSES[main if bare in ("final", "y", "values", "x", "first", "stepped") else others]
                arrays[name] = np.asarray(guess(array.shape, inputs), dtype=array.dtype)

    return twist


@pytest.mark.parametrize("main", GUESSES)
def test_a_guess_earns_nothing(judge, parrot, course_assignment, main):
    """Whoever answers each question with the same number, or with what he was asked, has solved nothing.

    Not even where all else is right that a program can know which has solved nothing.
    """
    for others in (main, "always 1.0", "always 0.0001", "the 0 input"):
        parrot.twist = guessing(main, others)
        earned = {name: exercise.score for name, exercise in judge.judge(parrot, SEED).items() if exercise.score}
        assert earned == {}, others


# The protocol, with a child that lies


class NoTemplate:
    def waited(self, pid):
        return 0.0

    def end(self, pid):
        return 0, 0.0


TOKEN = "0123456789abcdef"
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, 1.5, "\ud800", "x" * 2000])
    | st.text(max_size=20)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
keys = st.sampled_from(["gain", "y", "final", "", "\x00", "värde"])
messages = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["observed", "observed", "undefined", "raised", "ran", "ready", "open"]) | anything,
        "id": st.sampled_from([TOKEN, TOKEN, TOKEN, "0" * 16]) | anything,
        "values": st.dictionaries(keys, anything) | anything,
        "name": anything,
        "error": anything,
        "message": anything,
        "traceback": anything,
        "outputs": st.lists(st.dictionaries(keys, anything), max_size=3) | anything,
    },
)
tensors = st.builds(
    lambda shape, dtype, number: np.full(shape, number, dtype=dtype),
    st.sampled_from([(), (0,), (1,), (3,), (2, 2), (1,) * 30]),
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_]),
    st.sampled_from([0, 1]),
)
layouts = st.dictionaries(
    keys,
    st.fixed_dictionaries(
        {},
        optional={
            "dtype": st.sampled_from(["F64", "F32", "I64", "BOOL", "F16", "U64", "C64"]) | anything,
            "shape": st.lists(st.integers(-2, 3) | st.sampled_from([2**64 - 1, 2**63]), max_size=4) | anything,
            "data_offsets": st.lists(st.integers(-1, 40) | st.just(2**64 - 1), min_size=2, max_size=2) | anything,
        },
    ),
    max_size=3,
)


def framed(header, body):
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body


def laid_out(layout, content):
    text = json.dumps(layout).encode()
    return len(text).to_bytes(8, "little") + text + content


bodies = (
    st.dictionaries(keys, tensors, max_size=3).map(safetensors.numpy.save)
    | st.binary(max_size=80)
    | st.builds(laid_out, layouts, st.binary(max_size=64))
    | st.just(b"")
)
headers = messages.map(lambda message: json.dumps(message).encode()) | st.binary(max_size=60)
frames = (
    st.builds(framed, headers, bodies)
    | st.binary(max_size=100)
    | st.builds(lambda header, body, cut: framed(header, body)[:-cut], headers, bodies, st.integers(1, 40))
)


@settings(deadline=5000, max_examples=300)
@given(frames)
def test_whatever_a_child_sends_is_the_students_fault(frame):
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox_module.secrets, "token_hex", lambda size: TOKEN)
        theirs.sendall(frame)
        theirs.shutdown(socket.SHUT_WR)
        try:
            answer, arrays = Child(NoTemplate(), ours, 0).ask({"op": "probe"}, {}, 3.0)
        except (wire.Closed, wire.Late, wire.Malformed):
            return
        assert answer["id"] == TOKEN
        try:
            values, arrays = sandbox_attempt._observed(answer, arrays)
        except StudentFault as fault:
            told = str(fault)
        else:
            told = ""
            look_at(Observation(values, arrays), {*values, *arrays, "gain"})
        assert len(told) < 1000


def look_at(observed, names):
    """Every way to look at an observation gives a plain value or is the student's fault."""
    for name in names:
        assert isinstance(observed.flag(name), bool)
        assert len(observed.text(name)) <= 200
        assert all(len(text) <= 200 for text in observed.names(name))
        for ask in (
            lambda name=name: observed.array(name),
            lambda name=name: observed.array(name, (3,)),
            lambda name=name: observed.array(name, [(), (2, 2)]),
            lambda name=name: observed.number(name),
        ):
            with contextlib.suppress(StudentFault):
                assert np.isfinite(ask()).all()


@settings(deadline=5000, max_examples=60)
@given(messages)
def test_outputs_of_a_lying_child_are_a_list_of_objects_or_a_lost_cell(message):
    begun = sandbox_attempt.Attempt(None, [Cell(0, "", "it")])
    begun._child = types.SimpleNamespace(ask=lambda *_: (message, {}), end=lambda: (0, 0.0))
    ran = begun._run_cell(begun._cells[0])
    assert all(isinstance(item, dict) for item in ran.outputs)
    assert ran.error is None or len(ran.error) <= 200


def test_outputs_that_are_short_to_write_and_large_to_hold_count_in_full():
    begun = sandbox_attempt.Attempt(None, [Cell(index, "", "it") for index in range(10)])
    begun._child = types.SimpleNamespace(
        ask=lambda *_: ({"outputs": [{} for _ in range(200_000)]}, {}), end=lambda: (0, 0.0)
    )
    begun.run()
    assert sum(len(ran.outputs) for ran in begun.ran.values()) < 500_000


@pytest.mark.parametrize("drip", [b"AGK1", b"A", b""], ids=["a magic word", "a letter", "nothing"])
def test_a_child_that_stalls_is_late_and_not_much_later(drip):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(drip)
        started = time.monotonic()
        with pytest.raises(wire.Late):
            Child(NoTemplate(), ours, 0).ask({"op": "probe"}, {"x": np.zeros(10)}, 0.3)
        assert time.monotonic() - started < 10


def test_a_child_that_reads_nothing_is_late():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(wire.Late):
        Child(NoTemplate(), ours, 0).ask({"op": "probe"}, {"x": np.zeros(2**22)}, 0.3)


def test_many_empty_arrays_cost_the_judge_nothing():
    body = laid_out({str(n): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(200_000)}, b"")
    started = time.process_time()
    with pytest.raises(wire.Malformed):
        wire._arrays(body)
    assert time.process_time() - started < 1


# The walls, one by one


def hides(readable, secret):
    return not any(path.is_relative_to(folder) for folder in readable for path in (secret, *secret.rglob("*")))


@pytest.fixture
def packages(tmp_path):
    """A folder of packages, the kit one of them."""
    site = tmp_path.resolve() / "site"
    for name in ("autograder/hidden/test_it.py", "autograder/judging/judge.py", "numpy/core.py"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("")
    return site


def test_a_secret_is_hidden_whichever_path_leads_to_it(packages):
    secret = packages / "autograder"
    (packages / "alias").symlink_to(secret)
    (packages / "again").symlink_to(secret / "hidden")
    (packages.parent / "other").symlink_to(packages)
    for paths, secrets_ in (
        ([packages], ["alias"]),
        ([packages.parent / "other"], ["autograder"]),
        ([secret / "hidden"], ["autograder"]),
        ([packages, secret], ["autograder"]),
    ):
        readable, _ = walls.around(map(str, paths), [str(packages / name) for name in secrets_])
        assert hides(readable, secret)


@pytest.mark.timeout(30)
def test_links_that_lead_in_circles_are_followed_once(packages):
    (packages / "loop").symlink_to(packages)
    (packages / "self").symlink_to("self")
    readable, _ = walls.around([str(packages)], [str(packages / "autograder")])
    assert str(packages / "numpy") in readable
    assert hides(readable, packages / "autograder")


def test_a_secret_beneath_a_folder_of_the_system_is_hidden(packages, monkeypatch):
    monkeypatch.setattr(walls, "SYSTEM", (str(packages),))
    monkeypatch.setattr(walls, "python_paths", list)
    readable = walls.build([str(packages / "autograder")]).readable
    assert str(packages / "numpy") in readable
    assert hides(readable, packages / "autograder")


def test_each_template_process_of_root_has_children_of_another_uid(monkeypatch):
    """Processes of one uid share one limit of threads, so a bomb in one child would stop the others."""
    monkeypatch.setattr(walls, "_closed_to_others", lambda path: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert len({walls.build([]).uid for _ in range(5)}) == 5


SELF_TEST_WITHOUT = """
import json, os, sys
sys.path.insert(0, sys.argv[2])
import test_hostile
from autograder.sandbox import sandbox, selftest
uid = json.loads(sys.argv[1])
if uid is not None:
    os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
first, _, rest = sandbox.START.partition("from autograder.sandbox.inside.template")
sandbox.START = (first + "from autograder.sandbox.inside import landlock, seccomp; "
                 "landlock.restrict = lambda *_: None; seccomp.load = lambda *_: None; "
                 "from autograder.sandbox.inside.template" + rest)
before = test_hostile.judge_state()
with sandbox.Sandbox(outer=False) as made:
    broken = {finding.wall for finding in selftest.run(made) if not finding.held}
print(json.dumps([sorted(map(str, broken)), test_hostile.judge_state() == before]))
"""


def test_a_self_test_with_no_wall_left_does_the_judge_no_harm():
    """An ordinary user's children have the judge's own uid; without bubblewrap they see its process, too."""
    possible("user")
    command, uid, _ = started_in("user")
    arguments = [json.dumps(uid), str(Path(__file__).parent)]
    done = subprocess.run(
        [*command, sys.executable, "-c", SELF_TEST_WITHOUT, *arguments],
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        timeout=450,
        cwd="/",
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    broken, unharmed = json.loads(done.stdout)
    assert {"landlock", "seccomp"} <= set(broken)
    assert unharmed


FILTERED = """
import ctypes, json, os, sys, threading
from autograder.sandbox.inside import landlock, seccomp
libc, started, HIGH = ctypes.CDLL(None, use_errno=True), os.getpid(), 1 << 32
landlock.no_new_privileges()
seccomp.load(seccomp.compile_filter())
def call(number, *arguments):
    ctypes.set_errno(0)
    returned = libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(argument % 2**64) for argument in arguments])
    if os.getpid() != started:
        os._exit(0)
    return "refused" if returned == -1 and ctypes.get_errno() in (1, 38) else "allowed"
print(json.dumps([call(*arguments) for arguments in eval(sys.argv[1])]), flush=True)
seen = []
thread = threading.Thread(target=seen.append, args=(1,))
thread.start()
thread.join()
assert seen == [1]
"""
X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="system call numbers of x86_64")


def filtered(calls):
    return subprocess.run(
        [sys.executable, "-c", FILTERED, calls],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
        cwd="/",
    )


@X86_64
def test_system_calls_are_compared_in_all_their_bits():
    """Each pair: as it is, and with a bit above the lowest 32, which a filter of 32 bits would not see."""
    pairs = {
        "name a thread": ("(157, 15, 0)", "(157, 15 | HIGH, 0)", "allowed"),
        "outlive the parent": ("(157, 1, 0)", "(157, 1 | HIGH, 0)", "refused"),
        "be traced": ("(157, 4, 1)", "(157, 4 | HIGH, 1)", "refused"),
        "own limits": ("(302, 0, 7, 0, 0)", "(302, HIGH, 7, 0, 0)", "allowed"),
        "limits of the parent": ("(302, os.getppid(), 7, 0, 0)", "(302, os.getppid() | HIGH, 7, 0, 0)", "refused"),
        "flags of a descriptor": ("(72, 1, 1)", "(72, 1, 1 | HIGH)", "allowed"),
        "owner of a descriptor": ("(72, 1, 8, os.getppid())", "(72, 1, 8 | HIGH, os.getppid())", "refused"),
        "signal of a descriptor": ("(72, 1, 10, 9)", "(72, 1, 10 | HIGH, 9)", "refused"),
        "type into a terminal": ("(16, 0, 0x5412, 0)", "(16, 0, 0x5412 | HIGH, 0)", "refused"),
        "a pair of sockets": ("(53, 1, 1, 0, 0)", "(53, 1 | HIGH, 1, 0, 0)", "allowed"),
        "a pair of the network": ("(53, 2, 1, 0, 0)", "(53, 2 | HIGH, 1, 0, 0)", "refused"),
        "a process": ("(56, 17)", "(56, 17 | HIGH)", "refused"),
        "a process that looks like a thread": ("(56, 17)", "(56, 17 | 0x10000 << 32)", "refused"),
    }
    done = filtered("[" + ", ".join(f"{plain}, {high}" for plain, high, _ in pairs.values()) + "]")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert dict(zip(pairs, found[::2], strict=True)) == {name: expected for name, (*_, expected) in pairs.items()}
    assert set(found[1::2]) == {"refused"}


@X86_64
def test_system_calls_that_are_not_named_are_refused():
    numbers = [41, 42, 57, 58, 59, 62, 101, 165, 200, 234, 250, 272, 308, 310, 319, 321, 322, 323, 425, 434, 442, 999]
    assert set(json.loads(filtered(f"[(number, 0, 0, 0, 0, 0, 0) for number in {numbers}]").stdout)) == {"refused"}


@X86_64
@pytest.mark.parametrize("number", [39, 57, 520])
def test_system_calls_of_x32_end_the_process(number):
    assert filtered(f"[({0x40000000 + number},)]").returncode == -signal.SIGSYS


@X86_64
@pytest.mark.parametrize("number", [20, 2, 11, 37], ids=["getpid", "fork", "execve", "kill"])
def test_system_calls_by_the_gate_of_32_bits_end_the_process(number):
    gate = (
        f"[exec('import mmap; page = mmap.mmap(-1, 4096, prot=7); page.write(bytes([0xb8, {number}, 0, 0, 0, 0xcd, "
        "0x80, 0xc3])); ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()')]"
    )
    assert filtered(gate).returncode == -signal.SIGSYS


REACHING = {
    "fork",
    "vfork",
    "clone",
    "clone3",
    "execve",
    "execveat",
    "kill",
    "tkill",
    "tgkill",
    "rt_sigqueueinfo",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "prlimit64",
    "prctl",
    "fcntl",
    "ioctl",
    "socket",
    "connect",
    "bind",
    "listen",
    "accept",
    "sendto",
    "sendmsg",
    "socketpair",
    "setpriority",
    "sched_setaffinity",
    "sched_setscheduler",
    "io_uring_setup",
    "memfd_create",
    "userfaultfd",
    "bpf",
    "mount",
    "chroot",
    "unshare",
    "setns",
    "setuid",
    "setresuid",
    "chmod",
    "fchmodat",
    "chown",
    "utimensat",
    "setxattr",
    "mknod",
    "seccomp",
}


def test_no_rule_lets_a_child_start_a_process_or_reach_another():
    allowed = {name for name, action, compares in seccomp._rules() if action == seccomp.ALLOW and not compares}
    assert not allowed & REACHING


def main():
    order = json.loads(sys.argv[1])
    if order["uid"] is not None:
        os.setgroups([])
        os.setresgid(order["uid"], order["uid"], order["uid"])
        os.setresuid(order["uid"], order["uid"], order["uid"])
        os.environ["HOME"] = order["folder"]
    folder = Path(order["folder"])
    grade_them(order["mode"], folder / "course", order["names"], folder / "told")


if __name__ == "__main__":
    main()
