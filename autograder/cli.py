"""The command line, run in the course folder (where nbgrader_config.py is)."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path

import click
from rich.console import Console

from autograder import __version__
from autograder.errors import GraderFault, UsageError

TROUBLE = 3  # exit code: some submission could not be graded for the grader's own fault
USAGE = 2
NOT_HOLDING = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(__version__)
def cli() -> None:
    """Grades notebook assignments: student code in a sandbox, hidden tests outside it."""


@cli.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, metavar="ID", help="Grade this student only; may be repeated.")
@click.option("--regrade", is_flag=True, help="Grade again what is already graded and unchanged.")
@click.option("--dry-run", is_flag=True, help="Show which scores would change, and write nothing.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N",
              help="Worker processes; one for each core by default.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler: tcp://HOST:PORT.")
@click.option("--isolation", type=click.Choice(["auto", "none"]), default="auto", show_default=True,
              help="none: run student code without walls, at your own risk.")
def grade(assignment: str, students: tuple[str, ...], regrade: bool, dry_run: bool, workers: int | None,
          scheduler: str | None, isolation: str) -> None:
    """Grade every folder in submitted/ into results/, autograded/ and the gradebook."""
    from autograder.assignment import Assignment
    from autograder.run import grade_class
    from autograder.show import Progress, changes, table
    from autograder.workers import cores

    if workers and scheduler:
        raise UsageError("--workers goes without --scheduler: a cluster has workers of its own.")
    console = Console()
    chosen = Assignment(assignment, _course())
    if isolation == "none":
        click.echo("autograder: --isolation none: student code runs with your rights, it can read and change all that "
                   "you can, and a student who knows it can have any grade. Recorded in results/.", err=True)
    with Progress(console) as progress:
        summary = grade_class(chosen, students, regrade=regrade, dry_run=dry_run, isolation=isolation,
                              workers=workers or cores(), scheduler=scheduler, watcher=progress)
    console.print(changes(summary) if dry_run else table(chosen, summary))
    if summary.troubled:
        sys.exit(TROUBLE)


@cli.command()
def doctor() -> None:
    """Try the sandbox and say which walls stand; exit code 1 where student code must not be run."""
    from autograder.diagnosis import walls
    from autograder.sandbox import selftest
    from autograder.sandbox.sandbox import Sandbox, SandboxFault

    console = Console()
    try:
        with Sandbox() as sandbox:
            findings = selftest.run(sandbox)
            console.print(walls(sandbox.facts["isolation"], findings))
    except SandboxFault as fault:
        console.print(f"Student code must not be run here. {fault}", markup=False, highlight=False)
        sys.exit(NOT_HOLDING)
    if selftest.failures(findings):
        sys.exit(NOT_HOLDING)


@cli.command()
@click.argument("assignment")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where to write it; report-ASSIGNMENT.html by default.")
def report(assignment: str, output: Path | None) -> None:
    """Write the class report (HTML)."""
    from autograder.assignment import Assignment
    from autograder.report import write_report

    path = output or Path(f"report-{assignment}.html")
    write_report(Assignment(assignment, _course()), path)
    click.echo(f"Wrote {path}")


@cli.command()
@click.argument("assignment")
@click.option("--exercise", metavar="ID", help="Audit one exercise only, such as test_fit_gain.")
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
              help="With how many seeds the answers are asked.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N",
              help="Worker processes; one for each core by default.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="FOLDER",
              help="Where to write audit-ASSIGNMENT.json and .html; here by default.")
@click.option("--renew-patterns", is_flag=True, help="Keep the failed checks of each known mistake for the reports.")
def audit(assignment: str, exercise: str | None, seeds: int, workers: int | None, output: Path,
          renew_patterns: bool) -> None:
    """Test the hidden tests: right answers, known mistakes, mutants, margins, leaks, stability."""
    from autograder.assignment import Assignment
    from autograder.audit.run import audit_assignment, renew, write
    from autograder.audit.summary import Watch, table
    from autograder.workers import cores

    if renew_patterns and exercise:
        raise UsageError("--renew-patterns needs all exercises: leave out --exercise.")
    console = Console()
    chosen = Assignment(assignment, _course())
    with Watch(console) as watch:
        found = audit_assignment(chosen, exercise=exercise, seeds=seeds, workers=workers or cores(), watcher=watch)
    if renew_patterns:
        renew(chosen, found)
    written = write(found, output)
    console.print(table(found))
    console.print(f"Wrote {' and '.join(map(str, written))}", markup=False, highlight=False, soft_wrap=True)
    if found.problems:
        sys.exit(NOT_HOLDING)


@cli.group(no_args_is_help=False)
def export() -> None:
    """Write what another platform takes."""


@export.command()
@click.argument("assignment")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="The zip; gradescope-ASSIGNMENT.zip by default.")
def gradescope(assignment: str, output: Path | None) -> None:
    """Write the zip that Gradescope takes. It holds solutions, hidden tests and the seed: keep it to yourself."""
    from autograder.assignment import Assignment
    from autograder.gradescope.pack import write_zip

    path = output or Path(f"gradescope-{assignment}.zip")
    write_zip(Assignment(assignment, _course()), path)
    click.echo(f"Wrote {path}")


def _course() -> Path:
    course = Path.cwd()
    if not (course / "nbgrader_config.py").is_file():
        raise UsageError("This is not a course folder: there is no nbgrader_config.py here.")
    return course


def main() -> None:
    """Exit codes: 0 all went as asked, 1 something checked does not hold, 2 wrong usage, 3 the grader's own fault."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    atexit.register(gc.freeze)  # Python would end with a look for garbage in all modules, for a quarter of a second
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"autograder: {error.format_message()}", err=True)
        sys.exit(USAGE)
    except UsageError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(USAGE)
    except GraderFault as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(TROUBLE)
