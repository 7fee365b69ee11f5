"""Runs what notebooks are full of through a Jupyter kernel and through the kit, and names every difference.

    python benchmarks/idioms.py

An idiom differs where it is an error in one of the two only, or another error. `WALLS` are those that differ for a
reason: no other program, no network, no file outside. Exit code 1 where another one differs.
"""

from __future__ import annotations

import queue
import sys
import time
from typing import Any

from jupyter_client.manager import start_new_kernel

from autograder.sandbox.attempt import Attempt
from autograder.sandbox.sandbox import Limits, Sandbox
from autograder.submission.cells import SubmittedCell

SETUP = "import numpy as np, torch, matplotlib, matplotlib.pyplot as plt\n%matplotlib inline\n"
WALLS = {
    "!echo hi": "no other program",
    "import subprocess; subprocess.run(['true'])": "no other program",
    "%%bash\necho hi": "no other program",
    "%%sh\necho hi": "no other program",
    "import os; assert os.system('true') == 0": "no other program",
    "x = !ls\nassert x is not None": "",
    "from multiprocessing import Pool\nwith Pool(1) as p: pass": "no other process",
    "import socket; socket.socket()": "no network",
    "open('/etc/passwd').read()": "no file outside",
    "from torch.utils.data import DataLoader\nlist(DataLoader(range(4), num_workers=1))": "no other process",
    "%%writefile /tmp/elsewhere.txt\nx": "no file outside",
    "%%script bash\necho hi": "no other program",
    "import asyncio\nawait asyncio.create_subprocess_exec('true')": "no other program",
    "import getpass; getpass.getuser()": "",
    "%%perl\nprint 1": "no other program",
    "%%python\nprint(1)": "no other program",
    "import os; os.nice(0)": "no other priority",
    "torch.from_numpy(np.zeros(3)).share_memory_()": "no shared memory",
    "%store": "nothing is kept",
    "input('?')": "no input, by another name",
    "import getpass; getpass.getpass()": "no input, by another name",
    "import os; os.get_terminal_size()": "no terminal, by another name",
    "%%no_such\nx": "a kernel prints it as text",
}
IDIOMS = [
    *WALLS,
    *"""
%matplotlib inline
%matplotlib notebook
%config InlineBackend.figure_format = 'retina'
%config InlineBackend.figure_formats = ['svg', 'png']
%config InlineBackend.rc = {'figure.figsize': (4, 3)}
%config Completer.use_jedi = False
%config IPCompleter.greedy = True
%load_ext autoreload
%reload_ext autoreload
%autoreload 2
%load_ext no_such_extension
%precision 4
%who
%whos
%pwd
%cd .
%time sum(range(10))
%timeit -n1 -r1 pass
%lsmagic
%magic
%quickref
%history
%hist -n
%env
%env SOME=thing
%set_env OTHER=thing
%xmode Verbose
%xmode Context
%pdb off
%pprint
%colors NoColor
%alias
%automagic
%autocall 0
%logstop
%rehashx
%page 3
%pinfo len
%psource torch.nn.Linear
%doctest_mode
%prun -q sum(range(10))
%gui
%pylab inline
%recall
%unload_ext autoreload
%dhist
%load nothing.py
%run nothing.py
%system echo
%sx echo
len?
?len
torch.nn.Linear??
import asyncio; asyncio.get_running_loop()
import asyncio; asyncio.get_event_loop().is_running() or 1/0
import asyncio; t = asyncio.create_task(asyncio.sleep(0))
import asyncio; asyncio.run(asyncio.sleep(0))
import asyncio; asyncio.get_event_loop().run_until_complete(asyncio.sleep(0))
import asyncio; await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
import asyncio; await asyncio.to_thread(print, 1)
import asyncio; await asyncio.wait_for(asyncio.sleep(0), 1)
import asyncio; asyncio.current_task()
import asyncio; asyncio.get_event_loop().call_soon(print, 1)
import asyncio; f = asyncio.get_event_loop().run_in_executor(None, print, 1)
import asyncio; asyncio.Lock(); asyncio.Queue(); asyncio.Event()
import nest_asyncio
import sys; sys.stdout.fileno()
import sys; sys.stderr.fileno()
import sys; sys.stdout.flush(); sys.stdout.isatty()
import sys; sys.stdout.buffer
import sys; sys.stdout.encoding
import sys; sys.stdout.reconfigure(encoding='utf-8')
import sys; sys.stdout.name
import sys; sys.stdout.parent_header
import sys; sys.stdout.errors
import sys; sys.stdout.mode
import sys; sys.stdout.newlines
import sys; sys.stdout.line_buffering
import sys; sys.stdout.closed
import sys; sys.stdout.readable() or sys.stdout.seekable()
import sys; sys.stdout.truncate()
import sys; sys.stdout.tell()
import sys; sys.stdout.detach()
import sys; sys.stdin.fileno()
import sys; sys.__stdout__.write('x')
import sys; sys.argv[1:]
import sys; sys.ps1
import sys; sys.displayhook(3)
import sys; sys.exit()
import sys; sys.exit(1)
import sys; sys.setrecursionlimit(5000)
import sys; sys.getsizeof(3); sys.path; sys.modules['__main__']
import faulthandler; faulthandler.enable()
import faulthandler; faulthandler.disable()
import faulthandler; faulthandler.dump_traceback_later(100); faulthandler.cancel_dump_traceback_later()
import logging; logging.basicConfig(level=logging.INFO); logging.info('x')
import logging; logging.getLogger().addHandler(logging.StreamHandler())
import warnings; warnings.warn('x')
import warnings; warnings.filterwarnings('ignore')
get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().magic('pwd')
get_ipython().run_cell('1 + 1')
get_ipython().kernel
get_ipython().kernel.shell
get_ipython().kernel.session
get_ipython().kernel.do_shutdown
get_ipython().config['IPKernelApp']
assert get_ipython().__class__.__name__ == 'ZMQInteractiveShell'
assert 'ipykernel' in str(type(get_ipython()))
assert 'IPKernelApp' in get_ipython().config
assert 'zmqshell' in get_ipython().__module__
get_ipython().set_next_input('x = 1')
get_ipython().events.register('pre_run_cell', lambda *a: None)
get_ipython().register_magic_function(lambda line: 3, 'line', 'three')
get_ipython().ast_node_interactivity = 'all'
get_ipython().ast_node_interactivity = 'last_expr'
get_ipython().parent_header
get_ipython().execution_count
get_ipython().user_ns['x'] = 3
get_ipython().set_custom_exc((ValueError,), lambda *a: None)
get_ipython().display_formatter.formatters['text/html']
get_ipython().history_manager
from IPython.core.interactiveshell import InteractiveShell; InteractiveShell.ast_node_interactivity = 'last_expr'
from IPython.display import clear_output; clear_output(wait=True)
from IPython.display import display, HTML; display(HTML('<b>x</b>'))
from IPython.display import display; h = display(1, display_id=True); h.update(2)
from IPython.display import Image; Image(data=b'x', format='png')
from IPython.display import Audio; Audio(np.zeros(100), rate=8000)
from IPython.display import Javascript, Latex, Math, Markdown, SVG, IFrame; Markdown('x')
from IPython.display import YouTubeVideo; YouTubeVideo('x')
from IPython.display import set_matplotlib_formats
from IPython import get_ipython; get_ipython()
from IPython.core.display import display, HTML
from IPython.utils import io; io.capture_output()
from IPython.utils.capture import capture_output
from IPython.lib.deepreload import reload
from IPython.core.debugger import set_trace
from IPython.core.magic import register_line_magic; register_line_magic(lambda line: 3)
import ipykernel; ipykernel.__version__
from ipykernel.zmqshell import ZMQInteractiveShell
from ipykernel.kernelapp import IPKernelApp; IPKernelApp.instance()
import comm
import ipywidgets as widgets; widgets.IntSlider()
import ipywidgets as widgets; widgets.interact(lambda x: x, x=3)
import ipywidgets as widgets; widgets.Output()
import ipywidgets as widgets; o = widgets.Output(); o.__enter__(); print(1); o.__exit__(None, None, None)
from tqdm.notebook import tqdm; list(tqdm(range(3)))
from tqdm.auto import tqdm; list(tqdm(range(3)))
from tqdm.autonotebook import tqdm; list(tqdm(range(3)))
from tqdm import tqdm, trange; list(trange(3))
from tqdm import tqdm_notebook; list(tqdm_notebook(range(3)))
plt.plot([1, 2]); plt.show()
plt.ion(); plt.plot([1]); plt.show(block=False); plt.ioff()
plt.figure(); plt.pause(0.001)
plt.switch_backend('agg'); plt.plot([1]); plt.show()
plt.style.use('ggplot'); plt.rcdefaults()
plt.style.use('seaborn')
plt.rcParams['figure.figsize'] = (4, 3)
plt.rcParams['text.usetex'] = False
plt.get_backend(); matplotlib.get_backend()
plt.get_current_fig_manager()
plt.figure().canvas.draw(); plt.close('all')
plt.gcf().canvas.manager.set_window_title('x')
plt.subplots(2, 2); plt.tight_layout(); plt.savefig('a.pdf'); plt.savefig('a.svg'); plt.close()
plt.xkcd()
matplotlib.use('Agg'); matplotlib.use('module://matplotlib_inline.backend_inline')
from mpl_toolkits.mplot3d import Axes3D; plt.figure().add_subplot(projection='3d'); plt.close()
from matplotlib import animation; animation.FuncAnimation(plt.figure(), lambda i: [], frames=2).to_jshtml()
from matplotlib_inline.backend_inline import set_matplotlib_formats; set_matplotlib_formats('png')
from matplotlib import font_manager; font_manager.findfont('DejaVu Sans')
raise SystemExit
raise KeyboardInterrupt
__file__
__name__
__builtins__
_
Out
In[0]
_i, _ii, _iii, _ih, _oh, _dh
_exit_code
assert 3 > 2 and "'x'"
print(f'{3!r:>10}')
def f(): return 1
class A: pass; A()
import os; os.getcwd(); os.environ['HOME']; os.getpid(); os.cpu_count()
import os; os.makedirs('data', exist_ok=True); open('data/a.txt', 'w').write('x')
import os; os.getlogin()
import os; os.sched_getaffinity(0)
import shutil; shutil.get_terminal_size(); shutil.which('python')
import shutil; shutil.copy('data/a.txt', 'data/b.txt')
import pathlib; pathlib.Path.home(); pathlib.Path('data').mkdir(exist_ok=True)
import tempfile; tempfile.NamedTemporaryFile(); tempfile.mkdtemp()
import platform; platform.platform(); platform.node(); platform.uname()
import locale; locale.setlocale(locale.LC_ALL, '')
import time; time.sleep(0.01); time.perf_counter()
import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)
import signal; signal.alarm(0)
import threading; t = threading.Thread(target=print, args=('x',)); t.start(); t.join()
import threading; threading.current_thread() is threading.main_thread() or 1/0
from concurrent.futures import ThreadPoolExecutor; list(ThreadPoolExecutor(2).map(abs, [1]))
import queue, collections, itertools, functools, dataclasses, typing, abc, enum, json, re, math, random, copy
import pickle; pickle.loads(pickle.dumps(np.zeros(2)))
import pickle; pickle.dumps(type('A', (), {}))
import inspect; inspect.getsource(torch.nn.Linear)
import inspect; inspect.getsource(inspect.currentframe())
import traceback; traceback.print_stack()
import gc; gc.collect()
import ctypes; ctypes.CDLL(None)
import tracemalloc; tracemalloc.start(); tracemalloc.stop()
import cProfile; cProfile.run('1 + 1')
import timeit; timeit.timeit('1', number=10)
import doctest; doctest.testmod()
import unittest; unittest.main(argv=[''], exit=False)
import argparse; argparse.ArgumentParser().parse_args([])
import pdb
import code, readline
import resource; resource.getrusage(resource.RUSAGE_SELF)
import multiprocessing; multiprocessing.cpu_count()
import multiprocessing; multiprocessing.set_start_method('spawn', force=True)
import sqlite3; sqlite3.connect(':memory:').execute('select 1')
import csv, io, gzip, zipfile, tarfile, base64, hashlib, uuid; uuid.uuid4()
import urllib.request, http.client, ssl, email
import zoneinfo; zoneinfo.ZoneInfo('Europe/Paris')
import turtle
import tkinter
import this
import scipy.signal, scipy.io.wavfile, scipy.optimize, scipy.fft; scipy.fft.rfft(np.zeros(8))
import scipy.io.wavfile as w; w.write('a.wav', 8000, np.zeros(8, 'float32')); w.read('a.wav')
import pandas
import sklearn
import librosa
import torchaudio
import torchvision
from google.colab import drive
np.random.seed(0); np.random.rand(); np.random.default_rng(0)
np.set_printoptions(precision=3); np.seterr(all='warn'); np.float64(1) / 0
np.save('a.npy', np.zeros(3)); np.load('a.npy'); np.savetxt('a.txt', [1]); np.loadtxt('a.txt')
np.show_config()
torch.manual_seed(0); torch.rand(2); torch.set_printoptions(precision=3)
torch.cuda.is_available(); torch.device('cuda' if torch.cuda.is_available() else 'cpu')
torch.zeros(1).cuda()
torch.zeros(1).to('mps')
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False
torch.backends.mps.is_available()
torch.use_deterministic_algorithms(True); torch.use_deterministic_algorithms(False)
torch.set_num_threads(1); torch.get_num_threads()
torch.set_num_interop_threads(1)
torch.compile(torch.nn.Linear(1, 1), backend='eager')(torch.zeros(1))
torch.jit.script(torch.nn.Linear(1, 1))(torch.zeros(1))
torch.jit.trace(torch.nn.Linear(1, 1), torch.zeros(1))(torch.zeros(1))
torch.save(torch.nn.Linear(1, 1).state_dict(), 'a.pt'); torch.load('a.pt')
torch.func.grad(lambda x: x.sin())(torch.tensor(1.0)); torch.vmap(torch.sin)(torch.zeros(3))
torch.autograd.gradcheck(torch.sin, torch.zeros(1, dtype=torch.float64, requires_grad=True))
torch.autograd.set_detect_anomaly(True); torch.autograd.set_detect_anomaly(False)
torch.set_grad_enabled(False); torch.set_grad_enabled(True)
torch.set_default_dtype(torch.float64); torch.set_default_dtype(torch.float32)
torch.set_float32_matmul_precision('high')
torch.amp.autocast('cpu').__enter__()
torch.amp.GradScaler('cpu')
torch.profiler.profile().__enter__().__exit__(None, None, None)
torch.utils.data.DataLoader(range(3), num_workers=0).__iter__().__next__()
torch.stft(torch.zeros(512), 64, return_complex=True, window=torch.hann_window(64))
torch.hub.list
torch.__version__, torch.__config__.show(); torch.utils.collect_env.__name__
import torch._dynamo; torch._dynamo.reset()
import torch.utils.tensorboard
import torch.nn.functional as F; F.l1_loss(torch.zeros(1), torch.zeros(1))
""".strip().splitlines(),
    "%%time\nx = 1",
    "%%timeit -n1 -r1\nx = 1",
    "%%capture out\nprint(1)",
    "%%html\n<b>x</b>",
    "%%javascript\n1",
    "%%latex\nx",
    "%%markdown\nx",
    "%%svg\n<svg/>",
    "%%writefile part.py\nvalue = 3",
    "import part; part.value",
    "%%prun -q\nx = 1",
    "%run part.py",
    "%load part.py",
    "%%file other.py\ny = 1",
    "%%capture\nplt.plot([1]); plt.show()",
    "async def g():\n    yield 1\nasync for i in g():\n    print(i)",
    "import contextvars\nv = contextvars.ContextVar('v', default=0)\nv.set(3)",
    "assert v.get() == 3",
    "import decimal\ndecimal.getcontext().prec = 5",
    "assert decimal.getcontext().prec == 5",
    "import asyncio\nasync def work():\n    await asyncio.sleep(0)\n    return 7\ntask = asyncio.create_task(work())",
    "assert await task == 7",
    "if __name__ == '__main__':\n    print('main')",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0\nimport pickle\n"
    "pickle.loads(pickle.dumps(P()))",
    "def f():\n    return 1\nimport inspect\ninspect.getsource(f)",
    "print('a', end='', flush=True)",
    "try:\n    import google.colab\n    IN_COLAB = True\nexcept ImportError:\n    IN_COLAB = False",
    "try:\n    get_ipython\nexcept NameError:\n    1/0",
    "x = 1;",
    "x: int = 3\nx",
    "match 3:\n    case 3:\n        pass",
    "import sys, io\nold = sys.stdout\nsys.stdout = io.StringIO()\nprint('x')\nsys.stdout = old",
    "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    print('x')",
    "import torch\nclass M(torch.nn.Module):\n    pass\ntorch.save(M(), 'm.pt')\n"
    "torch.load('m.pt', weights_only=False)",
    "from functools import lru_cache\n@lru_cache\ndef g(n):\n    return n\ng(3)",
    "1 / 0",
    "undefined_name",
    "x = (",
    "def f(:\n    pass",
    "  x = 1\n y = 2",
    "assert False, 'no'",
    "%matplotlib widget",
    "%matplotlib qt",
    "%matplotlib tk",
]
KERNEL_LACKS = {"%matplotlib widget", "%matplotlib qt", "%matplotlib tk"}  # packages or a screen; here they may be used


