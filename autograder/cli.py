"""The command line, run in the course folder (where nbgrader_config.py is)."""

from __future__ import annotations

import atexit
import errno
import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograder import __version__
from autograder.course.configuration import is_course
from autograder.errors import GraderFault, UsageError
from autograder.pages.outlet import discard, finish, plain_where_needed

TROUBLE = 3  # exit code: some submission could not be graded for the grader's own fault
USAGE = 2
NOT_HOLDING = 1


def _remember(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.find_root().obj = value


COURSE = click.Option(
    ["--course"],
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    expose_value=False,
    callback=_remember,
    help="The course folder; by default the one you are in.",
)


class _OfCourse(click.Command):
    """A command that can be told where the course is."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.params.append(COURSE)


class _Commands(click.Group):
    command_class = _OfCourse
    group_class = type


def named(assignment: str) -> str:
    """`./NAME` and `NAME/`, as a shell completes them, are NAME."""
    return assignment.removeprefix("./").rstrip("/") or assignment


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(__version__)
def cli() -> None:
    """Grades notebook assignments: student code in a sandbox, hidden tests outside it."""


cli.params.append(COURSE)


@cli.command()
@click.argument("assignment", type=named)
@click.option("--student", "students", multiple=True, metavar="ID", help="Grade this student only; may be repeated.")
@click.option("--regrade", is_flag=True, help="Grade again what is already graded and unchanged.")
@click.option("--dry-run", is_flag=True, help="Show which scores would change, and write nothing.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes; one for each core by default."
)
@click.option("--reason", metavar="TEXT", help="Why: it is kept in the history of the grades.")
@click.option("--undo", is_flag=True, help="Take the last run back: results, autograded/ and the gradebook.")
@click.option("--anonymous", is_flag=True, help="Show ids alone, without the names of the class list.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler: tcp://HOST:PORT.")
@click.option(
    "--isolation",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="none: run student code without walls, at your own risk.",
)
def grade(
    assignment: str,
    students: tuple[str, ...],
    regrade: bool,
    dry_run: bool,
    workers: int | None,
    reason: str | None,
    undo: bool,
    anonymous: bool,
    scheduler: str | None,
    isolation: str,
) -> None:
    """Grade every folder in submitted/ into results/, autograded/ and the gradebook."""
    from autograder.course.assignment import Assignment
    from autograder.pages.terminal import Progress, changes, table
    from autograder.records.marks import read_marks
    from autograder.records.roster import roster
    from autograder.running.grade_class import grade_class
    from autograder.running.processes import cores

    if workers and scheduler:
        raise UsageError("--workers goes without --scheduler: a cluster has workers of its own.")
    console = Console()
    chosen = Assignment(assignment, _course())
    if undo:
        from autograder.pages.history import undone
        from autograder.records.undo import undo as take_back

        if students or regrade or dry_run or scheduler:
            raise UsageError("--undo takes the whole last run back, and goes with --reason alone.")
        console.print(undone(take_back(chosen, reason)), soft_wrap=True)
        return
    if isolation == "none":
        click.echo(
            "autograder: --isolation none: student code runs with your rights, it can read and change all that "
            "you can, and a student who knows it can have any grade. Recorded in results/.",
            err=True,
        )
    with Progress(console) as progress:
        summary = grade_class(
            chosen,
            students,
            regrade=regrade,
            dry_run=dry_run,
            isolation=isolation,
            workers=workers or cores(),
            scheduler=scheduler,
            watcher=progress,
            reason=reason,
        )
    if dry_run:
        console.print(changes(summary))
    else:
        marks = read_marks(chosen)
        console.print(table(chosen, summary, marks, {} if anonymous else roster(chosen, marks), console.width))
    if summary.troubled:
        sys.exit(TROUBLE)


@cli.command()
@click.argument("assignment", type=named, required=False)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for scripts.")
def status(assignment: str | None, as_json: bool) -> None:
    """Say what is collected, graded and waiting, and whether it fits together; exit code 1 where it does not.

    Without ASSIGNMENT, every assignment of the course. Example: autograder status differentiable_gain
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.standing import standing
    from autograder.records.status import assignments
    from autograder.records.status import status as look

    course = _course()
    found = [look(Assignment(name, course)) for name in ([assignment] if assignment else assignments(course))]
    if as_json:
        click.echo(json.dumps({"assignments": [one.to_data() for one in found]}, indent=1))
    else:
        for one in found:
            Console().print(standing(one), soft_wrap=True)
    if not all(one.holds for one in found):
        sys.exit(NOT_HOLDING)


@cli.command()
@click.argument("assignment", type=named)
@click.argument("archives", nargs=-1, required=True, metavar="ARCHIVE...", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--from",
    "layout",
    type=click.Choice(["auto", "canvas", "moodle", "blackboard", "folder"]),
    default="auto",
    show_default=True,
    help="Whose layout it is; auto recognises it and says so.",
)
@click.option("--accept-names", is_flag=True, help="Take a notebook of another name where it is the only one.")
@click.option("--dry-run", is_flag=True, help="Show what would be collected, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def collect(
    assignment: str, archives: tuple[Path, ...], layout: str, accept_names: bool, dry_run: bool, as_json: bool
) -> None:
    """Sort what a platform gives (a zip or a folder) into submitted/.

    Example: autograder collect differentiable_gain ~/Downloads/submissions.zip --dry-run
    """
    from autograder.course.assignment import Assignment
    from autograder.platforms.collect.collect import collect as collect_archives
    from autograder.platforms.collect.summary import as_data, lines

    seen = [path.absolute() for path in archives]  # from where the user stands, which `_course` changes
    done = collect_archives(
        Assignment(assignment, _course()), seen, layout=layout, accept_names=accept_names, dry_run=dry_run
    )
    click.echo(json.dumps(as_data(done), indent=1) if as_json else "\n".join(lines(done)))
    for why in done.unreadable:
        click.echo(f"autograder: {why}", err=True)
    if done.unreadable:
        sys.exit(USAGE)


@cli.command()
@click.argument("folder", required=False, default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Make a course folder: configuration, .gitignore, folders, a README for staff. Touches nothing that is there.

    Example: autograder init signals-101
    """
    from autograder.course import scaffold

    for path, new in scaffold.init(folder):
        click.echo(f"{'made ' if new else 'kept '} {path}")
    where = "" if folder == Path() else f"cd {folder}, then "
    click.echo(f"Next: {where}autograder new NAME --exercise ID")


@cli.command()
@click.argument("name")
@click.option(
    "--exercise",
    "exercises",
    multiple=True,
    required=True,
    metavar="ID",
    help="The function that students write, such as one_pole_filter; may be repeated.",
)
def new(name: str, exercises: tuple[str, ...]) -> None:
    """Make an assignment that is whole: notebook, hidden tests, a right and a wrong answer of each exercise.

    Example: autograder new filters --exercise one_pole --exercise moving_average
    """
    from autograder.course import scaffold

    course = _course()
    for path in scaffold.new(course, name, exercises):
        click.echo(f"made  {path.relative_to(course) if path.is_relative_to(course) else path}")
    click.echo(f"It works as it is: autograder check {name}\nThen put your own subject in its place, file by file.")


@cli.command()
@click.argument("assignment", type=named, required=False)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for scripts.")
def check(assignment: str | None, as_json: bool) -> None:
    """Say in seconds whether configuration, notebook, hidden tests, probes and answers fit together.

    Exit code 1 where they do not. Without ASSIGNMENT, every assignment of the course. Example: autograder check filters
    """
    from autograder.audit.consistency import of_assignment, of_course
    from autograder.pages.terminal import plain
    from autograder.records.status import assignments

    course = _course()
    names = [assignment] if assignment else assignments(course)
    found = {"": list(of_course(course)), **{name: list(of_assignment(course, name)) for name in names}}
    if as_json:
        click.echo(
            json.dumps(
                {
                    "findings": [
                        {"assignment": name or None, "where": one.where, "what": one.what, "holds": one.holds}
                        for name, each in found.items()
                        for one in each
                    ]
                },
                indent=1,
            )
        )
    else:
        for each in found.values():
            for one in each:
                click.echo(f"{'  note' if one.holds else 'mend  '}  {plain(one.where)}: {plain(one.what)}")
    bad = sum(not one.holds for each in found.values() for one in each)
    if not as_json:
        click.echo(f"{bad} to mend." if bad else f"{', '.join(names)}: everything fits together.")
    if bad:
        sys.exit(NOT_HOLDING)


@cli.command()
@click.argument("assignment", type=named)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The folder of the sample class; demo-ASSIGNMENT by default. It is made anew.",
)
def demo(assignment: str, output: Path | None) -> None:
    """Make a sample class of an assignment out of its answers, in a folder of its own, and grade it.

    Example: autograder demo differentiable_gain --output /tmp/demo
    """
    from autograder.demo import show

    folder = _written(output, f"demo-{assignment}").absolute()
    code = show(_course(), assignment, folder)
    if code:
        sys.exit(code)


@cli.command()
@click.argument("assignment", type=named)
@click.option("--student", required=True, metavar="ID", help="Whose grade.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for scripts.")
def history(assignment: str, student: str, as_json: bool) -> None:
    """Say what became of a student's grade, when, by which run and why.

    Example: autograder history differentiable_gain --student student-07
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.history import as_data, timeline
    from autograder.records.history import story
    from autograder.records.marks import read_marks

    chosen = Assignment(assignment, _course())
    events, marks = story(chosen, student), read_marks(chosen).get(student)
    if not events and (marks is None or not marks.entered):
        raise UsageError(f"Nothing is known of {student!r} in {assignment}: no run has graded such a student.")
    if as_json:
        click.echo(json.dumps(as_data(student, events, marks), indent=1))
    else:
        Console().print(timeline(student, events, marks), soft_wrap=True)


@cli.command()
@click.argument("assignment", type=named)
@click.option("--student", "students", multiple=True, metavar="ID", help="Whose grade; may be repeated.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes; one for each core by default."
)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for scripts.")
def verify(assignment: str, students: tuple[str, ...], workers: int | None, as_json: bool) -> None:
    """Derive recorded grades again from what was recorded; exit code 1 where one is not the same.

    Example: autograder verify differentiable_gain --student student-07
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.verified import verified
    from autograder.running.processes import cores
    from autograder.running.verify import verify as derive

    found = sorted(
        derive(Assignment(assignment, _course()), students, workers=workers or cores()), key=lambda one: one.student
    )
    if as_json:
        click.echo(json.dumps({"assignment": assignment, "grades": [one.to_data() for one in found]}, indent=1))
    else:
        Console().print(verified(found), soft_wrap=True)
    if not all(one.same for one in found):
        sys.exit(NOT_HOLDING)


@cli.command()
@click.argument("assignment", type=named)
@click.argument("question")
@click.option("--second", is_flag=True, help="Be the second marker of a drawn tenth of the answers.")
@click.option("--agreement", is_flag=True, help="Say how far the second marker agrees with the first.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Where to serve it; any free one by default."
)
@click.option("--json", "as_json", is_flag=True, help="With --agreement: say it as JSON, for scripts.")
def mark(assignment: str, question: str, second: bool, agreement: bool, port: int, as_json: bool) -> None:
    """Mark one written answer of the whole class, on a page that this machine alone can open.

    Without names, with the marking scheme beside each answer, by keyboard. Example: autograder mark
    differentiable_gain phase_shift_explained
    """
    from autograder.course.assignment import Assignment
    from autograder.platforms.marking.command import serve, tell_agreement

    chosen = Assignment(assignment, _course())
    if agreement:
        tell_agreement(chosen, question, as_json=as_json)
    else:
        serve(chosen, question, second=second, port=port)


@cli.command()
def doctor() -> None:
    """Try the sandbox and say which walls stand; exit code 1 where student code must not be run."""
    from autograder.pages.diagnosis import walls
    from autograder.sandbox import selftest
    from autograder.sandbox.sandbox import Sandbox, SandboxFault

    console = Console()
    named = click.get_current_context().find_root().obj
    course = _course() if named or is_course(Path.cwd()) else None
    try:
        with Sandbox() as sandbox:
            findings = selftest.run(sandbox)
            console.print(walls(sandbox.facts["isolation"], findings))
        if course:
            _say_what_the_course_lacks(console, course)
    except SandboxFault as fault:
        console.print(f"Student code must not be run here. {fault}", markup=False, highlight=False)
        sys.exit(NOT_HOLDING)
    if selftest.failures(findings):
        sys.exit(NOT_HOLDING)


@cli.command()
@click.argument("assignment", type=named)
@click.option("--student", "students", multiple=True, metavar="ID", help="This student's page only; may be repeated.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes; one for each core by default."
)
@click.option(
    "--zip",
    "packed",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also put the pages into this zip, named as Canvas or Moodle takes them back.",
)
def feedback(assignment: str, students: tuple[str, ...], workers: int | None, packed: Path | None) -> None:
    """Write a page for each student who has a grade: what is wrong, once, and why.

    Example: autograder feedback differentiable_gain --zip feedback.zip
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.terminal import many
    from autograder.platforms.feedback_zip import write_pages
    from autograder.running.processes import cores
    from autograder.running.write_feedback import write_feedback

    packed = _written(packed, "") if packed else None
    chosen = Assignment(assignment, _course())
    done = write_feedback(chosen, students, workers=workers or cores())
    click.echo(f"Wrote {many(len(done.written), 'page')} to {done.place}")
    if packed:
        zipped = write_pages(chosen, done.written, packed)
        click.echo(f"Wrote {packed}")
        if zipped.left_out:
            click.echo(
                f"Not in the zip, for the platform would not know whose these pages are: {', '.join(zipped.left_out)}"
            )
    for student, why in done.failed.items():
        click.echo(f"autograder: {student} has no new page: {why}", err=True)
    if done.failed:
        sys.exit(TROUBLE)


@cli.command()
@click.argument("assignment", type=named)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it; report-ASSIGNMENT.html by default.",
)
@click.option("--anonymous", is_flag=True, help="Show ids alone, no names of the class list.")
def report(assignment: str, output: Path | None, anonymous: bool) -> None:
    """Write the class report (HTML): who needs help with what, and what was hard.

    Example: autograder report differentiable_gain --anonymous
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.report import write_report

    path = _written(output, f"report-{assignment}.html")
    write_report(Assignment(assignment, _course()), path, anonymous=anonymous)
    click.echo(f"Wrote {path}")


@cli.command()
@click.argument("assignment", type=named)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it; similar-ASSIGNMENT.html by default.",
)
@click.option("--anonymous", is_flag=True, help="Show ids alone, no names of the class list.")
@click.option("--json", "as_json", is_flag=True, help="Print all pairs as JSON, and write no page.")
def similar(assignment: str, output: Path | None, anonymous: bool, as_json: bool) -> None:
    """Show code that is nearly the same, beside how usual it is to share so much (HTML).

    Example: autograder similar differentiable_gain --output similar.html
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.terminal import many, plain
    from autograder.records.roster import roster
    from autograder.similar.compare import compare
    from autograder.similar.page import as_data, page
    from autograder.verdict import write_whole

    path = _written(output, f"similar-{assignment}.html")
    chosen = Assignment(assignment, _course())
    compared = compare(chosen)
    if as_json:
        click.echo(json.dumps(as_data(chosen.name, compared), indent=1))
        return
    write_whole(path, page(chosen, compared, {} if anonymous else roster(chosen)))
    click.echo(
        f"{many(len(compared.students), 'submission')} compared: {many(len(compared.pairs), 'pair')} with code that is "
        "nearly the same and not usual."
    )
    for student, why in compared.left_out:
        click.echo(f"autograder: {plain(student)} was not compared: {plain(why)}", err=True)
    click.echo(f"Wrote {path}")


@cli.command()
@click.argument("assignment", type=named)
@click.option("--student", "students", multiple=True, metavar="ID", help="Whose code; may be repeated.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="The same seed gives the same sheets.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where to write the sheets; viva-ASSIGNMENT by default.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes; one for each core by default."
)
@click.option("--anonymous", is_flag=True, help="Show ids alone, no names of the class list.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what was written, and for whom nothing.")
def viva(
    assignment: str,
    students: tuple[str, ...],
    seed: int,
    output: Path | None,
    workers: int | None,
    anonymous: bool,
    as_json: bool,
) -> None:
    """Write sheets for a short talk with students about their own code: three questions, and their computed answers.

    Example: autograder viva differentiable_gain --student student-07
    """
    from autograder.course.assignment import Assignment
    from autograder.pages.terminal import plain
    from autograder.records.roster import roster
    from autograder.running.processes import cores
    from autograder.viva.ask import sheets
    from autograder.viva.page import write

    folder = _written(output, f"viva-{assignment}")
    chosen = Assignment(assignment, _course())
    names = {} if anonymous else roster(chosen)
    written = []
    for sheet in sheets(chosen, students, seed=seed, workers=workers or cores()):
        if not sheet.ours:
            folder.mkdir(parents=True, exist_ok=True)
            write(chosen, sheet, folder, names.get(sheet.student, ""))
        written.append(sheet)
        if not as_json:
            count = len(sheet.asked)
            told = f"{plain(sheet.student)}: {count or 'no'} question{'s' * (count != 1)}"
            click.echo(f"{told}. {plain(sheet.why)}" if sheet.why else told)
    if as_json:
        told_all = sorted(written, key=lambda sheet: sheet.student)
        data = [{"student": one.student, "questions": len(one.asked), "why": one.why or None} for one in told_all]
        click.echo(json.dumps({"assignment": chosen.name, "seed": seed, "sheets": data}, indent=1))
    else:
        click.echo(f"Wrote the sheets to {folder}. Keep those that end in -answers to yourself.")
    if any(sheet.ours for sheet in written):
        sys.exit(TROUBLE)


@cli.command()
@click.argument("assignment", type=named)
@click.option("--exercise", metavar="ID", help="Audit one exercise only, such as test_fit_gain.")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="With how many seeds the answers are asked.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes; one for each core by default."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where to write audit-ASSIGNMENT.json and .html; the course folder by default.",
)
@click.option("--renew-patterns", is_flag=True, help="Keep the failed checks of each known mistake for the reports.")
def audit(
    assignment: str, exercise: str | None, seeds: int, workers: int | None, output: Path | None, renew_patterns: bool
) -> None:
    """Test the hidden tests: right answers, known mistakes, mutants, margins, leaks, stability."""
    from autograder.audit.run import audit_assignment, renew, write
    from autograder.audit.summary import Watch, table
    from autograder.course.assignment import Assignment
    from autograder.running.processes import cores

    console = Console()
    output = _written(output, "")
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


