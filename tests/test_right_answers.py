"""What stands in a notebook beside a right answer costs no point."""

import copy
import json

import nbformat
import pytest
from conftest import NAME, PATIENT, content

HANG = "while True:\n    pass"


@pytest.fixture
def changed(assignment):
    """changed({grade_id: text}, **cells): the reference with these texts in locked cells, and cells replaced."""

    def changed(texts, **cells):
        notebook = content(assignment, cells)
        for cell in notebook.cells:
            cell.source = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        return notebook

    return changed


def released(assignment, name):
    return assignment.cells[name].source


def output(graded, name):
    """What the student's version of a locked cell printed."""
    cells = graded.notebook.cells
    at = next(at for at, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == name)
    return json.dumps(cells[at - 1].outputs)


# What a student adds to a locked cell

USES = {
    "fit_gain": """def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer, gains = SGD(model.parameters(), lr=lr), []
    for _ in range(n_iter):
        gains.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return gains
""",
    "linear_gain": """class LinearGain(nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = as_parameter(gain)

    def forward(self, x):
        return self.gain * x
""",
}
IMPORTS = "import torch.nn as nn\nfrom torch.optim import SGD\n"
HELPER = "def as_parameter(number):\n    return nn.Parameter(torch.tensor(float(number)))\n"


@pytest.mark.parametrize("where", ["above", "below", "instead"])
def test_imports_and_helpers_in_the_locked_set_up_count(grade, changed, assignment, where):
    setup = released(assignment, "setup")
    added = "import torch\n" + IMPORTS + HELPER
    text = {"above": f"{added}\n{setup}", "below": f"{setup}\n{added}", "instead": added}[where]
    graded = grade(changed({"setup": text}, **USES)).grade
    assert graded.score == 24
    assert "locked cell restored: setup" in graded.flags
    assert "student's version of a locked cell kept above it: setup" in graded.flags


@pytest.mark.parametrize("cell", ["helpers", "plot_pair", "test_linear_gain"])
def test_so_does_a_helper_in_any_locked_cell_that_stands_above_its_use(grade, changed, assignment, cell):
    used = {"fit_gain": USES["fit_gain"]}
    text = released(assignment, cell) + f"\n{IMPORTS}"
    assert grade(changed({cell: text}, **used)).grade.score == 24


@pytest.mark.parametrize("cell", ["setup", "helpers", "test_linear_gain", "test_recover_gain", "plot_pair"])
@pytest.mark.parametrize(
    "text",
    [
        "raise RuntimeError('no')",
        "fit_gain = LinearGain = SpectralLoss = loss_landscape = estimate_gain_l1 = None",
        "import os\nos._exit(0)",
        "not python",
        "torch = np = plt = None\nsr, true_gain, orig_audio = 0, 5, 'nothing'",
        "%reset -f",
        "del LinearGain, torch",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(2**22))",
        "import torch\ntorch.set_grad_enabled(False)\n1 / 0",
    ],
    ids=["raises", "rebinds", "exits", "no Python", "rebinds ours", "resets", "deletes", "eats memory", "sets"],
)
def test_a_locked_cell_changed_into_anything_costs_no_more_than_before(grade, changed, cell, text):
    if "set_grad" in text and cell in ("setup", "helpers"):
        return  # the student's own notebook computes no gradients: that is the answer
    assert grade(changed({cell: text}), cell=5, question=5).grade.score == 24


def test_locked_cells_that_hang_take_no_time_from_the_rest(grade, changed, assignment):
    names = [name for name in assignment.cells if name.startswith(("test_", "plot_"))]
    graded = grade(changed(dict.fromkeys(names, HANG)), cell=2, question=5, submission=12)
    assert graded.grade.score == 24


