"""Whether the parts of an assignment fit together, in seconds: what `autograder check` finds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import nbformat
from packaging.requirements import InvalidRequirement, Requirement

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment, solution
from autograder.course.configuration import require_own_steps
from autograder.course.folder import limits, settings, warm_imports
from autograder.errors import GraderFault, UsageError
from autograder.judging.grader import Grader
from autograder.judging.judge import Judge
from autograder.judging.probes import probe_faults
from autograder.records.results import class_seed
from autograder.submission.pickup import PickedUp
from autograder.verdict import Verdict

ASKS = frozenset({"ask", "ask_each"})
KINDS = ("alternatives", "misconceptions")


@dataclass(frozen=True)
class Finding:
    """`where` names the file or cell; `what` says what does not fit, and what to do. `holds`: only a remark."""

    where: str
    what: str
    holds: bool = False


def of_course(course: Path) -> Iterator[Finding]:
    """What is wrong with the configuration and the environment."""
    try:
        require_own_steps(settings(course))
        limits(course)
        missing = [name for name in warm_imports(course) if not _can_be_found(name)]
        if missing:
            yield Finding("nbgrader_config.py", f"warm_imports: {', '.join(missing)} is not installed here.")
    except UsageError as fault:
        yield Finding("nbgrader_config.py", str(fault))
    yield from _requirements(course)


def _can_be_found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _requirements(course: Path) -> Iterator[Finding]:
    path = course / "requirements.txt"
    if not path.is_file():
        return
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Finding("requirements.txt", f"It cannot be read: {error}.")
        return
    for number, line in enumerate(lines, start=1):
        text = line.partition(" #")[0].strip()
        if not text or text.startswith(("#", "-")):
            continue
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            yield Finding(f"requirements.txt, line {number}", f"“{text}” is no requirement as pip knows it.")
            continue
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield Finding(
                f"requirements.txt, line {number}", f"{wanted.name} is not installed: pip install -r requirements.txt"
            )
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield Finding(
                f"requirements.txt, line {number}",
                f"{wanted.name} {found} is installed: pip install -r requirements.txt",
            )


def of_assignment(course: Path, name: str) -> Iterator[Finding]:
    """What does not fit in one assignment. Raises `UsageError` where there is none of that name."""
    assignment = Assignment(name, course)
    for look in (_notebook, _files, _points, _answers, _release, _solved):
        found = list(look(assignment))
        yield from found
        if look in (_notebook, _files, _points) and any(not finding.holds for finding in found):
            return  # what comes later would only say the same in other words


def _notebook(assignment: Assignment) -> Iterator[Finding]:
    where = f"source/{assignment.name}/{assignment.name}.ipynb"
    try:
        nbformat.validate(assignment.source)
        _ = assignment.cells, assignment.exercises, assignment.by_hand
    except UsageError as error:
        yield Finding(where, str(error))
        return
    except Exception as error:  # JSON, nbformat's and nbgrader's own
        yield Finding(where, f"It is not a notebook that nbgrader can read: {str(error).splitlines()[0]}")
        return
    if not assignment.exercises:
        yield Finding(where, "There is no autograded cell; an exercise `x` needs a cell `test_x` with points.")
    for exercise in assignment.exercises:
        if not exercise.startswith("test_"):
            yield Finding(f"cell {exercise}", f"An autograded cell is called test_ and the exercise: test_{exercise}.")
    solutions = [cell for cell in assignment.source.cells if solution(cell) and cell.cell_type == "code"]
    for cell in solutions:
        if "### BEGIN SOLUTION" not in cell.source:
            yield Finding(
                f"cell {cell.metadata.nbgrader.grade_id}",
                "It has no “### BEGIN SOLUTION” and “### END SOLUTION”, so students would get the solution.",
            )


def _files(assignment: Assignment) -> Iterator[Finding]:
    tests = {path.stem: path for path in sorted(assignment.hidden.glob("test_*.py"))}
    probes = {path.stem: path for path in sorted(assignment.hidden.glob("probe_*.py"))}
    for exercise in assignment.exercises:
        if exercise not in tests:
            yield Finding(f"cell {exercise}", f"It has no hidden tests: write hidden/{assignment.name}/{exercise}.py.")
    for name, path in tests.items():
        if name not in assignment.exercises:
            yield Finding(
                _short(assignment, path),
                f"There is no autograded cell {name} in the notebook. Add it, or rename the file.",
            )
        probe = "probe_" + name.removeprefix("test_")
        asked = _asked(path)
        if probe not in probes:
            yield Finding(_short(assignment, path), f"Its probes are missing: write {probe}.py beside it.")
        elif isinstance(asked, Finding):
            yield Finding(_short(assignment, path), asked.what)
        else:
            yield from (
                Finding(_short(assignment, probes[probe]), what)
                for what in probe_faults(probes[probe].read_text("utf-8"), asked)
            )
    for name, path in probes.items():
        if "test_" + name.removeprefix("probe_") not in tests:
            yield Finding(_short(assignment, path), "No test asks these probes.", holds=True)


def _asked(path: Path) -> dict[str, int] | Finding:
    """The probes that a test file names, each with the line; where it cannot be read, why."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError) as error:
        return Finding("", f"It is not Python: {error}.")
    return {
        call.args[0].value: call.lineno
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ASKS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def _points(assignment: Assignment) -> Iterator[Finding]:
    try:
        with Judge(assignment.hidden) as judge:
            points = judge.points
    except GraderFault as fault:
        yield Finding(f"hidden/{assignment.name}/", str(fault))
        return
    for exercise, worth in assignment.exercises.items():
        if points.get(exercise, 0.0) != worth:
            yield Finding(
                f"cell {exercise}",
                f"The notebook gives {worth:g} points, the hidden tests "
                f"{points.get(exercise, 0.0):g}. Make them equal.",
            )


def _answers(assignment: Assignment) -> Iterator[Finding]:
    for kind in KINDS:
        folder = assignment.answers / kind
        if not folder.is_dir():
            yield Finding(
                _short(assignment, folder),
                "There is no such folder; the audit looks there for answers that "
                f"are {'right' if kind == 'alternatives' else 'wrong'}.",
                holds=True,
            )
            continue
        for path in sorted(folder.glob("*.*py")):
            where = _short(assignment, path)
            try:
                answer = corpus.parse(path)
                corpus.notebook(assignment, answer)
            except (GraderFault, OSError, UnicodeDecodeError) as fault:
                yield Finding(where, f"{fault}.")
                continue
            if kind == "misconceptions" and not answer.costs:
                yield Finding(
                    where,
                    f"It does not say what it costs: add a line such as “# costs: {next(iter(assignment.exercises))}”.",
                )
            for name in sorted(answer.costs - assignment.exercises.keys()):
                yield Finding(
                    where, f"It costs {name}, which is no exercise; there are {', '.join(assignment.exercises)}."
                )


def _release(assignment: Assignment) -> Iterator[Finding]:
    path = assignment.folders.release / assignment.name / f"{assignment.name}.ipynb"
    command = f"nbgrader generate_assignment {assignment.name} --force"
    try:
        given = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        yield Finding(_short(assignment, path), f"It is not made yet: {command}", holds=True)
        return
    except Exception as error:  # what stands there may be anything
        yield Finding(_short(assignment, path), f"It cannot be read ({type(error).__name__}). Make it anew: {command}")
        return
    if [cell.source for cell in given.cells] != [cell.source for cell in assignment.released.cells]:
        yield Finding(
            _short(assignment, path), f"It was made from another source notebook. Make it anew: {command}", holds=True
        )


def _solved(assignment: Assignment) -> Iterator[Finding]:
    """Whether the reference solution gets full marks."""
    content = nbformat.writes(corpus.notebook(assignment)).encode()
    try:
        with Grader(assignment, class_seed(assignment.course, assignment.name, keep=False)) as grader:
            grade = grader.grade_picked_up(PickedUp("reference", content)).grade
    except GraderFault as fault:
        yield Finding("the reference solution", f"It could not be graded. {fault}")
        return
    if grade.score is None:
        yield Finding("the reference solution", f"It could not be graded. {grade.reason}")
    for name, exercise in grade.exercises.items():
        for check in exercise.checks:
            if check.verdict is not Verdict.passed:
                seen = " ".join((check.detail or check.hint or "").split())
                yield Finding(
                    "the reference solution",
                    f"It does not pass {name}::{check.name} ({check.verdict.value}): {seen:.300}",
                )


def _short(assignment: Assignment, path: Path) -> str:
    return str(path.relative_to(assignment.course)) if path.is_relative_to(assignment.course) else str(path)