def _grades_command(platform: str, what: str, words: str) -> None:
    """Adds `autograder export PLATFORM`, which writes grades."""

    @click.argument("assignment", type=named)
    @click.option(
        "--into",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The file that the platform gave out: it is filled, and all the rest of it stays.",
    )
    @click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=f"Where to write it; grades-{platform}-ASSIGNMENT.csv by default.",
    )
    @click.option("--incomplete", is_flag=True, help="Export the points so far while written answers wait for a mark.")
    @click.option("--title", metavar="TEXT", help="What the platform calls the assignment, where it is another name.")
    def command(assignment: str, into: Path | None, output: Path | None, incomplete: bool, title: str | None) -> None:
        from autograder.course.assignment import Assignment
        from autograder.platforms.export.export import export_grades

        path = _written(output, f"grades-{platform}-{assignment}.csv")
        into = into.absolute() if into else None  # from where the user stands, which `_course` changes
        told = export_grades(
            Assignment(assignment, _course()), platform, into=into, incomplete=incomplete, title=title, output=path
        )
        click.echo("\n".join(told))

    example = f"Example: autograder export {platform} differentiable_gain {words}"
    export.command(platform, help=f"{what}\n\n{example}")(command)


_grades_command("csv", "Write the grades as a table: each exercise, the total, what waits.", "--output grades.csv")
_grades_command("canvas", "Write the grades in the form of Canvas's gradebook.", "--into ~/Downloads/Grades.csv")
_grades_command("moodle", "Write the grades into Moodle's grading worksheet.", "--into ~/Downloads/Grades.csv")