def main() -> int:
    """Prints a table of what differs."""
    kernel, kit = in_kernel(IDIOMS), in_kit(IDIOMS)
    differing = [(source, kernel[source], kit[source]) for source in IDIOMS if kernel[source] != kit[source]]
    count = 0
    for source, there, here in differing:
        known = WALLS.get(source) or ("taken here" if source in KERNEL_LACKS else "")
        count += not known
        print(f"{'' if known else '! '}{source!r:.90}: kernel {there or 'well'}, kit {here or 'well'} {known}")
    print(f"{len(IDIOMS)} idioms, {len(differing)} differ, {count} of them for no known reason")
    return 1 if count else 0


def in_kit(sources: list[str]) -> dict[str, str]:
    """The name of each idiom's error, or ""."""
    cells = [
        SubmittedCell(0, SETUP, "set-up"),
        *(SubmittedCell(at, source, "idiom") for at, source in enumerate(sources, 1)),
    ]
    with Sandbox() as sandbox, Attempt(sandbox, cells, Limits(cell=30, submission=900)) as attempt:
        attempt.run()
        return {source: attempt.ran[at].error or "" for at, source in enumerate(sources, 1)}


def in_kernel(sources: list[str]) -> dict[str, str]:
    """The same in a Jupyter kernel with this Python's packages."""
    manager, client = start_new_kernel(kernel_name="python3")
    found = {}
    try:
        for source in (SETUP, *sources):
            found[source] = _error(client, source)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return found


def _error(client: Any, source: str) -> str:
    sent = client.execute(source, allow_stdin=False)
    error, until = "", time.monotonic() + 60
    while time.monotonic() < until:
        try:
            message = client.get_iopub_msg(timeout=20)
        except queue.Empty:
            return "no answer"
        if message["parent_header"].get("msg_id") != sent:
            continue
        if message["msg_type"] == "error":
            error = message["content"]["ename"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return error
    return "no answer"


if __name__ == "__main__":
    sys.exit(main())
