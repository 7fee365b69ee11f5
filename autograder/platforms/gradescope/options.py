"""What an instructor may choose for Gradescope: `c.AutograderGradescope.shows = "verdicts"` and so on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from autograder.course.class_list import duration
from autograder.course.folder import settings
from autograder.errors import UsageError

SECTION = "AutograderGradescope"
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
SHOWS = ("hints", "verdicts", "exercises", "nothing")


@dataclass(frozen=True)
class Options:
    """What students see, and how often they may be graded.

    Arguments:
        visibility: when students see anything at all, in Gradescope's words.
        shows: of the checks: verdict and hint, the verdict alone, only the points of each exercise, or nothing.
        attempts: how many submissions of a student are graded within `period`; None for all.
        period: seconds; None counts all submissions of a student together.
        torch_index: the address of an index that has PyTorch's builds for the CPU alone, or "".
    """

    visibility: str = "visible"
    shows: str = "hints"
    attempts: int | None = None
    period: float | None = None
    torch_index: str = ""


def options(course: Path) -> Options:
    """The course's choices. Raises `UsageError` for one that is none."""
    section = dict(settings(course).config.get(SECTION, {}))
    names = [field.name for field in fields(Options)]
    for name in section:
        if name not in names:
            raise UsageError(f"c.{SECTION}.{name} is not an option; there are {', '.join(sorted(names))}.")
    for name, choices in (("visibility", VISIBILITIES), ("shows", SHOWS)):
        if section.get(name, choices[0]) not in choices:
            raise UsageError(f"c.{SECTION}.{name} must be one of {', '.join(choices)}, not {section[name]!r}.")
    attempts, period, index = (section.get(name) for name in ("attempts", "period", "torch_index"))
    if attempts is not None and (isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1):
        raise UsageError(f"c.{SECTION}.attempts must be a whole number from 1 on, not {attempts!r}.")
    if period is not None:
        if attempts is None:
            raise UsageError(f"c.{SECTION}.period goes with c.{SECTION}.attempts: how many are graded in that time?")
        try:
            section["period"] = duration(str(period)).total_seconds()
        except ValueError as error:
            raise UsageError(f"c.{SECTION}.period: {error}.") from error
    if index is not None and not (
        isinstance(index, str) and index.isprintable() and index.startswith("https://") and " " not in index
    ):
        raise UsageError(f"c.{SECTION}.torch_index must be an address that begins with https://, not {index!r}.")
    return Options(**section)