@export.command()
@click.argument("assignment", type=named)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The zip; gradescope-ASSIGNMENT.zip by default.",
)
def gradescope(assignment: str, output: Path | None) -> None:
    """Write the zip that Gradescope takes. It holds solutions, hidden tests and the seed: keep it to yourself."""
    from autograder.course.assignment import Assignment
    from autograder.platforms.gradescope.pack import write_zip

    path = _written(output, f"gradescope-{assignment}.zip")
    write_zip(Assignment(assignment, _course()), path)
    click.echo(f"Wrote {path}")


@export.command()
@click.argument("assignment", type=named)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it; junit-ASSIGNMENT.xml by default.",
)
def junit(assignment: str, output: Path | None) -> None:
    """Write the results as JUnit XML, for continuous integration. It is for staff.

    Example: autograder export junit differentiable_gain --output junit.xml
    """
    from autograder.course.assignment import Assignment
    from autograder.platforms.junit import junit as as_xml
    from autograder.records.results import read_results
    from autograder.verdict import write_whole

    path = _written(output, f"junit-{assignment}.xml")
    grades = list(read_results(Assignment(assignment, _course()).course, assignment))
    if not grades:
        raise UsageError(f"Nothing is graded yet: run autograder grade {assignment} first.")
    write_whole(path, as_xml(grades))
    click.echo(f"Wrote {path}")


