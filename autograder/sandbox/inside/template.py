"""The template process: imports everything once, then forks a child for each attempt.

Started by `autograder.sandbox.sandbox.Sandbox`, inside bubblewrap where that works. It never runs student code itself
and knows nothing of hidden tests.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Iterable
from typing import Any

from autograder.sandbox.inside import child
from autograder.sandbox.inside.kernel import compile_nothing, load_here, plot_inline
from autograder.sandbox.inside.scratch import wipe
from autograder.sandbox.inside.shell import CollectingShell
from autograder.sandbox.inside.walls import Walls, build

MESSAGE_CAP = 65536
HUGE = 2**21  # bytes
HUGE_AFTER = 24  # children; it takes half a second, and each child that follows costs 8 ms less
MADV_COLLAPSE = 25
WARM_CELL = """
import numpy as np, torch, matplotlib.pyplot as plt
warm_parameter = torch.nn.Parameter(torch.tensor(1.0))
warm_loss = torch.nn.L1Loss()(torch.fft.rfft(warm_parameter * torch.ones(64)).abs(), torch.zeros(33))
warm_loss.backward()
(warm_parameter * torch.ones(2)).backward(torch.ones(2))
torch.optim.SGD([warm_parameter], lr=0.01).step()
plt.plot([0, 1]); plt.title("warm"); plt.legend(["warm"]); plt.show()
print("warm")
"""
# What IPython imports and reads to show an error in student code and one that comes from inside torch.
WARM_ERRORS = (
    """
class WarmModule(torch.nn.Module):
    def forward(self, x):
        return x.no_such_method()

warm_module = WarmModule()
warm_module(torch.ones(1))
""",
    """
torch.ones(1).sum().backward()
""",
    """
