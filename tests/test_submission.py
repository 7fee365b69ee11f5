"""Reading what was handed in: safe to open, nothing of the student lost, and no surprise for any file or name."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import time
import unicodedata
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from submissions.broken import NAME, cell, code, reference, store, text

from autograder.course.assignment import Assignment, locked
from autograder.course.folder import ID_CAP, submitted, unusable
from autograder.submission import submission
from autograder.submission.decode import decode
from autograder.submission.pickup import SHOWN_CAP, read_beside, read_bytes, shown

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
PLAIN_SENTENCE = re.compile(r"[\w .,:;'“”…()?+/-]*")


@pytest.fixture(scope="module")
def solved(assignment: Assignment) -> dict[str, Any]:
    return reference(assignment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "student-01" / NAME
    made.mkdir(parents=True)
    return made


def read(folder: Path, notebook: Any, assignment: Assignment) -> submission.Submission:
    store(folder, notebook)
    return submission.read(folder, "student-01", assignment)


def sources(notebook: Any) -> list[str]:
    return [each["source"] for each in notebook["cells"]]


# --- what a repair keeps ----------------------------------------------------------------------------------------------


def test_an_intact_notebook_is_read_as_it_is(folder: Path, solved: Any, assignment: Assignment) -> None:
    found = read(folder, solved, assignment)
    assert found.flags == ()
    assert sources(found.notebook) == sources(solved)
    assert [each.metadata.get("nbgrader") for each in found.notebook.cells] == [
        each.metadata.get("nbgrader") for each in assignment.released.cells
    ]


def test_what_was_released_is_read_as_it_is(folder: Path, assignment: Assignment) -> None:
    found = read(folder, json.loads(nbformat.writes(assignment.released)), assignment)
    assert found.flags == ()
    assert sources(found.notebook) == sources(assignment.released)


def test_the_students_file_is_never_changed(folder: Path, solved: Any, assignment: Assignment) -> None:
    broken = copy.deepcopy(solved)
    del broken["cells"][2]["id"], broken["cells"][30]
    store(folder, broken)
    before = (folder / f"{NAME}.ipynb").read_bytes()
    submission.read(folder, "student-01", assignment)
    assert (folder / f"{NAME}.ipynb").read_bytes() == before
    assert os.listdir(folder) == [f"{NAME}.ipynb"]


def test_cells_that_only_show_something_are_not_run(folder: Path, solved: Any, assignment: Assignment) -> None:
    own = code("x = 1", metadata={"tags": ["skip-execution"]})
    found = read(folder, {**solved, "cells": [*solved["cells"], own]}, assignment)
    names = [each.name for each in found.cells]
    assert "setup" in names
    assert "plot_pair" not in names
    assert "show_l1_fit" not in names
    assert found.cells[-1].source == "x = 1"  # a tag of the student's own skips nothing


def test_stripped_metadata_are_found_again_whole(folder: Path, solved: Any, assignment: Assignment) -> None:
    stripped = copy.deepcopy(solved)
    for each in stripped["cells"]:
        each["metadata"] = {}
    found = read(folder, stripped, assignment)
    assert sources(found.notebook) == sources(solved)
    assert [each.metadata for each in found.notebook.cells] == [each.metadata for each in assignment.released.cells]


def test_of_several_texts_after_a_question_the_first_is_the_answer(
    folder: Path, solved: Any, assignment: Assignment
) -> None:
    changed = copy.deepcopy(solved)
    at = changed["cells"].index(cell(changed, "polarity_explained"))
    changed["cells"][at : at + 1] = [text("First part."), text("Second part.")]
    found = read(folder, changed, assignment)
    answer = next(
        i
        for i, each in enumerate(found.notebook.cells)
        if each.metadata.get("nbgrader", {}).get("grade_id") == "polarity_explained"
    )
    assert sources(found.notebook)[answer : answer + 2] == ["First part.", "Second part."]


def test_two_answers_in_one_place_are_not_guessed_at(folder: Path, solved: Any, assignment: Assignment) -> None:
    """Without the cells between them, one text could answer either question: both are left to the marker."""
    cells = copy.deepcopy(solved["cells"])
    changed = {**solved, "cells": [cell(solved, "setup"), text("It cancels."), cells[-1]]}
    found = read(folder, changed, assignment)
    answers = {
        name: next(each for each in found.notebook.cells if each.metadata.get("nbgrader", {}).get("grade_id") == name)
        for name in ("phase_shift_explained", "polarity_explained")
    }
    assert [each.source for each in answers.values()] == ["", ""]  # not "No response.": a person looks at it
    assert "It cancels." in sources(found.notebook)


def test_which_code_is_the_solution_is_told_by_the_lines_above_it(
    folder: Path, solved: Any, assignment: Assignment
) -> None:
    changed = copy.deepcopy(solved)
    solution = cell(changed, "fit_gain")
    solution["metadata"] = {}
    at = changed["cells"].index(solution)
    changed["cells"].insert(at, code("def helper():\n    return 1"))
    changed["cells"].insert(at + 2, code("helper()"))
    found = read(folder, changed, assignment)
    named = next(
        each for each in found.notebook.cells if each.metadata.get("nbgrader", {}).get("grade_id") == "fit_gain"
    )
    assert named.source == solution["source"]
    assert sources(found.notebook) == sources(changed)


def test_an_untouched_answer_stays_one_for_nbgrader(folder: Path, assignment: Assignment) -> None:
    from nbgrader.utils import determine_grade

    handed = json.loads(nbformat.writes(assignment.released))
    for each in handed["cells"]:
        each["source"] = "".join(each["source"]).replace("\n", "\r\n") + "\r\n\r\n"
    found = read(folder, handed, assignment)
    answer = next(
        each
        for each in found.notebook.cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == "polarity_explained"
    )
    assert determine_grade(answer) == (0, 2.0)


def test_a_pasted_picture_stays_with_its_answer(folder: Path, solved: Any, assignment: Assignment) -> None:
    changed = copy.deepcopy(solved)
    cell(changed, "polarity_explained")["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    found = read(folder, changed, assignment)
    kept = [each.attachments for each in found.notebook.cells if "attachments" in each]
    assert kept == [{"a.png": {"image/png": "iVBORw0KGgo="}}]


def test_a_timestamp_is_read_only_where_it_is_a_file(folder: Path) -> None:
    assert read_beside(folder, "timestamp.txt") is None
    os.mkfifo(folder / "timestamp.txt")
    assert read_beside(folder, "timestamp.txt") is None
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").symlink_to("/etc/passwd")
    assert read_beside(folder, "timestamp.txt") is None
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").write_text("2026-11-23 10:00:00 UTC")
    assert read_beside(folder, "timestamp.txt") == "2026-11-23 10:00:00 UTC"
    (folder / "timestamp.txt").write_bytes(b"\xff" * 50_000_000)
    assert len(read_beside(folder, "timestamp.txt") or "") <= 1000  # it is cut, and said to be no time


@pytest.mark.parametrize(
    "content",
    [
        b"{" * 50_000_000,
        b'"' * 50_000_000,
        b'{"a":' + b"9" * 40_000_000,
        b'{"cells":[' + b'{"":0},' * 1_400_000,
        b"\\u0000" * 8_000_000,
    ],
)
def test_a_file_made_to_cost_is_read_in_bounded_time(content: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(submission.NotGradable):
        decode(content, "python3")
    assert time.monotonic() - started < 20


# --- fuzzed -----------------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(codec=None), max_size=30)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.sampled_from(["code", "markdown", "raw", "setup", "fit_gain", "# YOUR CODE HERE", 4, 3, 2, 1, 5]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            ANY_TEXT
            | st.sampled_from(
                [
                    "cells",
                    "cell_type",
                    "source",
                    "metadata",
                    "nbgrader",
                    "grade_id",
                    "points",
                    "outputs",
                    "id",
                    "attachments",
                    "nbformat",
                    "nbformat_minor",
                    "worksheets",
                    "input",
                    "kernelspec",
                    "name",
                    "image/png",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=40,
)
ANY_CELL = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("id", "metadata", "outputs", "attachments"), ANY_JSON),
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", None]) | ANY_JSON,
        "source": ANY_TEXT | st.lists(ANY_TEXT, max_size=4) | ANY_JSON,
        "input": ANY_TEXT,
        "level": ANY_JSON,
    },
)
ANY_NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(ANY_CELL | ANY_JSON, max_size=6) | ANY_JSON,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(ANY_CELL, max_size=4)}), max_size=2) | ANY_JSON,
        "nbformat": st.sampled_from([1, 2, 3, 4, 5]) | ANY_JSON,
        "nbformat_minor": ANY_JSON,
        "metadata": ANY_JSON,
    },
)


def examined(content: bytes, assignment: Assignment, folder: Path) -> submission.Submission | None:
    """What `read` makes of a file's content; raises nothing but `NotGradable`, and what it gives can be used."""
    (folder / f"{NAME}.ipynb").write_bytes(content)
    fault = None
    try:
        found = submission.read(folder, "student-01", assignment)
    except submission.NotGradable as raised:
        fault = str(raised)
    if fault is not None:
        assert PLAIN_SENTENCE.fullmatch(fault), fault
        return None
    nbformat.validate(found.notebook)
    nbformat.writes(found.notebook).encode()
    json.dumps(found.flags).encode()
    named = [each.metadata.nbgrader.grade_id for each in found.notebook.cells if "nbgrader" in each.metadata]
    assert sorted(named) == sorted(assignment.cells)
    for each in found.notebook.cells:
        if locked(each):
            assert each == {**assignment.cells[each.metadata.nbgrader.grade_id], "id": each.id}
    assert len({each.id for each in found.notebook.cells}) == len(found.notebook.cells)
    for each in found.cells:
        each.name.encode()
    return found


