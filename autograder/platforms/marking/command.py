"""`autograder mark`: serves the page until it is stopped, and tells how far two markers agree."""

from __future__ import annotations

import json

import click

from autograder.course.assignment import Assignment
from autograder.pages.terminal import many, plain
from autograder.platforms.marking.server import Marking, Server
from autograder.records.marking import agreed
from autograder.records.marking import question as find

SHOWN = 10  # answers on which two markers differ most


def serve(assignment: Assignment, question: str, *, second: bool = False, port: int = 0) -> None:
    """Serves the page until Ctrl-C. Raises `UsageError` where there is nothing to mark, or the port is taken."""
    marking = Marking(assignment, question, second=second)
    with Server(marking, port) as server:
        click.echo(f"{many(len(marking), 'answer')} to {question}. Open this in a browser on this machine:")
        click.echo(f"  {server.address}")
        click.echo(
            "Marks are in the gradebook as soon as they are saved. Ctrl-C ends it."
            if not second
            else "The second marks are kept beside the results, not in the gradebook. Ctrl-C ends it."
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Ended.")


def tell_agreement(assignment: Assignment, question: str, *, as_json: bool = False) -> None:
    """Prints how far the second marker agrees with what stands in the gradebook."""
    found = agreed(assignment, find(assignment, question))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "question": question,
                    "drawn": found.drawn,
                    "marked twice": len(found.pairs),
                    "the same": found.exact,
                    "mean difference": found.mean_difference,
                    "mean distance": found.mean_distance,
                    "pairs": [list(pair) for pair in found.pairs],
                },
                indent=1,
            )
        )
        return
    click.echo(
        f"{question}: {many(found.drawn, 'answer')} drawn for a second marker, {len(found.pairs)} marked by both."
    )
    if not found.pairs:
        return
    other = found.mean_difference
    side = "milder" if other > 0 else "stricter" if other < 0 else "neither milder nor stricter"
    click.echo(
        f"The same mark for {found.exact} of {len(found.pairs)}; {found.mean_distance:g} points apart on "
        f"average; the second marker is {side} ({other:+g})."
    )
    for student, first, other in found.pairs[:SHOWN]:
        if first != other:
            click.echo(f"  {plain(student)}: {first:g}, and {other:g} by the second marker")