def test_the_version_runs_just_above_the_restored_cell_and_shows_its_outputs(grade, changed, assignment):
    text = released(assignment, "test_fit_gain") + "\nprint('my own line', fit_gain.__name__)"
    graded = grade(changed({"test_fit_gain": text}))
    assert "my own line fit_gain" in output(graded, "test_fit_gain")
    assert graded.grade.score == 24


def test_a_version_that_was_moved_with_its_cell_stays_above_it(grade, changed, assignment):
    notebook = changed({"setup": released(assignment, "setup") + "\nfreq = 1\nadded = 3\nprint('version')"})
    cells = notebook.cells
    cells.append(cells.pop(next(at for at, cell in enumerate(cells) if "print('version')" in cell.source)))
    cells.append(nbformat.v4.new_code_cell("print(freq + added)"))
    graded = grade(notebook)
    assert graded.grade.score == 24
    assert graded.notebook.cells[-1].outputs[0].text == "303\n"


def test_an_unchanged_locked_cell_runs_once(grade, assignment):
    notebook = content(assignment, None)
    graded = grade(copy.deepcopy(notebook))
    assert len(graded.notebook.cells) == len(notebook.cells)
    assert graded.grade.flags == ()


# What a later cell does to the whole process

LEFT_BEHIND = {
    "gradients": "torch.set_grad_enabled(False)",
    "gradients entered": "torch.no_grad().__enter__()",
    "inference": "torch.inference_mode().__enter__()",
    "dtype": "torch.set_default_dtype(torch.float16)",
    "device": "torch.set_default_device('meta')",
    "device entered": "torch.device('meta').__enter__()",
    "autocast": "torch.autocast('cpu', dtype=torch.bfloat16).__enter__()",
    "determinism": "torch.use_deterministic_algorithms(True)",
    "anomaly": "torch.autograd.set_detect_anomaly(True)",
    "hooks": "torch.nn.modules.module.register_module_forward_hook(lambda module, given, result: result * 0)",
    "optimiser hooks": "from torch.optim.optimizer import register_optimizer_step_pre_hook\n"
    "def refuse(*_):\n    raise RuntimeError('no steps any more')\n"
    "register_optimizer_step_pre_hook(refuse)",
    "conversion": "torch.__future__.set_swap_module_params_on_conversion(True)",
    "threads": "torch.set_num_threads(4)",
    "denormal numbers": "torch.set_flush_denormal(True)",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "numpy": "np.seterr(all='raise')",
    "folder": "import os\nos.chdir('/')",
    "folder gone": "import os, tempfile\nd = tempfile.mkdtemp()\nos.chdir(d)\nos.rmdir(d)",
    "alarm": "import signal\ndef ring(*_):\n    raise TimeoutError('slow')\n"
    "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)",
    "alarm without an answer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.2)",
    "closed output": "import sys\nsys.stdout = open('log.txt', 'w')\nsys.stdout.close()\nsys.stderr = sys.stdout",
    "recursion": "import sys\nsys.setrecursionlimit(60)",
    "trace": "import sys\ndef refuse(*_):\n    raise RuntimeError('traced')\nsys.setprofile(refuse)",
    "path": "import sys\nsys.path.clear()",
    "environment": "import os\nos.environ.clear()",
    "digits": "import decimal\ndecimal.getcontext().prec = 1",
    "files": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(7)[1]))",
}
# It asks more of the process than the reference does: it prints, reads the folder, opens a file, warns, counts.
DEMANDING = {
    "linear_gain": """
import decimal, os, sys, warnings, logging

class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))
        self.register_buffer("extra", torch.zeros(3))

    def forward(self, x):
        print("called", end="")
        warnings.warn("a warning of the student's own")
        with open("notes.txt", "a") as notes:
            notes.write(os.environ["HOME"])
        assert os.listdir("."), "the folder of the notebook"
        import colorsys
        assert decimal.Decimal(1) / 3 > decimal.Decimal("0.33")
        assert 5e-324 * float(len(sys.argv) * 0 + 1) != 0
        np.ones(1) / np.zeros(1)
        def deep(n):
            return n and deep(n - 1)
        deep(200)
        return self.gain * x
"""
}


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_questions_are_asked_under_the_settings_of_the_check_cell(grade, left):
    graded = grade({**DEMANDING, "after polarity_explained": LEFT_BEHIND[left]}).grade
    assert {name: exercise.score for name, exercise in graded.exercises.items()} == {
        "test_linear_gain": 5,
        "test_fit_gain": 6,
        "test_phase_shift": 4,
        "test_spectral_loss": 5,
        "test_recover_gain": 4,
    }


