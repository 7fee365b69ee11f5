"""Grades the one submission of a Gradescope container: `python -m autograder.gradescope.there FOLDER`.

FOLDER is Gradescope's /autograder, with `source/` (the zip), `submission/` (what the student handed in) and `results/`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import GraderFault
from autograder.feedback import WORDS, points
from autograder.grade import Grader
from autograder.gradescope import TERMS
from autograder.sandbox.sandbox import Limits
from autograder.sanitise import NOT_TEXT
from autograder.verdict import Check, Grade, Status, Verdict, write_whole

STUDENT = "submission"  # Gradescope knows whose it is
TROUBLE = 3


def graded(root: Path) -> Grade:
    """The grade of what lies in `submission/`. Raises `GraderFault` when nothing can be graded here."""
    source = root / "source"
    terms = json.loads((source / TERMS).read_text(encoding="utf-8"))
    assignment = Assignment(terms["assignment"], source / "course")
    with Grader(assignment, terms["seed"], Limits(**terms["limits"]), terms["isolation"]) as grader:
        return grader.grade(root / "submission", STUDENT).grade


def told(grade: Grade) -> dict[str, Any]:
    """What a results.json says to Gradescope and to the student. Raises `GraderFault` where there is no grade."""
    if grade.status is Status.grader_error:
        raise GraderFault(grade.reason)
    lines = [grade.reason] if grade.reason else [
        f"{points(grade.score or 0)} of {points(grade.max_score)} points.", *grade.flags]
    return {
        "score": grade.score or 0.0,
        "execution_time": round(grade.seconds, 3),
        "output": _text("\n".join(lines)),
        # A hint may quote the student: nothing of it is markup.
        "output_format": "text", "test_output_format": "text", "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # has what the checks saw, for staff
        "tests": list(_tests(grade)),
        "extra_data": {"status": grade.status, **{name: value for name, value in grade.provenance.items()
                                                  if name != "seed"}},
    }


def _tests(grade: Grade) -> Iterator[dict[str, Any]]:
    for place, (name, exercise) in enumerate(grade.exercises.items(), start=1):
        for number, check in enumerate(exercise.checks, start=1):
            yield {"number": f"{place}.{number}", "name": _text(f"{name.removeprefix('test_')}: {check.title}"),
                   "score": check.points, "max_score": check.max_points,
                   "status": "passed" if check.verdict is Verdict.passed else "failed", "output": _text(_said(check))}


def _said(check: Check) -> str:
    return f"{WORDS[check.verdict]}: {check.hint}" if check.hint else WORDS[check.verdict]


def _text(text: str) -> str:
    return NOT_TEXT.sub("\ufffd", text)


def main() -> None:
    """Without a grade there is no results.json, and Gradescope says that the autograder failed; exit code 3."""
    root = Path(sys.argv[1])
    try:
        grade = graded(root)
        write_whole(root / "results" / "results.json", json.dumps(told(grade), indent=1) + "\n")
    except GraderFault as fault:
        print(f"This submission has no grade, for the grader's own fault. {_text(str(fault))}")
        sys.exit(TROUBLE)
    print(_text(grade.details()) or "All checks passed.")


if __name__ == "__main__":
    main()
