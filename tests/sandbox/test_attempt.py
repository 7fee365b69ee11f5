"""One sandboxed run: what hangs or dies costs itself only, and nothing is left behind."""

import contextlib
import os
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.course.limits import Limits
from autograder.errors import StudentFault
from autograder.sandbox.attempt import RESERVE, Attempt, Crashed, Raised, TimedOut, Undefined
from autograder.submission.cells import SubmittedCell as Cell

HANG = "while True:\n    pass"
DEEP_SLEEP = "import time\ntime.sleep(3600)"
EXIT = "import os\nos._exit(0)"
PROBES = """
def call(notebook, name):
    return {"value": notebook[name]()}

def double(notebook, x):
    return {"x": 2 * x, "n": notebook["n"]}

def shapes(notebook, x):
    return {"x": x}

def spin(notebook):
    while True:
        pass

def die(notebook):
    import os
    os._exit(3)

def count(notebook, seen=[]):
    seen.append(1)
    return {"seen": len(seen)}
"""


def ask(attempt, probe, exercise="test_it", **values):
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in values.items() if name not in arrays}
    return attempt.ask(exercise, PROBES, probe, plain, arrays)


def printed(ran):
    return "".join(item.get("text", "") for item in ran.outputs)


def processes():
    """Every process that descends from this one: {pid: parent}."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    known = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= more
    return {pid for pid in known if pid != os.getpid()}


# cells


def test_cells_share_their_names_and_run_in_order(run):
    *_, last = run("n = 1", "n += 1", "n *= 10", "print(n)")
    assert printed(last) == "20\n"


def test_a_cell_that_raises_stops_nothing(run):
    first, second = run("n = 1\n1 / 0\nn = 2", "print(n)")
    assert first.error == "ZeroDivisionError"
    assert printed(second) == "1\n"


@pytest.mark.parametrize(
    "hang",
    [
        HANG,
        DEEP_SLEEP,
        "import threading\nthreading.Event().wait()",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
        "import signal\nfor n in range(1, 32):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except OSError:\n        pass\nwhile True:\n    pass",
    ],
    ids=["loop", "sleep", "event", "catches all", "ignores signals"],
)
def test_a_cell_that_hangs_is_skipped_and_the_rest_runs(run, hang):
    before, hung, after = run("n = 1", hang, "print(n)", cell=0.6)
    assert before.error is None
    assert hung.lost
    assert hung.error == "CellTimeoutError"
    assert "did not finish within 0.6 s" in hung.outputs[0]["evalue"]
    assert printed(after) == "1\n"


@pytest.mark.parametrize(
    "death",
    [
        EXIT,
        "import ctypes\nctypes.string_at(0)",
        "import os\nos.abort()",
    ],
    ids=["exit", "segfault", "abort"],
)
def test_a_cell_that_kills_its_process_is_skipped_and_the_rest_runs(run, death):
    _, died, after = run("n = 1", death, "print(n)")
    assert died.lost
    assert died.error == "DeadKernelError"
    assert "was skipped" in died.outputs[0]["evalue"]
    assert printed(after) == "1\n"


def test_several_hangs_and_deaths_are_each_skipped(run):
    *_, last = run("n = 1", HANG, "n += 1", EXIT, "n += 1", HANG, "print(n)", cell=0.5)
    assert printed(last) == "3\n"


def test_every_cell_may_die(run):
    cells = run(*[EXIT] * 5)
    assert [ran.lost for ran in cells] == [True] * 5


def test_a_cell_keeps_the_outputs_of_its_first_run(run):
    cells = run("import random, time\nprint(time.perf_counter_ns())", "print(1)", EXIT, "print(2)")
    assert [printed(ran) for ran in cells[1::2]] == ["1\n", "2\n"]
    assert printed(cells[0])


def test_a_cell_beyond_its_memory_gets_a_memory_error(run):
    large, small = run(
        "size = 0\ntry:\n    block = bytearray(2**30)\nexcept MemoryError:\n    size = -1\nprint(size)",
        "print(len(bytearray(2**20)))",
        memory=2**28,
    )
    assert printed(large) == "-1\n"
    assert printed(small) == f"{2**20}\n"


def test_a_cell_that_fills_all_memory_costs_only_itself(run):
    _, eater, after = run(
        "n = 1",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(2**22))",
        "more = bytearray(2**24)\nprint(n)",
        memory=2**28,
    )
    assert eater.error is not None
    assert printed(after) == "1\n"


# time


def test_after_a_hang_there_is_time_left_for_questions(attempt):
    begun = attempt(HANG, HANG, "n = 3", cell=60, question=60, submission=4)
    started = time.monotonic()
    begun.run()
    cells = [begun.ran[index] for index in range(2)]
    assert cells[0].seconds >= 3.9  # nothing is cut short before something has hung
    assert all(ran.seconds < 2 for ran in cells[1:])
    assert ask(begun, "double", x=np.ones(2))[0] == {"n": 3}
    assert time.monotonic() - started < 20


def test_a_share_of_the_time_is_kept_for_questions(attempt):
    begun = attempt("n = 1", *[HANG] * 3, cell=1.0, submission=8)
    begun.run()
    shares = [begun.ran[index].seconds for index in (1, 2, 3)]
    assert shares[0] >= 0.99
    assert sum(shares) <= (1 - RESERVE) * 8
    assert ask(begun, "double", x=np.ones(2))[0] == {"n": 1}


def test_slow_cells_without_a_hang_get_all_their_time(run):
    cells = run(*["import time\ntime.sleep(0.3)"] * 3, cell=20, submission=0.5)
    assert [ran.lost for ran in cells] == [False] * 3


# questions


def test_arrays_come_back_as_numbers(attempt):
    begun = attempt("n = 5")
    begun.run()
    values, arrays = ask(begun, "double", x=np.arange(6, dtype=np.float32).reshape(2, 3))
    assert values == {"n": 5}
    assert arrays["x"].dtype == np.float32
    assert np.array_equal(arrays["x"], 2 * np.arange(6).reshape(2, 3))


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.bool_], ids=lambda dtype: dtype.__name__)
def test_every_shape_and_dtype_goes_there_and_back(attempt, dtype, shape):
    begun = attempt("n = 5")
    begun.run()
    x = np.ones(shape, dtype)
    _, arrays = ask(begun, "shapes", x=x)
    assert arrays["x"].dtype == dtype
    assert arrays["x"].shape == shape
    assert np.array_equal(arrays["x"], x)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ("torch.tensor(1.5, dtype=torch.float16)", np.float32),
        ("torch.tensor(2, dtype=torch.int8)", np.int64),
        ("torch.tensor(1.5, dtype=torch.bfloat16)", np.float32),
        ("0.1", np.float64),
        ("torch.tensor([1.0, 2.0]).requires_grad_() * 2", np.float32),
        ("torch.ones(4, 4).T[::2]", np.float32),
        ("torch.complex(torch.ones(2), torch.ones(2)).conj().imag", np.float32),
        ("float('nan')", np.float64),
    ],
)
def test_what_student_code_returns_crosses_as_numbers(attempt, value, dtype):
    begun = attempt(f"import torch\ndef part():\n    return {value}")
    begun.run()
    _, arrays = ask(begun, "call", name="part")
    assert arrays["value"].dtype == dtype


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("torch.ones(2) * 1j", "TypeError"),
        ("object()", "TypeError"),
        ("{1, 2}", "TypeError"),
        ("torch.zeros(2**23, dtype=torch.float64)", "ValueError"),
    ],
)
def test_what_cannot_cross_is_an_error_of_the_answer(attempt, value, kind):
    begun = attempt(f"import torch\ndef part():\n    return {value}")
    begun.run()
    with pytest.raises(Raised, match=kind):
        ask(begun, "call", name="part")
    assert ask(begun, "count")[0] == {"seen": 1}  # and the child lives on


def test_a_part_that_raises_is_told_with_its_message(attempt):
    begun = attempt("def part():\n    raise ValueError('of my own making')")
    begun.run()
    with pytest.raises(Raised, match="Your code raised ValueError: of my own making") as caught:
        ask(begun, "call", name="part")
    assert "line 2, in part" in caught.value.detail


@pytest.mark.parametrize(
    "leave", ["import sys; sys.exit()", "raise SystemExit", "raise KeyboardInterrupt", "raise GeneratorExit"]
)
def test_a_part_that_leaves_is_told_so(attempt, leave):
    begun = attempt(f"def part():\n    {leave}", "def other():\n    return 4")
    begun.run()
    with pytest.raises(Raised):
        ask(begun, "call", name="part")
    assert ask(begun, "call", name="other")[0] == {"value": 4}


def test_a_part_that_is_missing_is_undefined_with_the_cell_that_failed(attempt):
    begun = attempt("n = 1", "1 / 0\ndef part():\n    pass")
    begun.run()
    with pytest.raises(Undefined, match="part is not defined in the notebook"):
        ask(begun, "call", name="part")
    assert begun.why_undefined("anything") == "The cell number 2 stopped with ZeroDivisionError."


def test_a_question_that_hangs_is_late_and_the_next_is_answered(attempt):
    begun = attempt("n = 7", question=0.5)
    begun.run()
    with pytest.raises(TimedOut, match=r"within 0\.5 s"):
        ask(begun, "spin")
    assert ask(begun, "double", x=np.ones(1))[0] == {"n": 7}


def test_a_question_that_kills_is_a_crash_and_the_next_is_answered(attempt):
    begun = attempt("n = 7")
    begun.run()
    with pytest.raises(Crashed, match="died"):
        ask(begun, "die")
    assert ask(begun, "double", x=np.ones(1))[0] == {"n": 7}


def test_a_part_that_hangs_after_a_hanging_cell_is_late_too(attempt):
    begun = attempt("n = 7", HANG, "def part():\n    while True:\n        pass", cell=0.5, question=0.5)
    begun.run()
    with pytest.raises(TimedOut):
        ask(begun, "call", name="part")
    assert ask(begun, "double", x=np.ones(1))[0] == {"n": 7}


@pytest.fixture
def killed_from_outside(sandbox, monkeypatch):
    """killed_from_outside(seconds, times): the next children are killed that long after they were forked."""
    fork, left = sandbox.fork, []

    def kill(child):
        with contextlib.suppress(OSError):  # it has ended by itself
            child._sock.shutdown(socket.SHUT_RDWR)  # to the judge it looks the same

    def forking(limits):
        child = fork(limits)
        if left:
            threading.Timer(left.pop(), kill, [child]).start()
        return child

    monkeypatch.setattr(sandbox, "fork", forking)
    return lambda seconds, times=1: left.extend([seconds] * times)


def test_a_cell_whose_child_is_killed_from_outside_runs_again(attempt, killed_from_outside):
    begun = attempt("kept = 3", "import time\ntime.sleep(0.6)\nslow = kept + 1")
    killed_from_outside(0.3)
    begun.run()
    assert [begun.ran[index].error for index in (0, 1)] == [None, None]
    killed_from_outside(0.3, times=3)
    again = attempt("import time\ntime.sleep(0.6)")
    again.run()
    assert again.ran[0].error == "DeadKernelError"


def test_a_question_whose_child_is_killed_from_outside_is_asked_again(attempt, killed_from_outside):
    begun = attempt("import time\ndef part():\n    time.sleep(0.6)\n    return 5")
    killed_from_outside(0.3)
    begun.run()
    assert ask(begun, "call", name="part")[0] == {"value": 5}


def test_when_every_child_dies_at_once_the_questions_end(attempt):
    begun = attempt("n = 7", submission=2.0)
    begun.run()
    started = time.monotonic()
    for _ in range(80):
        with pytest.raises(StudentFault):
            ask(begun, "die")
    assert time.monotonic() - started < 60


def test_a_fresh_child_has_heard_no_question(attempt):
    begun = attempt("n = 1")
    begun.run()
    assert [ask(begun, "count")[0]["seen"] for _ in range(3)] == [1, 2, 3]
    begun.fresh()
    assert ask(begun, "count")[0] == {"seen": 1}
    assert ask(begun, "double", x=np.ones(1))[0] == {"n": 1}


def test_probes_of_two_exercises_are_apart(attempt):
    begun = attempt("n = 1")
    begun.run()
    ask(begun, "count", exercise="test_one")
    assert ask(begun, "count", exercise="test_two")[0] == {"seen": 1}


def test_what_a_part_prints_while_it_answers_is_no_answer(attempt):
    begun = attempt('def part():\n    print(\'{"op": "observed"}\' * 1000)\n    return 3')
    begun.run()
    assert ask(begun, "call", name="part")[0] == {"value": 3}


# nothing is left

LEAVE_TRACES = """
import builtins, os, sys, random, numpy, torch
builtins.trace = os.environ['TRACE'] = 'here'
sys.modules['trace_module'] = sys
sys.path.append('/trace')
open('trace.txt', 'w').write('here')
open(os.path.join(os.environ['TMPDIR'], 'trace.tmp'), 'w').write('here')
numpy.trace_attribute = torch.trace_attribute = 'here'
torch.set_default_dtype(torch.float64)
torch.nn.functional.l1_loss = None
os.umask(0)
"""
FIND_TRACES = """
import builtins, os, sys, numpy, torch
print([hasattr(builtins, 'trace'), 'TRACE' in os.environ, 'trace_module' in sys.modules, '/trace' in sys.path,
       os.listdir('.'), [name for name in os.listdir(os.environ['TMPDIR']) if 'trace' in name],
       hasattr(numpy, 'trace_attribute'), hasattr(torch, 'trace_attribute'), str(torch.get_default_dtype()),
       torch.nn.functional.l1_loss is None, 'n' in globals()])
