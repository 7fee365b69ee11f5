"""Cells run in a real IPython shell, and what they show is kept as notebook outputs, within bounds."""

import base64
import json

import nbformat
import pytest

from autograder.sandbox.inside import shell as shell_module
from autograder.sandbox.inside.shell import Outputs

PNG = b"\x89PNG\r\n\x1a\n"


def text(ran, name="stdout"):
    return "".join(item["text"] for item in ran.outputs if item["output_type"] == "stream" and item["name"] == name)


def results(ran):
    return [item["data"]["text/plain"] for item in ran.outputs if item["output_type"] == "execute_result"]


def rich(ran, mime):
    return [item["data"][mime] for item in ran.outputs if mime in item.get("data", {})]


def kinds(ran):
    return [item["output_type"] for item in ran.outputs]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("%%time\nprint('timed')", "timed"),
        ("%time print('timed')", "Wall time"),
        ("%timeit -n 2 -r 1 sum(range(3))", "per loop"),
        ("%%timeit -n 2 -r 1\nsum(range(3))", "per loop"),
        ("%pwd\nprint('here')", "here"),
        ("%lsmagic\nprint('listed')", "listed"),
        ("x = 3\n%who\nprint('x' in dir())", "True"),
        ("%env LANG\nprint('env')", "env"),
        ("%%writefile part.py\nvalue = 4", "Writing part.py"),
        ("%config InlineBackend.figure_format = 'retina'\nprint('configured')", "configured"),
        ("%load_ext autoreload\n%autoreload 2\nprint('reloading')", "reloading"),
        ("%precision 3\nprint('precise')", "precise"),
    ],
    ids=lambda value: value.split("\n")[0].split()[0],
)
def test_magics_work(run, source, shown):
    [ran] = run(source)
    assert ran.error is None
    assert shown in text(ran)


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "%matplotlib notebook",
        "%matplotlib",
        "name?",
        "len?",
        "len??",
        "?len",
        "torch.nn.L1Loss?",
        "%pdoc len",
        "import pdb",
        "%pylab inline --no-import-all",
    ],
)
def test_magics_that_want_a_screen_or_a_pager_do_no_harm(run, source):
    [ran, after] = run(f"import torch\nname = 3\n{source}", "name + 1")
    assert ran.error is None
    assert results(after) == ["4"]


def test_an_unknown_magic_is_an_error_of_its_cell(run):
    [ran, after] = run("%no_such_magic", "1 + 1")
    assert ran.error == "UsageError"
    assert "no_such_magic" in ran.outputs[-1]["evalue"]
    assert results(after) == ["2"]


def test_top_level_await(run):
    [ran, after] = run(
        "import asyncio\nasync def five():\n    await asyncio.sleep(0)\n    return 5\n\nfound = await five()",
        "print(found); await five()",
    )
    assert ran.error is None
    assert text(after) == "5\n"
    assert results(after) == ["5"]


def test_the_last_expression_is_the_result(run):
    first, second, quiet, last = run("1\n2 + 2", "_ * 10", "99;", "Out")
    assert results(first) == ["4"]
    assert results(second) == ["40"]
    assert quiet.outputs == []
    assert results(last) == ["{1: 4, 2: 40}"]


def test_display_shows_rich_objects(run):
    [ran] = run(
        "from IPython.display import HTML, Markdown, Audio, display\nimport numpy as np\n"
        "display(HTML('<b>bold</b>'), Markdown('*text*'))\ndisplay(Audio(np.zeros(8), rate=8000))\n"
        "display({'plain': 1})"
    )
    assert ran.error is None
    assert rich(ran, "text/html")[0] == "<b>bold</b>"
    assert rich(ran, "text/markdown") == ["*text*"]
    assert "<audio" in rich(ran, "text/html")[1]
    assert rich(ran, "text/plain")[-1] == "{'plain': 1}"


@pytest.mark.parametrize(
    "source",
    [
        "plt.plot([0, 1]); plt.show()",
        "plt.plot([0, 1]);",
        "fig, ax = plt.subplots(); ax.plot([1, 0]); display(fig)",
        "%matplotlib inline\nplt.hist([1, 2, 2]); plt.show()",
    ],
)
def test_figures_are_png_outputs(run, source):
    [ran] = run(
        f"import matplotlib.pyplot as plt\n{source}"
        if "%" not in source
        else source.replace("\n", "\nimport matplotlib.pyplot as plt\n", 1)
    )
    assert ran.error is None
    figures = rich(ran, "image/png")
    assert len(figures) >= 1
    assert base64.b64decode(figures[0]).startswith(PNG)


