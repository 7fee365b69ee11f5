"""A limit counts what a submission does, and not how long it waits for a core that others use."""

import os
import subprocess
import sys
import time

import pytest

from autograder.course.limits import Limits
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import GIVEN_BACK, Sandbox
from autograder.submission.cells import SubmittedCell as Cell

OTHERS = 3
LIMIT = 1.0  # s
BUSY = "import time\nuntil = time.process_time() + 0.7\nwhile time.process_time() < until:\n    pass\nprint('done')"
HANG = "while True:\n    pass"
THREADS = f"""import threading

def spin():
    while True:
        pass

for _ in range({OTHERS}):
    threading.Thread(target=spin).start()
spin()"""
ASLEEP = "import time\ntime.sleep(60)"


@pytest.fixture(scope="module")
def one_core():
    """A sandbox on one core, which `OTHERS` other programs use as well."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    others = []
    try:
        with Sandbox() as sandbox:
            others += [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(OTHERS)]
            yield sandbox
    finally:
        for other in others:
            other.kill()
            other.wait()
        os.sched_setaffinity(0, cores)


def run(sandbox, source):
    started = time.monotonic()
    with Attempt(sandbox, [Cell(0, source, "cell")], Limits(LIMIT, LIMIT, 20 * LIMIT)) as attempt:
        attempt.run()
    return attempt.ran[0], time.monotonic() - started


def test_waiting_for_a_core_costs_nothing(one_core):
    ran, seconds = run(one_core, BUSY)
    assert not ran.error
    assert seconds > LIMIT


@pytest.mark.parametrize("hang", [HANG, THREADS], ids=["one-thread", "threads-of-its-own"])
def test_what_hangs_ends_all_the_same(one_core, hang):
    ran, seconds = run(one_core, hang)
    assert ran.error == "CellTimeoutError"
    assert LIMIT < seconds < (GIVEN_BACK + 1) * LIMIT + 8  # and a fork, on a core that is busy


def test_sleep_is_no_waiting(one_core):
    ran, seconds = run(one_core, ASLEEP)
    assert ran.error == "CellTimeoutError"
    assert seconds < 2 * LIMIT + 8


def test_a_submission_has_its_time_too(one_core):
    with Attempt(one_core, [Cell(index, BUSY, "cell") for index in range(4)], Limits(30, 30, 4)) as attempt:
        attempt.run()
    assert not any(ran.error for ran in attempt.ran.values())