def test_a_setting_that_the_answer_needs_is_in_force_where_it_stood_above_the_check(grade):
    needs = ("import sys\nsys.setrecursionlimit(5000)\n" + DEMANDING["linear_gain"]).replace("deep(200)", "deep(3000)")
    assert grade({"linear_gain": needs}).grade.score == 24
    assert grade({"linear_gain": needs, "after polarity_explained": "sys.setrecursionlimit(300)"}).grade.score == 24


def test_a_check_cell_that_hangs_leaves_its_settings_too(attempt, sandbox):
    from autograder.course.limits import Limits
    from autograder.sandbox.attempt import Attempt
    from autograder.submission.cells import SubmittedCell as Cell

    cells = [
        Cell(0, "import torch\ndef part():\n    return float(torch.is_grad_enabled())", "part"),
        Cell(1, HANG, "test_it", own=False, checks="test_it"),
        Cell(2, "torch.set_grad_enabled(False)", "last"),
    ]
    with Attempt(sandbox, cells, Limits(**{**vars(PATIENT), "cell": 0.5})) as begun:
        begun.run()
        probe = "def call(notebook):\n    return {'on': notebook['part']()}"
        assert begun.ask("test_it", probe, "call", {}, {})[1]["on"] == 1
        assert begun.ask("test_other", probe, "call", {}, {})[1]["on"] == 1  # left as the last question had it


def test_random_numbers_of_an_exercise_do_not_depend_on_other_exercises(sandbox):
    from autograder.sandbox.attempt import Attempt
    from autograder.submission.cells import SubmittedCell as Cell

    cells = [
        Cell(
            0,
            "import torch, random, numpy as np\ndef part():\n"
            "    return torch.rand(1).item() + random.random() + np.random.rand()",
            "part",
        ),
        Cell(1, "", "test_one", own=False, checks="test_one"),
        Cell(2, "torch.rand(9)", "own"),
        Cell(3, "", "test_two", own=False, checks="test_two"),
        Cell(4, "torch.manual_seed(7)", "last"),
    ]
    probe = "def call(notebook):\n    return {'number': notebook['part']()}"

    def drawn(*exercises):
        with Attempt(sandbox, cells, PATIENT) as begun:
            begun.run()
            return [float(begun.ask(exercise, probe, "call", {}, {})[1]["number"]) for exercise in exercises]

    first, second = drawn("test_one"), drawn("test_two")
    assert drawn("test_one", "test_two") == first + second
    assert drawn("test_two", "test_one") == second + first
    assert len({*drawn("test_one", "test_one"), *second}) == 3


def test_a_grade_names_what_was_kept(course, changed, assignment):
    text = released(assignment, "setup") + "\n" + IMPORTS + HELPER
    course.hand_in("student-01", changed({"setup": text}, **USES))
    done = course.run("autograder", "grade", NAME, "--workers", "1")
    assert done.returncode == 0, done.stderr
    result = course.result("student-01")
    assert result["score"] == 24
    assert "student's version of a locked cell kept above it: setup" in result["flags"]
    done = course.run("nbgrader", "autograde", NAME, "--create", "--force")
    assert done.returncode == 0, done.stderr
    again = course.result("student-01")
    assert (again["score"], again["flags"]) == (24, result["flags"])


# What works in a Jupyter kernel