def test_a_figure_belongs_to_the_cell_that_drew_it(run):
    drew, after = run("import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.show()", "print('nothing drawn')")
    assert len(rich(drew, "image/png")) == 1
    assert kinds(after) == ["stream"]


def test_a_figure_can_be_saved(run):
    [ran] = run(
        "import matplotlib.pyplot as plt, os\nplt.plot([0, 1]); plt.savefig('f.png'); plt.close()\n"
        "print(os.path.getsize('f.png') > 100)"
    )
    assert text(ran) == "True\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("missing_name", "NameError"),
        ("def f(:\n  pass", "SyntaxError"),
        ("  x = 1\n y = 2", "IndentationError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('odd')", "BaseException"),
        ("raise ExceptionGroup('two', [ValueError(1), TypeError(2)])", "ExceptionGroup"),
        ("def down(n):\n    return down(n + 1)\ndown(0)", "RecursionError"),
    ],
)
def test_an_error_is_an_output_and_the_next_cell_runs(run, source, name):
    ran, after = run(source, "6 * 7")
    assert ran.error == name
    assert not ran.lost
    assert ran.outputs[-1]["traceback"]
    assert results(after) == ["42"]


def test_an_error_without_a_readable_message_is_an_error_still(run):
    ran, after = run("class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute", "6 * 7")
    assert ran.error is not None
    assert results(after) == ["42"]


def test_the_working_folder_may_be_gone(run):
    left, ran, wrong = run("import os\nos.mkdir('gone')\nos.chdir('gone')\nos.rmdir('../gone')", "6 * 7", "1 / 0")
    assert left.error is None
    assert results(ran) == ["42"]
    assert wrong.error == "ZeroDivisionError"


def test_a_traceback_is_worked_out_once(run):
    """It takes longer than most cells."""
    _, after = run(
        "class Seen(Exception):\n    times = 0\n    def _render_traceback_(self):\n"
        "        Seen.times += 1\n        return ['as it likes']\nraise Seen",
        "Seen.times",
    )
    assert results(after) == ["1"]


def test_what_was_printed_before_an_error_is_kept(run):
    [ran] = run("print('so far')\nraise ValueError('no further')")
    assert kinds(ran) == ["stream", "error"]
    assert text(ran) == "so far\n"
    assert ran.outputs[-1]["evalue"] == "no further"
    assert "ValueError" in "".join(ran.outputs[-1]["traceback"])


@pytest.mark.parametrize(
    "source",
    [
        "!echo loud > made.txt",
        "out = !echo loud > made.txt",
        "%sx echo loud > made.txt",
        "%%bash\necho loud > made.txt",
        "%%sh\necho loud > made.txt",
        "%system echo loud > made.txt",
        "!pip install nothing",
        "%pip install nothing",
        "import os; os.system('echo loud > made.txt')",
    ],
)
def test_other_programs_do_not_run(run, source):
    ran, after = run(source, "import os\nprint(os.path.exists('made.txt'), 'still here')")
    assert not ran.lost
    assert text(after) == "False still here\n"


@pytest.mark.parametrize(
    "source",
    [
        "!ls",
        "files = !ls\nassert files == []",
        "!pip install auraloss",
        "%conda install -y torch",
        "%mamba install torch",
    ],
)
def test_a_shell_command_is_refused_in_words_and_raises_nothing(run, source):
    [ran] = run(source)
    assert ran.error is None
    assert "cannot be run while a notebook is graded" in text(ran, "stderr")


def test_capture_keeps_output_from_the_notebook(run):
    ran, after = run(
        "%%capture kept\nprint('caught')\nimport sys\nprint('too', file=sys.stderr)\n",
        "print(repr(kept.stdout), repr(kept.stderr))",
    )
    assert ran.outputs == []
    assert text(after) == "'caught\\n' 'too\\n'\n"


def test_capture_of_figures_and_displays(run):
    ran, after = run("%%capture kept\nfrom IPython.display import display\ndisplay('shown')", "len(kept.outputs)")
    assert ran.outputs == []
    assert results(after) == ["1"]


@pytest.mark.parametrize("source", ["input()", "input('your name? ')", "import getpass; getpass.getpass()"])
def test_input_is_an_error_that_can_be_read(run, source):
    ran, after = run(source, "1 + 1")
    assert ran.error is not None
    assert not ran.lost
    assert "input" in ran.outputs[-1]["evalue"].lower()
    assert results(after) == ["2"]