"""
NO_TRACES = "[False, False, False, False, [], [], False, False, 'torch.float32', False, False]\n"


def test_two_attempts_share_nothing(run):
    [left] = run(LEAVE_TRACES + "n = 1")
    assert left.error is None
    [found] = run(FIND_TRACES)
    assert printed(found) == NO_TRACES


def test_two_attempts_at_the_same_time_share_nothing(attempt):
    one, two = attempt(LEAVE_TRACES + "n = 1"), attempt(FIND_TRACES)
    one.run()
    two.run()
    assert printed(two.ran[0]) == NO_TRACES


def test_every_attempt_draws_the_same_random_numbers(run):
    source = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(1).item())"
    assert printed(run(source)[0]) == printed(run(source)[0]) != ""


def test_a_fresh_child_starts_in_an_empty_folder(run):
    _, _, found = run("open('trace.txt', 'w').write('here')", EXIT, "import os\nprint(os.listdir('.'))")
    assert printed(found) == "['trace.txt']\n"  # of its own first cell; what follows would fail were it the old folder
    _, _, found = run("open('trace.txt', 'x').write('here')", EXIT, "import os\nprint(os.listdir('.'))")
    assert printed(found) == "['trace.txt']\n"


def test_the_scratch_is_wiped(attempt, sandbox):
    before = sorted(Path(sandbox._root).rglob("*"))
    begun = attempt(
        "import os\nos.makedirs('deep/er')\nopen('deep/er/trace.txt', 'w').write('here')\nos.chmod('deep', 0o500)"
    )
    begun.run()
    assert begun.ran[0].error is None
    begun.fresh()
    assert sorted(Path(sandbox._root).rglob("*")) == before


@pytest.mark.parametrize(
    "start",
    [
        "import os\nif os.fork() == 0:\n    os.setsid()\n    import time\n    time.sleep(3600)",
        "import subprocess, sys\nsubprocess.Popen(['sleep', '3600'], start_new_session=True)",
        "import multiprocessing as m, time\nm.get_context('fork').Process(target=time.sleep, args=(3600,)).start()",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(3600,)).start()",
        "import concurrent.futures, time\nconcurrent.futures.ThreadPoolExecutor().submit(time.sleep, 3600)",
    ],
    ids=["fork", "popen", "multiprocessing", "thread", "pool"],
)
def test_no_process_survives_an_attempt(attempt, start):
    before = processes()
    begun = attempt(start, "print(1)")
    begun.run()
    assert len(begun.ran) == 2
    begun.fresh()
    assert processes() <= before


def test_a_hanging_attempt_that_is_left_is_ended(attempt):
    before = processes()
    with attempt(HANG, cell=0.3) as begun:
        begun.run()
    assert processes() <= before


def test_a_notebook_of_many_slow_cells_ends_with_its_time(sandbox):
    cells = [Cell(index, f"import time; time.sleep(0.2); reached = {index}", f"number {index}") for index in range(60)]
    with Attempt(sandbox, cells, Limits(cell=5, question=1, submission=2)) as attempt:
        started = time.monotonic()
        attempt.run()
        assert time.monotonic() - started < 6
        assert attempt.ran[0].error is None
        assert attempt.ran[59].error == "SubmissionTimeoutError"


def test_outputs_of_a_notebook_are_kept_up_to_a_cap(sandbox, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.attempt.KEPT_CAP", 2000)
    with Attempt(sandbox, [Cell(index, "print('x' * 400)", f"number {index}") for index in range(4)]) as attempt:
        attempt.run()
    texts = [attempt.ran[index].outputs[0]["text"] for index in range(4)]
    assert texts[0].startswith("xxx")
    assert "too many to keep" in texts[3]


def test_several_questions_are_answered_in_one_message(attempt):
    begun = attempt("def part(x):\n    return x * 2")
    begun.run()
    probes = "def look(notebook, x, more):\n    return {'y': notebook['part'](x), 'more': more + 1}"
    values, arrays = begun.ask(
        "test_it", probes, "look", [{"more": 1}, {"more": 5}], {"0 x": np.ones(2), "1 x": np.full(3, 4.0)}
    )
    assert values == {"0": {"more": 2}, "1": {"more": 6}}
    assert {name: array.tolist() for name, array in arrays.items()} == {"0 y": [2, 2], "1 y": [8, 8, 8]}
