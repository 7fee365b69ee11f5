"""A result for Classroom 50: `result.json`, which its runner picks up from the working folder after the grader ended.

Scores there are whole numbers. Where checks have half points, all points are multiplied alike. The runner says in the
environment what is graded; a grader that ends with an exit code other than 0 has failed itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from autograder.errors import GraderFault
from autograder.verdict import Grade, Status, Verdict

SCHEMA = "classroom50/result/v1"
NEAR = 1e-6
LARGEST = 1000  # what points are multiplied with at most


def result(grade: Grade, environment: Mapping[str, str]) -> dict[str, Any]:
    """The content of result.json. Raises `GraderFault` where there is no grade, or no whole numbers for its points."""
    if grade.status is Status.grader_error:
        raise GraderFault(f"{grade.student} has no grade, for the grader's own fault. {grade.reason}")
    rows = [
        (
            f"{name.removeprefix('test_')}: {check.title}",
            check.verdict is Verdict.passed,
            check.points,
            check.max_points,
        )
        for name, exercise in grade.exercises.items()
        for check in exercise.checks
    ]
    if not rows:
        rows = [(grade.reason or grade.status, False, 0.0, grade.max_score)]
    factor = _factor([number for *_, points, most in rows for number in (points, most)])
    tests = [
        {"test-name": name, "passed": passed, "score": round(points * factor), "max-score": round(most * factor)}
        for name, passed, points, most in rows
    ]
    commit = environment.get("COMMIT_URL", "")
    return {
        "schema": SCHEMA,
        "classroom": environment.get("CLASSROOM", ""),
        "assignment": environment.get("ASSIGNMENT") or grade.assignment,
        "submission": environment.get("SUBMISSION_TAG", ""),
        "commit": commit,
        "release": environment.get("RELEASE_URL", ""),
        "review": environment.get("REVIEW_URL") or commit,
        "datetime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _factor(numbers: list[float]) -> int:
    """The smallest number that makes whole numbers of all of these."""
    for factor in range(1, LARGEST + 1):
        if all(abs(number * factor - round(number * factor)) < NEAR for number in numbers):
            return factor
    raise GraderFault("The points of the checks have no common whole numbers, and Classroom 50 takes no others.")
