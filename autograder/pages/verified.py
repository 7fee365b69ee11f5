"""What `autograder verify` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from autograder.pages.terminal import many, plain
from autograder.records.compare import said
from autograder.records.verified import Verified


def verified(found: Sequence[Verified]) -> RenderableType:
    """Whether each grade came out the same, and what differs where it did not."""
    return Group(*_lines(found))


def _lines(found: Sequence[Verified]) -> Iterator[Text]:
    other = [one for one in found if not one.same]
    for one in other:
        yield Text.assemble(
            (plain(one.student), "yellow"),
            f": recorded {said(one.recorded)}, ",
            f"derived again {said(one.again)}" if one.again else "not derived again",
        )
        for line in (*one.circumstances, *one.outcome, *one.elsewhere):
            yield Text(f"    {plain(line)}")
    same = len(found) - len(other)
    if same:
        yield Text(f"{many(same, 'grade')} derived again from what was recorded: the same.", style="green")
    if other:
        yield Text(f"{many(len(other), 'grade')} could not be confirmed.", style="bold red")