@pytest.mark.parametrize(
    "source", ["import sys; sys.exit()", "exit()", "quit()", "raise SystemExit(3)", "exit", "quit"]
)
def test_a_polite_exit_ends_nothing_but_its_cell(run, source):
    kept, ran, after = run("kept = 8", f"print('leaving')\n{source}", "kept")
    assert kept.error is None
    assert not ran.lost
    assert results(after) == ["8"]


def test_a_warning_goes_to_stderr_and_is_no_error(run):
    [ran] = run("import warnings\nwarnings.warn('careful')\nprint('done')")
    assert ran.error is None
    assert "careful" in text(ran, "stderr")
    assert text(ran) == "done\n"


def test_stdout_and_stderr_keep_their_order(run):
    [ran] = run("import sys\nfor n in range(2):\n    print('out', n)\n    print('err', n, file=sys.stderr)")
    assert [(item["name"], item["text"]) for item in ran.outputs] == [
        ("stdout", "out 0\n"),
        ("stderr", "err 0\n"),
        ("stdout", "out 1\n"),
        ("stderr", "err 1\n"),
    ]


def test_text_that_follows_text_joins_it(run):
    [ran] = run("for n in range(300):\n    print(n)")
    assert kinds(ran) == ["stream"]
    assert text(ran).splitlines() == [str(n) for n in range(300)]


@pytest.mark.parametrize(
    "source",
    [
        "from tqdm import tqdm\nfor n in tqdm(range(5)):\n    pass",
        "from tqdm.auto import tqdm\nfor n in tqdm(range(5)):\n    pass",
        "from tqdm.notebook import tqdm\nfor n in tqdm(range(5)):\n    pass",
        "from tqdm import trange\nfor n in trange(5):\n    pass",
    ],
)
def test_progress_bars_work(run, source):
    ran, after = run(f"{source}\nprint('through', n)", "n")
    assert ran.error is None
    assert "through 4\n" in text(ran)
    assert results(after) == ["4"]


def test_widgets_can_be_made_and_shown(run):
    [ran] = run("import ipywidgets\nslider = ipywidgets.FloatSlider(value=0.5)\ndisplay(slider)\nprint(slider.value)")
    assert ran.error is None
    assert text(ran) == "0.5\n"


def test_clear_output_removes_what_was_shown(run):
    [ran] = run("from IPython.display import clear_output\nprint('old')\nclear_output()\nprint('new')")
    assert text(ran) == "new\n"


def test_clear_output_that_waits_ends_with_the_last_frame(run):
    [ran] = run(
        "from IPython.display import clear_output\nfor n in range(3):\n    clear_output(wait=True)\n    print(n)"
    )
    assert text(ran) == "2\n"


def test_updated_displays_do_no_harm(run):
    [ran] = run("shown = display('one', display_id=True)\nshown.update('two')\nprint('done')")
    assert ran.error is None
    assert "done" in text(ran)


def test_long_text_is_cut(run):
    [ran, after] = run("while_text = 'x' * 1000\nfor n in range(500):\n    print(while_text)", "print('short')")
    assert ran.error is None
    assert len(text(ran)) <= shell_module.TEXT_CAP + len(shell_module.CUT)
    assert text(ran).endswith(shell_module.CUT)
    assert text(after) == "short\n"


def test_many_outputs_are_cut(run):
    [ran] = run("import sys\nfor n in range(500):\n    print(n)\n    print(n, file=sys.stderr)")
    assert len(ran.outputs) == shell_module.OUTPUTS_CAP


def test_an_error_is_shown_even_when_the_outputs_are_full(run):
    [ran] = run(
        "import sys\nfor n in range(500):\n    print(n)\n    print(n, file=sys.stderr)\nraise ValueError('late')"
    )
    assert ran.error == "ValueError"


def test_large_figures_are_cut(run):
    [ran] = run(
        "from IPython.display import HTML, display\ndisplay(HTML('small'))\n"
        "for _ in range(3):\n    display(HTML('x' * 3_000_000))"
    )
    shown = rich(ran, "text/html")
    assert shown[0] == "small"
    assert sum(map(len, shown)) <= shell_module.RICH_CAP
    assert len(rich(ran, "text/plain")) == 4


def test_a_result_that_cannot_be_shown_is_an_error_of_its_cell(run):
    ran, after = run("class Odd:\n    def __repr__(self):\n        raise ValueError('no')\nOdd()", "1")
    assert not ran.lost
    assert results(after) == ["1"]


