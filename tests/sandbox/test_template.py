"""The template process: forks only when that is safe, holds nothing of the judge, and is replaced when it dies."""

import json
import os
import subprocess
import sys

import pytest

from autograder.course.limits import Limits
from autograder.judging.grader import Grader
from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Sandbox, SandboxFault
from autograder.submission.cells import SubmittedCell
from autograder.verdict import Status

LOOK = """
import json, mmap, os, sys, threading
import autograder.sandbox.inside.template as template
found = {"modules": sorted(sys.modules)}
def refused():
    try:
        template.check_fork_safe()
    except template.Unready as error:
        return str(error)
found["alone"] = refused()
over = threading.Event()
thread = threading.Thread(target=over.wait)
thread.start()
found["thread"] = refused()
over.set()
thread.join()
while len(os.listdir("/proc/self/task")) > 1:  # the kernel takes a moment longer
    os.sched_yield()
shared = mmap.mmap(-1, 4096)
found["shared"] = refused()
shared.close()
found["again"] = refused()
print(json.dumps(found))
"""


def test_what_the_course_names_is_imported_before_the_first_submission():
    with Sandbox(imports=["colorsys"]) as sandbox:
        attempt = Attempt(sandbox, [SubmittedCell(0, "import sys; print('colorsys' in sys.modules)", "one")], Limits())
        with attempt:
            attempt.run()
            assert attempt.ran[0].outputs[0]["text"] == "True\n"


def test_what_the_course_names_and_is_not_there_is_named():
    with pytest.raises(SandboxFault, match="no_such_module, which the course names in warm_imports, cannot be"):
        Sandbox(imports=["no_such_module"]).start()


@pytest.fixture(scope="module")
def looked():
    """What a process sees that imports the template's module."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_sandbox_imports_nothing_of_the_judge(looked):
    ours = [name for name in looked["modules"] if name.startswith("autograder")]
    assert "autograder.sandbox.inside.child" in ours
    assert [name for name in ours if not name.startswith("autograder.sandbox")] == ["autograder"]


@pytest.mark.parametrize(
    "name", ["autograder.judging", "autograder.course", "autograder.records", "pytest", "nbgrader"]
)
def test_the_sandbox_does_without(looked, name):
    assert name not in looked["modules"]


def test_one_thread_without_shared_memory_may_fork(looked):
    assert looked["alone"] is None
    assert looked["again"] is None


def test_a_second_thread_must_not_fork(looked):
    assert "2 threads" in looked["thread"]


def test_shared_writable_memory_must_not_fork(looked):
    assert "shared memory" in looked["shared"]


LOOK_AROUND = """
import os, sys
seen = [open('/proc/self/cmdline').read(), str(dict(os.environ))]
def look(*_):
    frame = sys._getframe()
    while frame:
        seen.extend(f"{frame.f_code.co_name} {value!r}" for value in frame.f_locals.values() if value is not seen)
        frame = frame.f_back
