"""How often a student is graded: what Gradescope's submission_metadata.json says of the submissions before this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from autograder.pages.feedback import points

WAITING = "not_graded_yet"  # the status, in extra_data, of a submission that came too early


@dataclass(frozen=True)
class TooMany:
    """A submission that is not graded now. `score` is that of the latest one that was, which stays."""

    score: float
    sentence: str


def too_many(metadata: Mapping[str, Any], attempts: int, period: float | None) -> TooMany | None:
    """None where this submission is graded. What did not get a grade before, for whatever reason, does not count.

    Arguments:
        metadata: submission_metadata.json. Where it does not say what it should, the submission is graded.
        attempts: how many are graded within `period` seconds; within all time, where that is None.
    """
    try:
        now = datetime.fromisoformat(metadata["created_at"])
        graded = sorted(
            (datetime.fromisoformat(one["submission_time"]), _score(one))
            for one in metadata.get("previous_submissions") or ()
            if _counts(one)
        )
        recent = [time for time, _ in graded if period is None or now - time < timedelta(seconds=period)]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    if len(recent) < attempts:
        return None
    score = graded[-1][1]
    times = "once" if attempts == 1 else f"{attempts} times"
    if period is None:
        told = f"You may be graded {times}, and were."
    else:
        free = recent[-attempts] + timedelta(seconds=period)
        told = (
            f"You may be graded {times} within {_length(period)}, and were. "
            f"Hand in again after {free:%Y-%m-%d %H:%M} ({free:%Z})."
        )
    return TooMany(score, f"This submission was not graded. {told} Your latest score stays: {points(score)} points.")


def _counts(submission: Mapping[str, Any]) -> bool:
    results = submission.get("results") or {}
    return "score" in results and (results.get("extra_data") or {}).get("status") != WAITING


def _score(submission: Mapping[str, Any]) -> float:
    return float(submission["results"]["score"] or 0)


def _length(seconds: float) -> str:
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"a {word}".replace("a h", "an h") if count == 1 else f"{count} {word}s"
    return f"{seconds:g} seconds"
