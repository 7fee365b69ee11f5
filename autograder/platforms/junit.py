"""Results as JUnit XML, for whoever runs the grader in continuous integration.

A suite is a student and a case a check. JUnit knows no points: they are in properties. It names hidden tests and quotes
what students have written, so it is for staff; characters that XML does not have are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from autograder.verdict import Check, Grade, Status, Verdict

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(grades: Iterable[Grade]) -> bytes:
    """The XML of these grades, in their order."""
    root = ElementTree.Element("testsuites")
    totals = [0, 0, 0, 0]
    for grade in grades:
        suite = _suite(grade)
        root.append(suite)
        for place, name in enumerate(("tests", "failures", "errors", "skipped")):
            totals[place] += int(suite.get(name, 0))
    for name, total in zip(("tests", "failures", "errors", "skipped"), totals, strict=True):
        root.set(name, str(total))
    ElementTree.indent(root, " ")
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _suite(grade: Grade) -> ElementTree.Element:
    suite = _element("testsuite", name=f"{grade.assignment}.{grade.student}", time=f"{grade.seconds:.3f}")
    _properties(
        suite,
        status=grade.status,
        max_score=f"{grade.max_score:g}",
        **({"score": f"{grade.score:g}"} if grade.score is not None else {}),
    )
    cases = [(name, check) for name, exercise in grade.exercises.items() for check in exercise.checks]
    for name, check in cases:
        suite.append(_case(name, check))
    if grade.status is not Status.graded:
        case = _element("testcase", classname=grade.assignment, name="submission")
        kind = "error" if grade.status is Status.grader_error else "failure"
        case.append(_element(kind, grade.reason or "", message=grade.reason or grade.status, type=grade.status))
        suite.append(case)
    for word, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{word}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    return suite


def _case(exercise: str, check: Check) -> ElementTree.Element:
    case = _element("testcase", classname=exercise, name=check.name)
    _properties(case, title=check.title, points=f"{check.points:g}", max_points=f"{check.max_points:g}")
    told = check.hint or check.verdict
    if check.verdict is Verdict.skipped:
        case.append(_element("skipped", message=told))
    elif check.verdict is not Verdict.passed:
        case.append(_element("failure", f"{check.title}: {told}", message=told, type=check.verdict))
    return case


def _properties(parent: ElementTree.Element, **values: str) -> None:
    properties = _element("properties")
    properties.extend(_element("property", name=name, value=value) for name, value in values.items())
    parent.append(properties)


def _element(tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.Element(tag, {name: NO_XML.sub("\ufffd", value) for name, value in attributes.items()})
    element.text = None if text is None else NO_XML.sub("\ufffd", text)
    return element