torch.optim.SGD([], lr=0.01)
""",
)


class Unready(Exception):
    """The template process cannot fork safely."""


def warm_up(cells: Iterable[str] = (), imports: Iterable[str] = ()) -> CollectingShell:
    """Pays for imports and first uses before the first fork: a gradient, an optimiser step, a figure, a cell, an error.

    `cells` are the instructor's own, which every child will run; they are compiled here, and not run. `imports` are
    the modules that the course names. Raises `Unready` for one that cannot be imported.
    """
    import importlib

    import ipywidgets  # noqa: F401
    import matplotlib
    import numpy as np
    import torch
    import tqdm.auto  # noqa: F401

    compile_nothing()
    torch.set_num_threads(1)
    matplotlib.use("module://matplotlib_inline.backend_inline")
    # A module of its own named __main__, so that classes of the notebook find themselves and nothing of ours.
    import types

    module = types.ModuleType("__main__")
    shell: CollectingShell = CollectingShell.instance(user_module=module)
    sys.modules["__main__"] = module
    outputs = shell.run(WARM_CELL)
    if any(item["output_type"] == "error" for item in outputs.items):
        raise Unready(f"the warm-up cell failed: {outputs.items}")
    for cell in WARM_ERRORS:
        shell.run(cell)
    for name in ("last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)
    for name in [*(name for name in shell.user_ns if name.lower().startswith("warm")), "np", "torch", "plt"]:
        del shell.user_ns[name]
    for name in imports:
        try:
            importlib.import_module(name)
        except Exception as error:
            raise Unready(
                f"{name}, which the course names in warm_imports, cannot be imported: {type(error).__name__}: {error}"
            ) from error
    shell.prepare(cells)
    shell.reset(new_session=True, aggressive=False)
    shell.execution_count = 1
    np.random.seed(0)  # every child draws the same numbers; nothing is drawn here between the forks
    torch.manual_seed(0)
    return shell


def into_huge_pages() -> None:
    """Moves the heap into pages of 2 MiB where the kernel can (Linux 6.1, MADV_COLLAPSE); elsewhere nothing changes.

    A fork copies the table of pages, and the end of a child frees it: of 250 MB in pages of 4 KiB that is more than
    half of what a fork costs.
    """
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps") as maps:
        for addresses, rights, _, device, *_ in map(str.split, maps):
            if rights == "rw-p" and device == "00:00":  # memory that belongs to no file
                low, high = (int(address, 16) for address in addresses.split("-"))
                low, high = -(-low // HUGE) * HUGE, high // HUGE * HUGE
                if low < high:
                    libc.madvise(ctypes.c_void_p(low), ctypes.c_size_t(high - low), MADV_COLLAPSE)


def record_when_profiled() -> None:
    """Lets torch mark the steps of an optimiser for a profiler only while one runs.

    Each `step` and each `zero_grad` sets up such a mark (`torch.autograd.profiler.record_function`), which nobody reads
    otherwise. That is a fifth of what a small step costs.
    """
    import torch
    from torch.autograd.profiler import record_function

    profiled = torch._C._autograd._profiler_enabled
    make, enter, leave = record_function.__init__, record_function.__enter__, record_function.__exit__

    def name_it(mark: record_function, name: str, args: str | None = None) -> None:
        mark.name, mark.args, mark.record = name, args, None

    def begin(mark: record_function) -> record_function:
        if not profiled():
            return mark
        make(mark, mark.name, mark.args)
        return enter(mark)  # type: ignore[no-untyped-call, no-any-return]

    def end(mark: record_function, *error: Any) -> None:
        if mark.record is not None:  # also where the profiler has stopped in between
            leave(mark, *error)

    record_function.__init__ = name_it  # type: ignore[assignment, method-assign]
    record_function.__enter__, record_function.__exit__ = begin, end  # type: ignore[method-assign]


def check_fork_safe() -> None:
    """Raises `Unready` when a second thread or a writable shared mapping would make children hang or talk."""
    tasks = len(os.listdir("/proc/self/task"))
    if tasks != 1:
        raise Unready(f"{tasks} threads run in the template process, a fork is safe with one only")
    with open("/proc/self/maps") as maps:
        shared = [line.strip() for line in maps if line.split()[1].startswith("rw") and line.split()[1][3] == "s"]
    if shared:
        raise Unready(f"writable shared memory in the template process: {shared[0]}")


def serve(control: socket.socket, shell: CollectingShell, walls: Walls) -> None:
    """Answers `fork` (with the child's socket attached), `waited` and `end`, one at a time, until the judge goes."""
    root = os.environ["TMPDIR"]
    scratches: dict[int, str] = {}
    count = 0
    while True:
        data, fds, _, _ = socket.recv_fds(control, MESSAGE_CAP, 1)
        if not data:
            break
        message = json.loads(data)
        if message["op"] == "fork":
            count += 1
            scratch = os.path.join(root, f"{os.getpid()}-{count}")
            os.mkdir(scratch, 0o700)
            if walls.uid is not None:
                os.chown(scratch, walls.uid, walls.uid)
            pid = os.fork()
            if pid == 0:
                _be_child(control, fds[0], shell, scratch, message["memory"], walls)
            os.close(fds[0])
            scratches[pid] = scratch
            _say(control, {"pid": pid})
        elif message["op"] == "waited":
            _say(control, {"seconds": _waited(message["pid"])})
        elif message["op"] == "end":
            waited = _waited(message["pid"])
            status = _end(message["pid"], scratches.pop(message["pid"]))
            _say(control, {"status": status, "cpu": sum(os.times()[:4]), "waited": waited})
            if count == HUGE_AFTER:
                into_huge_pages()
    for pid, scratch in scratches.items():
        _end(pid, scratch)


def _be_child(control: socket.socket, fd: int, shell: CollectingShell, scratch: str, memory: int, walls: Walls) -> None:
    try:
        control.close()
        child.main(socket.socket(fileno=fd), shell, scratch, memory, walls)
    finally:
        os._exit(0)


def _end(pid: int, scratch: str) -> int:
    """Kills the child and whatever it has started in its process group, wipes its scratch, gives its status."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    wipe(scratch)
    return os.waitstatus_to_exitcode(status)


def _waited(pid: int) -> float:
    """How long a child could have run and had to wait for a core, in seconds. 0 where the kernel does not count it."""
    try:
        with open(f"/proc/{pid}/schedstat") as counted:
            return int(counted.read().split()[1]) / 1e9  # https://docs.kernel.org/scheduler/sched-stats.html
    except (OSError, ValueError, IndexError):
        return 0.0


def _say(control: socket.socket, message: dict[str, object]) -> None:
    control.send(json.dumps(message).encode())


def main() -> None:
    """Arguments: where the kit lies, which children have no need of, and the control socket's descriptor.

    Standard input has a JSON object: `isolation`, `secrets` and `cells`; on the command line every child could read it.
    """
    _, kit, descriptor = sys.argv
    control = socket.socket(fileno=int(descriptor))
    asked = json.load(sys.stdin)
    started = time.perf_counter()
    try:
        shell = warm_up(asked["cells"], asked["imports"])
        record_when_profiled()
        plot_inline()
        load_here()
        walls = Walls() if asked["isolation"] == "none" else build(asked["secrets"])
        sys.path[:] = [path for path in sys.path if path != kit]
        asked.clear()  # a child could look up, in this frame, where the secrets lie
        gc.freeze()  # garbage too: to look for it takes a fifth of a second, and leaves holes for children to copy
        gc.enable()
        check_fork_safe()
    except Exception as error:
        _say(control, {"op": "failed", "why": f"{type(error).__name__}: {error}"[:4000]})
        sys.exit(1)
    import torch

    _say(
        control,
        {
            "op": "ready",
            "seconds": time.perf_counter() - started,
            "isolation": walls.names,
            "python": platform.python_version(),
            "torch": torch.__version__.split("+")[0],
        },
    )
    serve(control, shell, walls)
    os._exit(0)  # Python would take down every module and object, one by one; nothing is left to write