def test_a_result_with_odd_data_costs_nothing_else(run):
    ran, after = run(
        "class Odd:\n    def _repr_mimebundle_(self, **kw):\n        return {'text/plain': float('nan'), "
        "'x': {1, 2}}\nOdd()\n",
        "1",
    )
    assert not ran.lost
    assert results(after) == ["1"]


def test_every_output_is_a_notebook_output(run):
    everything = run(
        "print(1)",
        "1 + 1",
        "1 / 0",
        "display('x')",
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
        "def f(:",
        "%nope",
        "import sys; print(2, file=sys.stderr); sys.exit(2)",
    )
    for ran in everything:
        for item in ran.outputs:
            node = nbformat.from_dict(item)
            nbformat.v4.nbbase.validate(node, node.output_type)


def test_classes_of_the_notebook_live_in_main(run):
    [ran] = run(
        "import pickle\nclass Kept:\n    pass\nprint(Kept.__module__, type(pickle.loads(pickle.dumps(Kept()))) "
        "is Kept, __name__)"
    )
    assert text(ran) == "__main__ True __main__\n"


def test_the_cell_number_goes_up(run):
    first, second = run("In[1]", "len(In)")
    assert results(first) == ["'In[1]'"]
    assert results(second) == ["3"]


def test_nothing_is_defined_at_first(run):
    [ran] = run("print([name for name in dir() if not name.startswith('_')])")
    assert text(ran) == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']\n"


def test_outputs_hold_text_within_their_cap():
    outputs = Outputs(text=10, rich=50)
    outputs.stream("stdout", "12345")
    outputs.stream("stdout", "6789012345")
    outputs.stream("stderr", "more")
    assert outputs.items == [{"output_type": "stream", "name": "stdout", "text": "1234567890" + shell_module.CUT}]


def test_outputs_hold_rich_content_within_their_cap():
    outputs = Outputs(text=10, rich=50)
    outputs.rich("display_data", {"text/html": "x" * 10}, {"kept": True})
    outputs.rich("display_data", {"text/html": "x" * 100}, {"kept": True})
    small, large = outputs.items
    assert small["data"] == {"text/html": "x" * 10}
    assert small["metadata"] == {"kept": True}
    assert large["data"] == {"text/plain": shell_module.CUT.strip()}
    assert json.dumps(outputs.items)


BEFORE = "import sys, torch\nprint(type(sys.modules['torch._dynamo']).__name__)\n"
TRAINED = """weight = torch.nn.Parameter(torch.ones(2))
optimiser = torch.optim.SGD([weight], lr=0.1)
optimiser.zero_grad()
(weight * 2).sum().backward()
optimiser.step()
print(weight.tolist())
print(type(sys.modules["torch._dynamo"]).__name__)
"""


def test_optimisers_work_without_the_compilers_front_end(run):
    [ran] = run(BEFORE + TRAINED)
    assert ran.error is None
    assert text(ran) == "Dynamo\n[0.800000011920929, 0.800000011920929]\nDynamo\n"


@pytest.mark.parametrize(
    "source",
    [
        "import torch._dynamo.config\nprint(torch._dynamo.config.verbose)",
        "from torch._dynamo.utils import counters\nprint(not counters)",
        "from torch import _dynamo\nprint(_dynamo.is_compiling())",
        "print(torch.compiler.is_compiling(), torch._dynamo.list_backends() is not None)",
        "model = torch.compile(torch.nn.Linear(1, 1))\nprint(type(model).__name__, len(model.state_dict()))",
        "@torch.compile\ndef twice(x):\n    return 2 * x\nprint(twice(torch.ones(1)).item())",
        "@torch.compiler.disable\ndef twice(x):\n    return 2 * x\nprint(twice(torch.ones(1)).item())",
        "print(torch.func.vmap(lambda x: 2 * x)(torch.ones(2)).sum().item())",
        "print(torch.func.grad(lambda x: x**2)(torch.tensor(3.0)).item())",
        "from torch.utils.checkpoint import checkpoint\nx = torch.ones(1, requires_grad=True)\n"
        "checkpoint(torch.sin, x, use_reentrant=False).backward()\nprint(x.grad.shape)",
        "import inspect\nprint(inspect.getmodule(torch.nn.Linear).__name__)",
    ],
)
def test_the_compilers_front_end_is_there_for_who_asks(run, source):
    [ran] = run(BEFORE + source + "\n" + TRAINED)
    assert ran.error is None, ran.outputs
    assert "[0.800000011920929, 0.800000011920929]" in text(ran)
