"""Blackboard's "Assignment File Download": `Assignment_USERNAME_attempt_DATE_file`, all in one folder.

Beside each attempt lies a text file of the same name without `_file`, in which Blackboard describes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.platforms.collect.archive import Entry
from autograder.platforms.collect.layout import File, Layout, Situation

NAMED = re.compile(
    r".+?_(?P<user>[^_].*?)_attempt_(?P<date>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)"
    r"(?:_(?P<original>.+)|\.txt)",
    re.DOTALL,
)


def _read(entries: Sequence[Entry], situation: Situation) -> list[File | None]:
    return [_file(entry, situation) for entry in entries]


def _file(entry: Entry, situation: Situation) -> File | None:
    found = NAMED.fullmatch(entry.path) if len(entry.parts) == 1 else None
    if not found:
        return None
    user = _user(entry.path, found, situation)
    try:
        local = datetime.strptime(found["date"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=situation.zone)
        time = local.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    attempt = int(found["date"].replace("-", ""))
    return File(
        entry,
        user,
        found["original"] or "about.txt",
        time=time,
        order=attempt,
        attempt=attempt,
        text=found["original"] is None,
    )


def _user(path: str, found: re.Match[str], situation: Situation) -> str:
    """The name of the account. An assignment's name may hold underscores, and so may an account's: one that is known
    is believed first, then the assignment's own name, then the last part."""
    parts = path[: found.end("user")].split("_")
    ends = ["_".join(parts[place:]) for place in range(1, len(parts))]
    known = [end for end in ends if end.casefold() in situation.students]
    if known:
        return known[0]
    own = re.sub(r"[\W_]+", "", situation.assignment).casefold()
    after = [end for end in ends if re.sub(r"[\W_]+", "", path[: found.end("user") - len(end)]).casefold() == own]
    return after[-1] if after else ends[-1]


LAYOUT = Layout("blackboard", "blackboard", "the files of Blackboard's “Assignment File Download”", _read)