@MANY
@given(value=ANY_JSON | ANY_NOTEBOOK)
def test_any_json_is_read_or_named(value: Any, assignment: Assignment, folder: Path) -> None:
    examined(json.dumps(value).encode(), assignment, folder)


@MANY
@given(content=st.binary(max_size=300) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_named(content: bytes, assignment: Assignment, folder: Path) -> None:
    examined(content, assignment, folder)


@MANY
@given(start=st.integers(0, 60_000), length=st.integers(0, 200), what=st.binary(max_size=20))
def test_a_damaged_file_is_read_or_named(
    start: int, length: int, what: bytes, solved: Any, assignment: Assignment, folder: Path
) -> None:
    whole = json.dumps(solved).encode()
    examined(whole[:start] + what + whole[start + length :], assignment, folder)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "move", "copy", "strip", "type", "own", "odd", "edit", "lines"]),
        st.integers(0, 1000),
        st.integers(0, 1000),
        ANY_TEXT,
        ANY_JSON,
    ),
    min_size=1,
    max_size=8,
)


@MANY
@given(changes=CHANGES)
def test_a_changed_notebook_loses_no_code(
    changes: list[Any], solved: Any, assignment: Assignment, folder: Path
) -> None:
    notebook = copy.deepcopy(solved)
    cells = notebook["cells"]
    for change, first, second, words, value in changes:
        at, other = first % len(cells), second % len(cells)
        match change:
            case "drop":
                del cells[at]
            case "move":
                cells.insert(other, cells.pop(at))
            case "copy":
                cells.insert(other, copy.deepcopy(cells[at]))
            case "strip":
                cells[at]["metadata"] = {}
            case "type":
                cells[at]["cell_type"] = ["code", "markdown", "raw"][other % 3]
            case "own":
                cells.insert(at, code(f"own_{other} = {at}"))
            case "odd":
                cells[at][["metadata", "id", "outputs", "attachments"][other % 4]] = value
            case "edit":
                cells[at]["source"] += words
            case "lines":
                cells[at]["source"] = cells[at]["source"].replace("\n", "\r\n")
    found = examined(json.dumps(notebook).encode(), assignment, folder)
    assert found is not None
    kept = [each.source for each in found.notebook.cells if each.cell_type == "code" and not locked(each)]
    restored = {name for name, each in assignment.cells.items() if locked(each)}
    released = {each.source for each in assignment.released.cells}
    for each in cells:
        metadata = each["metadata"] if isinstance(each["metadata"], dict) else {}
        named = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
        name = named.get("grade_id") if isinstance(named, dict) else None
        written = (
            re.sub("[\ud800-\udfff]", "\ufffd", each["source"].replace("\0", ""))
            .replace("\r\n", "\n")
            .replace("\r", "\n")
        )
        if (
            each["cell_type"] == "code"
            and not (isinstance(name, str) and name in assignment.cells)
            and written.rstrip() not in {source.rstrip() for source in released}
        ):
            assert written in kept or written in sources(found.notebook), (name, restored)
    own = [source for source in kept if source.startswith("own_")]
    assert (
        own
        == [each["source"] for each in cells if each["cell_type"] == "code" and each["source"].startswith("own_")][
            : len(own)
        ]
    )


