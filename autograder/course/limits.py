"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Seconds of wall time, without those in which the submission waits for a free core (up to three times the limit), and
    bytes of memory beyond the template's own.
    """

    cell: float = 60.0
    question: float = 10.0
    submission: float = 120.0
    memory: int = 2 * 2**30