GAIN = """class LinearGain(torch.nn.Module):
    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(float(gain)))

    {decorator}def forward(self, x):
        return self.gain * x
"""
KERNEL = {
    "widget": "%matplotlib widget\n",
    "qt": "%matplotlib qt5\n",
    "tk": "%matplotlib tk\n",
    "osx": "%matplotlib osx\n",
    "ipympl": "%matplotlib ipympl\n",
    "auto": "%matplotlib auto\n",
    "notebook": "%matplotlib notebook\n",
    "use": "import matplotlib\nmatplotlib.use('TkAgg')\nplt.figure(); plt.show()\n",
    "use qt": "import matplotlib\nmatplotlib.use('QtAgg', force=True)\n",
    "use widget": "import matplotlib\nmatplotlib.use('module://ipympl.backend_nbagg')\n",
    "switch": "plt.switch_backend('macosx')\nplt.plot([1]); plt.show()\n",
    "parameter": "import matplotlib\nmatplotlib.rcParams['backend'] = 'widget'\nplt.plot([1]); plt.show()\n",
    "interactive": "plt.ion()\nplt.plot([1]); plt.pause(0.01)\nplt.show(block=False)\n",
    "both": "%matplotlib inline\n%matplotlib widget\n%matplotlib qt\n%matplotlib tk\n",
    "faulthandler": "import faulthandler\nfaulthandler.enable()\n",
    "fileno": "import sys, os\nos.write(sys.stdout.fileno(), b'x'); os.fsync\nsys.stderr.fileno()\n",
    "text stream": "import io, sys\nassert isinstance(sys.stdout, io.TextIOBase) and sys.stdout.name == 'stdout'\n",
    "task": "import asyncio\nasync def work():\n    return 3\ntask = asyncio.create_task(work())\n",
    "running loop": "import asyncio\nloop = asyncio.get_running_loop()\nassert loop.is_running()\n",
    "get loop": "import asyncio\nloop = asyncio.get_event_loop()\ndone = loop.create_task(asyncio.sleep(0))\n",
    "ensure future": "import asyncio\nasyncio.ensure_future(asyncio.sleep(0))\n",
}


@pytest.mark.parametrize("lines", KERNEL.values(), ids=list(KERNEL))
def test_what_a_jupyter_kernel_takes_costs_nothing(grade, lines):
    assert grade({"linear_gain": lines + GAIN.format(decorator="")}).grade.score == 24


@pytest.mark.parametrize(
    "decorator",
    [
        "@torch.compile\n    ",
        "@torch.compile(mode='reduce-overhead')\n    ",
        "@torch.compile(backend='inductor', fullgraph=True)\n    ",
    ],
)
def test_compiled_code_runs_eagerly(grade, decorator):
    graded = grade({"linear_gain": GAIN.format(decorator=decorator)}).grade
    assert graded.score == 24
    assert graded.seconds < 10


def test_compiled_modules_and_functions_are_what_they_are_in_torch(run):
    [ran] = run(
        "import torch, copy\nmodule = torch.nn.Linear(2, 1)\nfast = torch.compile(module, dynamic=True)\n"
        "x = torch.ones(3, 2)\nassert torch.equal(fast(x), module(x))\nassert fast._orig_mod is module\n"
        "assert list(fast.state_dict()) == ['_orig_mod.weight', '_orig_mod.bias']\n"
        "fast(x).sum().backward()\nassert module.weight.grad is not None\n"
        "assert fast.eval().training is False\n"
        "double = torch.compile(lambda x: 2 * x)\nassert double(3) == 6\nmodule.compile()\nmodule(x)\n"
        "copy.deepcopy(module)\nprint('done')"
    )
    assert ran.error is None, ran.outputs


