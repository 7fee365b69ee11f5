"""What a run of `autograder collect` says at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograder.platforms.collect.collect import Collected
from autograder.records.uploads import Upload

NAMES = 12  # that one line shows


def lines(collected: Collected) -> Iterator[str]:
    """What was found in each archive, what to look at, and at the end all of it in a sentence."""
    yield from collected.archives
    for note in collected.notes:
        yield f"  {note}"
    would = "Would be: " if collected.dry_run else ""
    kinds = (
        (collected.fresh, "new"),
        (collected.replaced, "in the place of an earlier upload"),
        (collected.unchanged, "as they were"),
        (collected.earlier, "older than what is there"),
    )
    done = ", ".join(f"{len(set(some))} {what}" for some, what in kinds if some)
    if done:
        yield f"{would}{done}."
    if collected.replaced and not collected.dry_run:
        yield f"What was replaced is kept in {collected.uploads.folder / 'versions'}."
    yield conclusion(collected)
    if collected.dry_run:
        yield "Nothing was written."


def conclusion(collected: Collected) -> str:
    """`12 of 13 collected; 3 late: ...; missing: student-07 (a PDF came instead).`"""
    parts = [f"{len(collected.present)} of {len(collected.everybody)} collected"]
    if collected.late:
        parts.append(f"{len(collected.late)} late: {_listed(collected.late)}")
    missing = [f"{student} ({why})" if why else student for student, why in missed(collected)]
    if missing:
        parts.append(f"missing: {_listed(missing)}")
    return "; ".join(parts) + "."


def missed(collected: Collected) -> list[tuple[str, str]]:
    """Who has no notebook, and what came instead."""
    found = []
    for student in collected.everybody:
        if student not in collected.present:
            upload = collected.uploads.students.get(student)
            why = upload.instead if upload else ""
            if why.startswith("“") and ".ipynb" in why.lower():
                why += "; --accept-names takes it"
            found.append((student, why))
    return found


def as_data(collected: Collected) -> dict[str, Any]:
    """All of it, for scripts."""
    uploads = collected.uploads.students
    reasons = dict(missed(collected))
    return {
        "dry_run": collected.dry_run,
        "archives": collected.archives,
        "notes": collected.notes,
        "unreadable": collected.unreadable,
        "students": {
            student: {
                "collected": student in collected.present,
                "late": student in collected.late,
                **_facts(uploads.get(student)),
                "reason": reasons.get(student) or None,
            }
            for student in collected.everybody
        },
    }


def _facts(upload: Upload | None) -> dict[str, str | None]:
    return {"time": upload.time.isoformat(" ") if upload and upload.time else None, "of": upload.of if upload else None}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more