get_ipython().events.register('post_run_cell', look)
"""


def test_a_child_is_not_told_where_the_secrets_lie(run):
    _, ran = run(LOOK_AROUND, "print('serve' in str(seen), 'submit' 'ted' in str(seen))")
    assert ran.error is None
    assert ran.outputs[0]["text"] == "True False\n"


def test_nothing_of_the_judge_is_in_a_child(run):
    [ran] = run(
        "import gc, sys, types\n"
        "held = {m.__name__ for m in gc.get_objects() if isinstance(m, types.ModuleType)}\n"
        "names = sorted(held | set(sys.modules))\n"
        "print([n for n in names if n.startswith('autograder') and not n.startswith('autograder.sandbox')"
        " and n != 'autograder'])\n"
        "print([n for n in ('pytest', 'nbgrader', '_pytest') if n in names])"
    )
    assert ran.outputs[0]["text"] == "[]\n[]\n"


def test_no_text_of_a_hidden_test_is_in_a_child(run, assignment):
    sentences = [test.read_text().splitlines()[0].strip('"') for test in sorted(assignment.hidden.glob("test_*.py"))]
    assert len(sentences) >= 5
    reversed_ = [sentence[::-1] for sentence in sentences]  # not to find the question itself
    [ran] = run(
        f"import gc\nwanted = [text[::-1] for text in {reversed_!r}]\n"
        "texts = [o for o in gc.get_objects() if isinstance(o, dict)]\n"
        "found = [w for w in wanted for d in texts for v in list(d.values()) if isinstance(v, str) and w in v "
        "and v is not w and len(v) < 10**6]\nprint(len(found))"
    )
    assert ran.outputs[0]["text"] == "0\n"


def test_libraries_are_warm_in_a_child(run):
    [ran] = run(
        "import sys\nprint([name for name in ('torch', 'numpy', 'matplotlib.pyplot', "
        "'tqdm.auto', 'ipywidgets', 'torch._dynamo') if name not in sys.modules])"
    )
    assert ran.outputs[0]["text"] == "[]\n"


@pytest.mark.parametrize(
    "name",
    [
        "scipy.signal",
        "scipy.fft",
        "tqdm.notebook",
        "ipywidgets",
        "torch.utils.data",
        "matplotlib.animation",
        "PIL.Image",
        "sqlite3",
        "IPython.display",
    ],
)
def test_libraries_that_students_use_can_be_imported(run, name):
    [ran] = run(f"import {name}\nprint('imported')")
    assert ran.outputs[-1].get("text") == "imported\n"


def test_the_sandbox_says_what_it_is(sandbox):
    assert sandbox.facts["python"].split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert sandbox.facts["torch"].startswith("2.")
    assert "rlimits" in sandbox.facts["isolation"]


def test_the_environment_of_the_judge_stays_outside(monkeypatch, run):
    monkeypatch.setenv("OF_THE_JUDGE", "secret")
    [ran] = run("import os\nprint('OF_THE_JUDGE' in os.environ, os.environ['NBGRADER_EXECUTION'])")
    assert ran.outputs[0]["text"] == "False autograde\n"


def test_threads_that_wait_do_not_spin(run):
    """Otherwise a student's two threads take the processor from the graders beside them."""
    (ran,) = run("import os\nprint(os.environ['OMP_WAIT_POLICY'])")
    assert ran.outputs[0]["text"] == "passive\n"


PROFILE = """
import torch
parameter = torch.nn.Parameter(torch.tensor(1.0))
optimiser = torch.optim.SGD([parameter], lr=0.01)
def step():
    optimiser.zero_grad()
    (parameter ** 2).backward()
    optimiser.step()
marks = []
real = torch.ops.profiler._record_function_enter_new
torch.ops.profiler._record_function_enter_new = lambda *name: marks.append(name[0]) or real(*name)
step()
print(marks)
"""


def test_an_optimiser_marks_its_steps_for_a_profiler_only(run):
    *_, ran, profiled = run(
        PROFILE,
        """
with torch.autograd.profiler.profile() as seen:
    step()
print(marks == sorted(mark.key for mark in seen.key_averages() if mark.key.startswith("Optimizer."))[::-1], marks)
""",
    )
    assert ran.outputs[0]["text"] == "[]\n"
    assert profiled.outputs[0]["text"] == "True ['Optimizer.zero_grad#SGD.zero_grad', 'Optimizer.step#SGD.step']\n"


def test_a_template_that_died_is_replaced_and_the_submission_graded(grade, sandbox):
    sandbox._process.kill()
    sandbox._process.wait()
    graded = grade().grade
    assert graded.status is Status.graded
    assert graded.score == 24


def test_a_sandbox_that_cannot_start_is_the_graders_fault(assignment, monkeypatch):
    def refuse(self):
        raise SandboxFault("no walls today")

    monkeypatch.setattr("autograder.sandbox.sandbox.Sandbox.start", refuse)
    with pytest.raises(SandboxFault, match="no walls today"), Grader(assignment, 1):
        pass


def test_a_sandbox_that_dies_again_is_no_grade(assignment, monkeypatch, tmp_path, grade, sandbox):
    def die(self, limits):
        raise SandboxFault("it died")

    monkeypatch.setattr(type(sandbox), "fork", die)
    monkeypatch.setattr(type(sandbox), "restart", lambda self: None)
    graded = grade()
    assert graded.grade.status is Status.grader_error
    assert graded.grade.score is None
    assert graded.grade.reason == "it died"
    assert graded.notebook is None