@export.command()
@click.argument("assignment", type=named)
@click.option("--student", metavar="ID", help="Whose result; needed where there are several.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("result.json"),
    metavar="FILE",
    show_default=True,
    help="Where the runner looks for it.",
)
def classroom(assignment: str, student: str | None, output: Path) -> None:
    """Write the result.json of Classroom 50, of one student.

    Example: autograder export classroom differentiable_gain --student student-01
    """
    from autograder.course.assignment import Assignment
    from autograder.platforms.classroom import result
    from autograder.records.results import read_results
    from autograder.verdict import write_whole

    path = output.absolute()  # where the user stands, which `_course` changes
    grades = {grade.student: grade for grade in read_results(Assignment(assignment, _course()).course, assignment)}
    if student is None and len(grades) != 1:
        raise UsageError(f"Name the student with --student: there are {len(grades)}.")
    chosen = grades.get(student) if student is not None else next(iter(grades.values()))
    if chosen is None:
        raise UsageError(f"There is no result of {student}: run autograder grade {assignment} first.")
    found = result(chosen, os.environ)
    write_whole(path, json.dumps(found, indent=1) + "\n")
    click.echo(f"Wrote {output}: {found['score']} of {found['max-score']}")


def _course() -> Path:
    """The course folder, which becomes the current one: nbgrader's own code takes it for that.

    Raises `UsageError` where there is no course.
    """
    named: Path | None = click.get_current_context().find_root().obj
    course = (named or Path.cwd()).absolute()
    if not is_course(course):
        what = (
            f"{named} is not a course folder: there is no nbgrader_config.py in it."
            if named
            else "This is not a course folder: there is no nbgrader_config.py here."
        )
        raise UsageError(f"{what} Name one with --course FOLDER, or make one with “autograder init”.")
    try:
        os.chdir(course)
    except OSError as error:
        raise UsageError(f"The course folder {course} cannot be entered: {error.strerror}.") from error
    return course