FILE_NAME = st.text(st.characters(codec=None, exclude_characters="/\0"), min_size=1, max_size=60)


@MANY
@given(names=st.lists(FILE_NAME | FILE_NAME.map(lambda name: f"{name}.ipynb"), min_size=1, max_size=4, unique=True))
def test_any_file_name_is_only_a_name(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("named") / NAME
    folder.mkdir()
    for name in names:
        try:
            (folder / name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")).touch()
        except OSError:
            continue  # ".", "..", or too long
    with pytest.raises((submission.Missing, submission.Refused)) as fault:
        read_bytes(folder, NAME)
    assert PLAIN_SENTENCE.fullmatch(str(fault.value)), str(fault.value)
    str(fault.value).encode()
    shutil.rmtree(folder.parent)


@MANY
@given(name=st.text(st.characters(codec=None)))
def test_a_name_is_shown_as_plain_short_text(name: str) -> None:
    said = shown(name)
    assert len(said) <= SHOWN_CAP + 3
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for char in said)
    assert not set(said) & set('<>&"`$\\*[]{}!#|~=@')


# --- a class ----------------------------------------------------------------------------------------------------------

ODD_NAMES = [
    "-rf",
    "<img src=x onerror=alert(1)>",
    "\u202eevil",
    "%s{0}{student_id}%(x)s",
    "; touch pwned; $(touch pwned)",
    "staff",
    "a\\b'\"~",
    "é" * (ID_CAP // 2),
]
UNUSABLE = ["[a-z]*", "y" * 255, "a\nb", "a\x1b[31mred", "\udcff\udcfe", "\x7f"]


def test_names_that_nothing_can_be_kept_under_are_known() -> None:
    assert [name for name in ODD_NAMES if unusable(name)] == []
    assert [name for name in UNUSABLE if not unusable(name)] == []


def test_odd_names_stay_names_in_a_whole_class(course: Any, assignment: Assignment) -> None:
    for name in [*ODD_NAMES, *UNUSABLE]:
        (course.folder / "submitted" / name / NAME).mkdir(parents=True)
    (course.folder / "submitted" / "linked").symlink_to(course.folder / "source", target_is_directory=True)
    (course.folder / "submitted" / "garbled" / NAME).mkdir(parents=True)
    (course.folder / "submitted" / "garbled" / NAME / f"{NAME}.ipynb").write_text("{")
    os.mkfifo(course.folder / "submitted" / "garbled" / NAME / "timestamp.txt")
    course.hand_in("honest")
    graded = course.run("autograder", "grade", NAME)
    assert graded.returncode == 3, graded.stderr  # told of the six
    assert "honest" in graded.stdout
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", graded.stdout)

    results = course.folder / "results" / NAME
    expected = {"linked": "refused", "garbled": "unreadable", "honest": "graded", **dict.fromkeys(ODD_NAMES, "missing")}
    found = {path.name.removesuffix(".json"): json.loads(path.read_text()) for path in results.glob("*.json")}
    assert {name: (result["student"], result["status"]) for name, result in found.items()} == {
        name: (name, status) for name, status in expected.items()
    }
    assert found["honest"]["score"] == 24
    assert (results / ".seed").is_file()
    assert {path.name for path in (course.folder / "autograded").iterdir()} == set(expected)

    shown = {"honest", *ODD_NAMES[:4]}
    for student in set(expected) - shown:  # a page takes its time
        shutil.rmtree(course.folder / "autograded" / student)
    for command in (
        ["autograder", "report", NAME],
        ["nbgrader", "generate_feedback", NAME, "--log-level=ERROR"],
        ["nbgrader", "export", "--log-level=ERROR"],
    ):
        done = course.run(*command)
        assert done.returncode == 0, done.stderr
    page = (course.folder / f"report-{NAME}.html").read_text()
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
    for student in shown:
        [page] = (course.folder / "feedback" / student / NAME).glob("*.html")
        assert "<img src=x onerror" not in page.read_text()
    assert not list(course.folder.rglob("pwned"))
    assert {path.name for path in course.folder.parent.iterdir()} == {"course"}
    assert set(submitted(course.folder, NAME)) == {*expected, *UNUSABLE}
