"""The walls stand in every way of running, and a wall that is missing is noticed before student code runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_hostile import started_in

from autograder.cli import cli
from autograder.sandbox import landlock, outer, selftest, walls
from autograder.sandbox import sandbox as sandboxes
from autograder.sandbox.sandbox import Sandbox, SandboxFault
from autograder.sandbox.selftest import Finding

ROOT = Path(__file__).resolve().parents[1]
SELF_TEST = """
import json, os, sys
from autograder.sandbox import selftest
from autograder.sandbox.sandbox import Sandbox
asked = json.loads(sys.argv[1])
if asked["uid"]:
    os.setgroups([]); os.setgid(asked["uid"]); os.setuid(asked["uid"])
with Sandbox(outer=asked["outer"]) as sandbox:
    findings = selftest.run(sandbox)
print(json.dumps({"isolation": sandbox.facts["isolation"], "count": len(findings),
                  "broken": selftest.failures(findings), "uid": os.getuid()}))
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the walls are Linux's")


def self_tested(mode, bubblewrap):
    before, uid, reason = started_in(mode)
    if reason:
        pytest.skip(f"cannot be run in the mode {mode!r}: {reason}")
    if bubblewrap and not outer.works():
        pytest.skip("bubblewrap is not installed, or may not make namespaces")
    asked = json.dumps({"uid": uid, "outer": bubblewrap})
    done = subprocess.run([*before, sys.executable, "-c", SELF_TEST, asked], cwd=ROOT, capture_output=True,
                          text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("bubblewrap", [True, False], ids=["bubblewrap", "without-bubblewrap"])
@pytest.mark.parametrize("mode", ["bare", "user"])
def test_the_self_test_passes(mode, bubblewrap):
    seen = self_tested(mode, bubblewrap)
    assert seen["broken"] == []
    assert seen["count"] > 50
    assert {"landlock", "seccomp", "rlimits"} <= set(seen["isolation"])
    assert ("bubblewrap" in seen["isolation"]) == bubblewrap
    assert ("uid" in seen["isolation"]) == (seen["uid"] == 0)


TAKEN_OUT = {
    "landlock": "from autograder.sandbox import landlock; landlock.restrict = lambda *paths: None; ",
    "seccomp": "from autograder.sandbox import seccomp; seccomp.load = lambda bpf: None; ",
    "rlimits": "from autograder.sandbox import child; child.limit = lambda memory, uid: None; ",
    "uid": "import os; os.setresuid = os.setresgid = lambda *ids: None; ",
}


@pytest.mark.parametrize("wall", TAKEN_OUT)
def test_a_missing_wall_is_noticed_and_named(wall, monkeypatch):
    if wall == "uid" and os.geteuid() != 0:
        pytest.skip("an ordinary user has no other uid to give")
    path, _, rest = sandboxes.START.partition("from autograder.sandbox.template")
    monkeypatch.setattr(sandboxes, "START", f"{path}{TAKEN_OUT[wall]}from autograder.sandbox.template{rest}")
    with Sandbox() as sandbox:
        findings = selftest.run(sandbox)
        assert {wall, None} & {finding.wall for finding in findings if not finding.held}
        monkeypatch.setattr(selftest, "run", lambda _: findings)  # without limits it takes many seconds
        with pytest.raises(SandboxFault, match="nothing is graded"):
            selftest.require(sandbox)


def test_grading_refuses_without_a_needed_wall(grading, monkeypatch):
    broken = [Finding("read a file outside", "landlock", False, "it worked")]
    monkeypatch.setattr(selftest, "run", lambda sandbox: broken)
    with pytest.raises(SandboxFault, match="read a file outside"):
        grading().__enter__()


def test_no_isolation_is_recorded(grading):
    with grading(isolation="none") as grader:
        assert grader._provenance(None)["isolation"] == ["rlimits"]


@pytest.fixture
def grading(assignment):
    from autograder.grade import Grader
    return lambda **more: Grader(assignment, 1, **more)


def test_doctor_names_the_walls_and_says_whether_code_may_run(monkeypatch):
    found = [Finding("read a file outside", "landlock", True, "PermissionError")]
    monkeypatch.setattr(selftest, "run", lambda sandbox: found)
    good = CliRunner().invoke(cli, ["doctor"])
    assert good.exit_code == 0
    assert "every wall that is needed stands" in good.output
    found[0] = Finding("read a file outside", "landlock", False, "it worked")
    bad = CliRunner().invoke(cli, ["doctor"])
    assert bad.exit_code == 1
    assert "broken" in bad.output
    assert "must not be run here" in bad.output


def test_doctor_says_what_to_do_where_there_are_no_walls(monkeypatch):
    monkeypatch.setattr(sandboxes.sys, "platform", "darwin")
    seen = CliRunner().invoke(cli, ["doctor"])
    assert seen.exit_code == 1
    assert "Use a Linux machine" in " ".join(seen.output.split())


@pytest.fixture
def packages(tmp_path):
    """A folder of packages, the kit with its hidden tests among them."""
    for path, text in {"autograder/hidden/a/test_a.py": "SECRET", "autograder/judge.py": "SECRET",
                       "other/module.py": "open", "single.py": "open"}.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_text(text)
    for folder in [tmp_path, *tmp_path.rglob("*")]:
        folder.chmod(0o755)
    return tmp_path / "site"


def test_the_paths_to_read_leave_out_what_is_secret(packages):
    readable, listable = walls.around([str(packages)], [str(packages / "autograder")])
    assert readable == (str(packages / "other"), str(packages / "single.py"))
    assert listable == (str(packages),)
    assert walls.around([str(packages / "autograder" / "hidden")], [str(packages / "autograder")]) == ((), ())


READ = """
import sys
from pathlib import Path
site = Path(sys.argv[1])
print((site / "other" / "module.py").read_text(), (site / "single.py").read_text())
for name in ("hidden/a/test_a.py", "judge.py"):
    try:
        print((site / "autograder" / name).read_text())
    except OSError as error:
        print(type(error).__name__)
"""


def test_landlock_keeps_an_installed_kit_from_being_read(packages):
    shut = ("import sys; from autograder.sandbox import landlock, walls; site = sys.argv[1]; "
            "readable, listable = walls.around([site], [site + '/autograder']); landlock.no_new_privileges(); "
            "landlock.restrict(readable, [], [], listable)\n")
    done = subprocess.run([sys.executable, "-c", shut + READ, str(packages)], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=True)
    assert done.stdout.split() == ["open", "open", "PermissionError", "PermissionError"]


@pytest.mark.skipif(not outer.works(), reason="bubblewrap is not installed, or may not make namespaces")
def test_bubblewrap_keeps_an_installed_kit_from_being_read(packages, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(packages))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = outer.command([str(packages / "autograder")], {"PATH": "/usr/bin"}, str(scratch))
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    done = subprocess.run([*command, str(python), "-I", "-c", READ, str(packages)], capture_output=True, text=True,
                          timeout=60, check=True)
    assert done.stdout.split() == ["open", "open", "FileNotFoundError", "FileNotFoundError"]


def test_an_old_kernel_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    with pytest.raises(OSError, match="Landlock ABI 3 is needed, this kernel has 2"):
        walls.build([])
