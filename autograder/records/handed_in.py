"""When a submission was handed in, as the file beside it says, in whatever way it was saved."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser  # type: ignore[import-untyped]

from autograder.submission.pickup import BESIDE, TIMESTAMP, read_beside, shown
from autograder.verdict import write_whole

DAY_FIRST = re.compile(r"\s*\d{1,2}\.\s?\d{1,2}\.\s?\d{4}")
EITHER_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-]\d{4}")
DEFAULTS = (datetime(2001, 1, 1), datetime(2004, 2, 2))  # what a text does not say differs between the two
HOUR = 3600
ZONES = {
    "PST": -8 * HOUR,
    "PDT": -7 * HOUR,
    "MST": -7 * HOUR,
    "MDT": -6 * HOUR,
    "CDT": -5 * HOUR,
    "EST": -5 * HOUR,
    "EDT": -4 * HOUR,
    "WET": 0,
    "WEST": HOUR,
    "CET": HOUR,
    "CEST": 2 * HOUR,
    "EET": 2 * HOUR,
    "EEST": 3 * HOUR,
    "MEZ": HOUR,
    "MESZ": 2 * HOUR,
    "JST": 9 * HOUR,
    "AEST": 10 * HOUR,
    "AEDT": 11 * HOUR,
}  # s east of Greenwich


def copy_what_counts(folder: Path, target: Path) -> None:
    """Copies the small files beside the notebook that count: when it was handed in, and the secret of the exchange.

    nbgrader's exchange names the feedback by that secret, so that only its owner finds it. All others stay where they
    are, and nothing else is opened.
    """
    for name in BESIDE:
        text = read_beside(folder, name)
        if text is not None:
            write_whole(target / name, text)


def handed_in_at(folder: Path) -> datetime | None:
    """When it was handed in (UTC, without a zone), where a file says so; a file that says something else is no time."""
    text = (read_beside(folder, TIMESTAMP) or "").strip()
    return parsed(text) if text else None


def time_trouble(folder: Path) -> str:
    """What to say of a file with a time that cannot be read; "" where there is none, or it can."""
    text = (read_beside(folder, TIMESTAMP) or "").strip()
    if not text or parsed(text):
        return ""
    return (
        f"{TIMESTAMP} says {shown(text)}, which is no time, so nobody knows whether it was late. Write it as "
        "2026-11-22 12:00:00 UTC."
    )


def parsed(text: str) -> datetime | None:
    """The time (UTC, without a zone) that a text says, with a whole date; None where it says none, or could mean two.

    Without a zone, it is UTC, as in nbgrader.
    """
    either = EITHER_FIRST.search(text)
    if either and either[1] != either[2] and int(either[1]) <= 12 and int(either[2]) <= 12:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a zone that is not known
            first, second = (
                parser.parse(text, default=default, dayfirst=bool(DAY_FIRST.match(text)), tzinfos=ZONES)
                for default in DEFAULTS
            )
        if first.date() != second.date():
            return None
        found: datetime = first.astimezone(UTC).replace(tzinfo=None) if first.tzinfo else first
        return found
    except (ValueError, OverflowError, TypeError, Warning):
        return None