def _written(path: Path | None, name: str) -> Path:
    """Where a command writes: what the user named, as seen from where they stand, else `name` in the course folder.

    Asked before `_course()`.
    """
    course: Path | None = click.get_current_context().find_root().obj
    if course is None:
        return path or Path(name)
    return path.absolute() if path else course.absolute() / name


def _say_what_the_course_lacks(console: Console, course: Path) -> None:
    """What does not fit in its configuration, and what its submissions may import and is not installed."""
    from autograder.audit.consistency import of_course

    for finding in of_course(course):
        console.print(f"This course, {finding.where}: {finding.what}", markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    """Exit codes: 0 all went as asked, 1 something checked does not hold, 2 wrong usage, 3 the grader's own fault."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    atexit.register(gc.freeze)  # Python would end with a look for garbage in all modules, for a quarter of a second
    _find_a_home()
    plain_where_needed()
    code, told = _outcome()
    trouble = finish()
    if trouble and not code:
        code, told = TROUBLE, trouble
    if told:
        print(f"autograder: {told}", file=sys.stderr)  # click would write UTF-8 where the output is ASCII
    if code:
        sys.exit(code)


def _outcome() -> tuple[int, str]:
    """Runs the command: its exit code, and the one line to say. No command ends in a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code, ""
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code)), ""
    except click.Abort:
        return 130, ""
    except click.ClickException as error:
        return USAGE, error.format_message()
    except UsageError as error:
        return USAGE, str(error)
    except GraderFault as error:
        return TROUBLE, str(error)
    except BrokenPipeError:  # whoever read has gone away
        discard()
        return TROUBLE, ""
    except Exception as error:
        if os.environ.get("AUTOGRADER_TRACEBACK"):
            raise
        return TROUBLE, _unexpected(error)
    return 0, ""


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror or error}."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        discard()
        return f"The output cannot be written: {error.strerror}."
    if isinstance(error, MemoryError):
        return "This machine has too little memory."
    where = traceback.extract_tb(error.__traceback__)[-1]
    why = " ".join(str(error).split())[:300]
    return (
        f"The kit stopped at a fault of its own: {type(error).__name__}: {why} ({Path(where.filename).name}, line "
        f"{where.lineno}). Please report it, with what AUTOGRADER_TRACEBACK=1 shows."
    )


def _find_a_home() -> None:
    """Jupyter's packages ask for a home folder, which an account of a container may lack; nothing is kept in it."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/"