def test_workers_of_a_data_loader_load_here(run):
    [ran] = run(
        "import torch\nfrom torch.utils.data import DataLoader, IterableDataset, TensorDataset, get_worker_info\n"
        "def lists(batches):\n    return [batch.tolist() for batch in batches]\n"
        "x = torch.arange(5.0)\nassert lists(DataLoader(x, 2, num_workers=2)) == [[0, 1], [2, 3], [4]]\n"
        "fast = DataLoader(TensorDataset(x), batch_size=5, num_workers=4, persistent_workers=True, timeout=9,\n"
        "                  prefetch_factor=2, multiprocessing_context='spawn')\n"
        "assert all(torch.equal(batch, x) for _ in range(2) for [batch] in fast)\n"
        "class Count(IterableDataset):\n    def __iter__(self):\n        return iter(range(3))\n"
        "assert lists(DataLoader(Count(), num_workers=1)) == [[0], [1], [2]]\n"
        "class Own(DataLoader):\n    def __init__(self, data):\n        super().__init__(data, num_workers=1)\n"
        "assert len(Own(x)) == len(list(Own(x))) == 5\nprint('done')"
    )
    assert ran.error is None, ran.outputs


def test_a_task_goes_on_between_cells(run):
    *_, last = run(
        "import asyncio\nfound = []\nasync def work():\n    await asyncio.sleep(0.01)\n    found.append(1)\n"
        "task = asyncio.create_task(work())",
        "print(found)",
        "await task\nprint(task.done(), found)",
        "import numpy as np\nawait asyncio.sleep(0)\nold = np.seterr(all='raise')",
        "print(np.geterr()['over'])",
    )
    assert last.outputs[0]["text"] == "raise\n"


def test_a_task_that_never_ends_costs_no_time(run):
    ran = run(
        "import asyncio\nasync def tick():\n    while True:\n        await asyncio.sleep(0.01)\n"
        "task = asyncio.create_task(tick())",
        *["1 + 1"] * 60,
    )
    assert sum(each.seconds for each in ran) < 5
    assert ran[-1].error is None


def test_a_loop_cannot_be_closed_or_run_by_a_cell(run):
    *_, last = run(
        "import asyncio\nloop = asyncio.get_event_loop()\nloop.close()",
        "loop.run_until_complete(asyncio.sleep(0))",
        "await asyncio.sleep(0)\nprint('on')",
    )
    assert last.outputs[0]["text"] == "on\n"


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ('print(f"{"a"}")\n', "3.12"),
        ("type Number = int | float\n", "3.12"),
        ("from itertools import batched\n", "3.12"),
        ('%matplotlib inline\nt"{3}"\n', "3.14"),
    ],
)
def test_a_hint_says_that_a_newer_python_would_accept_it(grade, source, version):
    graded = grade({"linear_gain": source + GAIN.format(decorator="")}).grade
    hints = " ".join(check.hint or "" for check in graded.exercises["test_linear_gain"].checks)
    assert f"Python {version} accepts what stands there, and Python 3.11 grades." in hints


def test_a_hint_names_the_module_that_is_not_there(grade):
    graded = grade({"linear_gain": "from my_parts import LinearGain\n"}).grade
    hint = graded.exercises["test_linear_gain"].checks[0].hint
    assert "cell linear_gain stopped with ModuleNotFoundError: there is no module my_parts where it" in hint
    assert "the notebook counts alone, without other files." in hint


@pytest.mark.parametrize(
    "last",
    [
        "%reset -f",
        "del LinearGain, fit_gain, SpectralLoss",
        "globals().clear()",
        "get_ipython().reset(new_session=False)",
        "%reset_selective -f Gain",
    ],
)
def test_a_hint_says_that_a_part_was_removed_later(grade, assignment, last):
    notebook = content(assignment, None)
    notebook.cells.append(nbformat.v4.new_code_cell(last))
    graded = grade(notebook).grade
    hint = graded.exercises["test_linear_gain"].checks[0].hint
    assert hint.startswith("LinearGain was defined in the notebook, and the cell number ")
    assert f"(“{last[:40]}”) removed it again." in hint
