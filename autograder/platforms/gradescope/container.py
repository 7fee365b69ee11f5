"""Grades the one submission of a Gradescope container: `python -m autograder.platforms.gradescope.container FOLDER`.

FOLDER is Gradescope's /autograder, with `source/` (the zip), `submission/` (what the student handed in) and `results/`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.course.bundle import arrived
from autograder.course.limits import Limits
from autograder.errors import GraderFault
from autograder.judging.grader import Grader
from autograder.pages.feedback import WORDS, points
from autograder.pages.sanitise import NOT_TEXT
from autograder.platforms.gradescope import TERMS
from autograder.platforms.gradescope.attempts import WAITING, TooMany, too_many
from autograder.platforms.gradescope.options import Options
from autograder.verdict import Check, Grade, Status, Verdict, write_whole

STUDENT = "submission"  # Gradescope knows whose it is
TROUBLE = 3


def read_terms(root: Path) -> dict[str, Any]:
    """What is graded here and how, as the zip says."""
    found: dict[str, Any] = json.loads((root / "source" / TERMS).read_text(encoding="utf-8"))
    return found


def graded(root: Path) -> Grade:
    """The grade of what lies in `submission/`. Raises `GraderFault` when nothing can be graded here."""
    source, terms = root / "source", read_terms(root)
    assignment = arrived(terms["assignment"], source / "course")
    with Grader(assignment, terms["seed"], Limits(**terms["limits"]), terms["isolation"]) as grader:
        return grader.grade(root / "submission", STUDENT).grade


def refused(root: Path, options: Options) -> TooMany | None:
    """Why this submission is not graded now; None where it is, also where Gradescope does not say what came before."""
    if options.attempts is None:
        return None
    try:
        metadata = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"Attempts are not counted: submission_metadata.json cannot be read ({error}).")
        return None
    return too_many(metadata, options.attempts, options.period)


def results_json(grade: Grade, options: Options) -> dict[str, Any]:
    """What a results.json says to Gradescope and to the student. Raises `GraderFault` where there is no grade."""
    if grade.status is Status.grader_error:
        raise GraderFault(grade.reason)
    lines = (
        [grade.reason]
        if grade.reason
        else [f"{points(grade.score or 0)} of {points(grade.max_score)} points.", *grade.flags]
    )
    return {
        **_frame(grade.score or 0.0, "\n".join(lines), options),
        "execution_time": round(grade.seconds, 3),
        "tests": list(_tests(grade, options.shows)),
        "extra_data": {
            "status": grade.status,
            **{name: value for name, value in grade.provenance.items() if name != "seed"},
        },
    }


def refusal_json(refusal: TooMany, options: Options) -> dict[str, Any]:
    """The results.json of a submission that is not graded: the score of the one before stays."""
    return {**_frame(refusal.score, refusal.sentence, options), "tests": [], "extra_data": {"status": WAITING}}


def _frame(score: float, output: str, options: Options) -> dict[str, Any]:
    return {
        "score": score,
        "output": _text(output),
        # A hint may quote the student: nothing of it is markup.
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": options.visibility,
        "stdout_visibility": "hidden",  # has what the checks saw, for staff
    }


def _tests(grade: Grade, shows: str) -> Iterator[dict[str, Any]]:
    if shows == "nothing":
        return
    for place, (name, exercise) in enumerate(grade.exercises.items(), start=1):
        if shows == "exercises":
            yield {
                "number": str(place),
                "name": _text(name.removeprefix("test_")),
                "score": exercise.score,
                "max_score": exercise.max_score,
                "output": "",
                "status": "passed" if exercise.score == exercise.max_score else "failed",
            }
            continue
        for number, check in enumerate(exercise.checks, start=1):
            yield {
                "number": f"{place}.{number}",
                "name": _text(f"{name.removeprefix('test_')}: {check.title}"),
                "score": check.points,
                "max_score": check.max_points,
                "status": "passed" if check.verdict is Verdict.passed else "failed",
                "output": _text(_said(check) if shows == "hints" else WORDS[check.verdict]),
            }


def _said(check: Check) -> str:
    return f"{WORDS[check.verdict]}: {check.hint}" if check.hint else WORDS[check.verdict]


def _text(text: str) -> str:
    return NOT_TEXT.sub("\ufffd", text)


def main() -> None:
    """Without a grade there is no results.json, and Gradescope says that the autograder failed; exit code 3."""
    root = Path(sys.argv[1])
    results = root / "results" / "results.json"
    try:
        options = Options(**read_terms(root)["gradescope"])
        refusal = refused(root, options)
        if refusal:
            write_whole(results, json.dumps(refusal_json(refusal, options), indent=1) + "\n")
            print(_text(refusal.sentence))
            return
        grade = graded(root)
        write_whole(results, json.dumps(results_json(grade, options), indent=1) + "\n")
    except GraderFault as fault:
        print(f"This submission has no grade, for the grader's own fault. {_text(str(fault))}")
        sys.exit(TROUBLE)
    print(_text(for_staff(grade)))


def for_staff(grade: Grade) -> str:
    """What the autograder's output says, which staff alone can open: the reason, what was unusual, what checks saw."""
    if grade.status is not Status.graded:
        return f"Nothing was graded ({grade.status}). {grade.reason}"
    passed = all(check.verdict is Verdict.passed for exercise in grade.exercises.values() for check in exercise.checks)
    return "\n".join([*grade.flags, grade.details() or ("All checks passed." if passed else "Not all checks passed.")])


if __name__ == "__main__":
    main()
