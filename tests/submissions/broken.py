"""Broken submissions, each with what must happen to it.

A `Broken` writes a submission into an empty folder; `flags` and `reason` are parts of what must be said.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.submission import decode
from autograder.submission import pickup as handed_in

NAME = "differentiable_gain"
CELLS = len(Assignment(NAME, Path(__file__).resolve().parents[2]).released["cells"])
FULL = 24
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """`costs` names the exercises that do not get all their points; None where nothing is graded."""

    name: str
    write: Callable[[Path, Assignment], None]
    status: str = "graded"
    costs: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        return self.name


BROKEN: list[Broken] = []


def reference(assignment: Assignment) -> Notebook:
    """The solved notebook as a file holds it, each source one string."""
    made: Notebook = json.loads(nbformat.writes(corpus.notebook(assignment)))
    for each in made["cells"]:
        each["source"] = "".join(each["source"])
    return made


def cell(notebook: Notebook, grade_id: str) -> Any:
    return next(
        cell
        for cell in notebook["cells"]
        if isinstance(cell["metadata"], dict) and cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def code(source: Any, **more: Any) -> Any:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "id": f"own-{abs(hash(str(source))) % 10**6}",
        **more,
    }


def text(source: str, **more: Any) -> Any:
    return {"cell_type": "markdown", "source": source, "metadata": {}, "id": f"own-{abs(hash(source)) % 10**6}", **more}


def store(folder: Path, notebook: Any) -> None:
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def repaired(*flags: str, costs: str = "") -> Callable[[Callable[[Notebook], None]], Callable[[Notebook], None]]:
    """A notebook that is graded: the function breaks the reference solution."""

    def mark(change: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
        def write(folder: Path, assignment: Assignment) -> None:
            notebook = reference(assignment)
            store(folder, change(notebook) or notebook)

        BROKEN.append(Broken(_named(change), write, "graded", frozenset(costs.split()), flags))
        return change

    return mark


def written(status: str, reason: str) -> Callable[[Callable[[Path, Assignment], None]], None]:
    """A submission that is not graded: the function writes it."""

    def mark(write: Callable[[Path, Assignment], None]) -> None:
        BROKEN.append(Broken(_named(write), write, status, frozenset(), (), reason))

    return mark


def content(name: str, status: str, reason: str, what: bytes) -> None:
    BROKEN.append(
        Broken(
            name,
            lambda folder, _: (folder / f"{NAME}.ipynb").write_bytes(what) and None,
            status,
            frozenset(),
            (),
            reason,
        )
    )


def _named(function: Any) -> str:
    return str(function.__name__).strip("_").replace("_", "-")


# --- repaired ---------------------------------------------------------------------------------------------------------


@repaired(f"missing cell ids added: {CELLS}")
def no_cell_ids(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        del each["id"]


@repaired(f"duplicate cell ids renamed: {CELLS - 1}")
def one_id_for_all_cells(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        each["id"] = "same"


@repaired("missing cell ids added: 1")
def id_of_the_wrong_type(notebook: Notebook) -> None:
    notebook["cells"][0]["id"] = {"a": 1}


@repaired()
def older_minor_format_without_ids(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 4
    for each in notebook["cells"]:
        del each["id"]


@repaired("converted from notebook format 3")
def format_3(notebook: Notebook) -> Any:
    return nbformat.convert(nbformat.from_dict(notebook), 3)


@repaired("converted from notebook format 2", "recognised by text: setup", "recognised by place: linear_gain")
def format_2(notebook: Notebook) -> Any:
    old = [
        {"cell_type": "code", "input": each["source"], "language": "python", "outputs": []}
        if each["cell_type"] == "code"
        else {"cell_type": "markdown", "source": each["source"]}
        for each in notebook["cells"]
    ]
    return {"nbformat": 2, "metadata": {"name": ""}, "worksheets": [{"cells": old}]}


@repaired("read as notebook format 4, which it does not say it is")
def format_5(notebook: Notebook) -> None:
    notebook["nbformat"] = 5


@repaired("read as notebook format 4, which it does not say it is")
def format_not_said(notebook: Notebook) -> None:
    del notebook["nbformat"]


@repaired("missing cell added: setup")
def setup_deleted(notebook: Notebook) -> None:
    notebook["cells"].remove(cell(notebook, "setup"))


@repaired("missing cell added: helpers", "missing cell added: test_fit_gain", "missing cell added: plot_polarity")
def locked_cells_deleted(notebook: Notebook) -> None:
    for name in ("helpers", "test_fit_gain", "plot_polarity"):
        notebook["cells"].remove(cell(notebook, name))


@repaired("locked cell restored: setup")
def setup_edited(notebook: Notebook) -> None:
    cell(notebook, "setup")["source"] += "\ntrue_gain = 0.5\ntarget_audio = orig_audio"


@repaired("locked cell restored: test_fit_gain")
def test_edited(notebook: Notebook) -> None:
    cell(notebook, "test_fit_gain")["source"] = "assert True\nfit_gain = None"


@repaired("locked cell moved back: setup")
def setup_moved_to_the_end(notebook: Notebook) -> None:
    notebook["cells"].append(notebook["cells"].pop(notebook["cells"].index(cell(notebook, "setup"))))


@repaired("locked cell moved back: helpers")
def helpers_moved_below_a_solution(notebook: Notebook) -> None:
    cells = notebook["cells"]
    moved = cells.pop(cells.index(cell(notebook, "helpers")))
    cells.insert(cells.index(cell(notebook, "linear_gain")) + 1, moved)


@repaired()
def solutions_moved_to_the_end(notebook: Notebook) -> None:
    cells = notebook["cells"]
    for name in ("linear_gain", "fit_gain", "phase_shift_experiment", "spectral_loss", "recover_gain"):
        cells.append(cells.pop(cells.index(cell(notebook, name))))


@repaired("locked cell moved back: setup", "locked cell moved back: helpers")
def cells_in_reverse(notebook: Notebook) -> None:
    notebook["cells"].reverse()


@repaired("points or flags restored: test_fit_gain")
def points_raised(notebook: Notebook) -> None:
    cell(notebook, "test_fit_gain")["metadata"]["nbgrader"]["points"] = 600


@repaired(
    "points or flags restored: test_linear_gain",
    "locked cell restored: test_linear_gain",
    "points or flags restored: linear_gain",
)
def flags_swapped(notebook: Notebook) -> None:
    test = cell(notebook, "test_linear_gain")
    test["metadata"]["nbgrader"].update(locked=False, solution=True, grade=False, points=-1)
    test["source"] = "5.0"
    cell(notebook, "linear_gain")["metadata"]["nbgrader"].update(locked=True, grade=True, points=1e308)


@repaired("cell stands 2 times, the last copy counts: spectral_loss")
def solution_twice(notebook: Notebook) -> None:
    copy = json.loads(json.dumps(cell(notebook, "spectral_loss")))
    copy["source"] += "\n# the second copy"
    notebook["cells"].append({**copy, "id": "copy"})


@repaired(
    "cell stands 2 times, the last copy counts: fit_gain", costs="test_fit_gain test_phase_shift test_recover_gain"
)
def wrong_copy_of_a_solution_last(notebook: Notebook) -> None:
    copy = {**json.loads(json.dumps(cell(notebook, "fit_gain"))), "id": "copy"}
    copy["source"] = "def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):\n    return []"
    cells = notebook["cells"]
    cells.insert(cells.index(cell(notebook, "fit_gain")) + 1, copy)


@repaired("cell stands 3 times, the last copy counts: setup", "locked cell moved back: setup")
def setup_three_times(notebook: Notebook) -> None:
    setup = cell(notebook, "setup")
    notebook["cells"] += [{**setup, "id": "one"}, {**setup, "id": "two"}]


@repaired("cell stands 2 times, the last filled-in copy counts: phase_shift_explained")
def answer_and_an_empty_copy_of_it(notebook: Notebook) -> None:
    copy = {**cell(notebook, "phase_shift_explained"), "id": "copy", "source": "YOUR ANSWER HERE"}
    cells = notebook["cells"]
    cells.insert(cells.index(cell(notebook, "phase_shift_explained")) + 1, copy)


@repaired(
    "recognised by text: setup, helpers",
    "recognised by place: linear_gain, fit_gain, phase_shift_experiment, "
    "loss_landscape, phase_shift_explained, spectral_loss, recover_gain, polarity_explained",
)
def metadata_stripped(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        each["metadata"] = {"id": "colab", "colab": {"base_uri": "https://localhost:8080/"}}


@repaired("recognised by text: setup", "phase_shift_explained")
def metadata_stripped_and_cells_added(notebook: Notebook) -> None:
    cells = notebook["cells"]
    for each in cells:
        each["metadata"] = {}
    for at in range(len(cells) - 1, 5, -1):
        cells.insert(at, code(f"scratch_{at} = {at}"))


@repaired("recognised by text", "recognised by place", "missing cell added: test_spectral_loss")
def metadata_stripped_and_a_test_edited(notebook: Notebook) -> None:
    cell(notebook, "test_spectral_loss")["source"] = "print('my own test')"
    for each in notebook["cells"]:
        each["metadata"] = {}


@repaired("recognised by text: setup", "missing cell added: helpers")
def metadata_and_all_texts_stripped(notebook: Notebook) -> None:
    cell(notebook, "helpers")["source"] = "pass"
    notebook["cells"] = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    for each in notebook["cells"]:
        each["metadata"] = {}


@repaired("foreign kernel replaced")
def foreign_kernel(notebook: Notebook) -> None:
    notebook["metadata"] = {
        "kernelspec": {"name": "julia-1.10", "display_name": "Julia", "language": "julia"},
        "language_info": {"name": "julia"},
    }


@repaired("foreign kernel replaced")
def kernel_of_the_wrong_type(notebook: Notebook) -> None:
    notebook["metadata"] = {"kernelspec": {"name": ["<script>"]}, "language_info": 5}


@repaired()
def no_metadata(notebook: Notebook) -> None:
    del notebook["metadata"]


@repaired()
def thousands_of_cells(notebook: Notebook) -> None:
    notebook["cells"] += [code(f"x = {at}", id=f"c{at}") for at in range(2000)]
    notebook["cells"] += [text("note", id=f"t{at}") for at in range(2000)]


@repaired()
def huge_outputs(notebook: Notebook) -> None:
    for name in ("linear_gain", "fit_gain"):
        cell(notebook, name)["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * 100_000},
            {"output_type": "display_data", "data": {"image/png": "A" * 5_000_000}, "metadata": {}},
        ]


@repaired("cell type restored: fit_gain", "cell type restored: test_fit_gain", "cell type restored: recover_gain")
def cell_types_changed(notebook: Notebook) -> None:
    cell(notebook, "fit_gain")["cell_type"] = "markdown"
    cell(notebook, "test_fit_gain")["cell_type"] = "markdown"
    cell(notebook, "recover_gain")["cell_type"] = "raw"


@repaired("cell type restored: phase_shift_explained")
def answer_turned_into_code(notebook: Notebook) -> None:
    cell(notebook, "phase_shift_explained")["cell_type"] = "code"


@repaired(
    "cell type missing or unknown, taken for code: 1 cell", "cell type missing or unknown, taken for text: 1 cell"
)
def cell_types_missing(notebook: Notebook) -> None:
    own = code("own = 1")
    del own["cell_type"]
    notebook["cells"] += [own, {**text("x"), "cell_type": ["code"]}]


@repaired()
def sources_as_lists(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        each["source"] = each["source"].splitlines(keepends=True)


@repaired("lines that are not text left out: 1 cell", "source missing or not text: 3 cells")
def sources_of_the_wrong_type(notebook: Notebook) -> None:
    missing = code("")
    del missing["source"]
    notebook["cells"] += [code(["a = 1\n", None, 5]), code(5), code({"a": 1}), missing]


@repaired(
    "metadata of the wrong type ignored: 3 cells", "recognised by text: setup", "recognised by place: linear_gain"
)
def metadata_of_the_wrong_type(notebook: Notebook) -> None:
    for name, wrong in (("setup", []), ("linear_gain", "x"), ("fit_gain", {"nbgrader": [1]})):
        cell(notebook, name)["metadata"] = wrong


@repaired("metadata of the wrong type ignored: 1 cell", "recognised by place: recover_gain")
def grade_id_of_the_wrong_type(notebook: Notebook) -> None:
    cell(notebook, "recover_gain")["metadata"]["nbgrader"]["grade_id"] = {"$": 1}


@repaired("recognised by place: fit_gain")
def grade_id_that_is_markup(notebook: Notebook) -> None:
    cell(notebook, "fit_gain")["metadata"]["nbgrader"]["grade_id"] = "<img src=x onerror=alert(1)>"
    forged = {"grade_id": "../../../.seed", "grade": True, "points": 99}
    notebook["cells"].append(code("0", metadata={"nbgrader": forged}))


@repaired("characters that are not text replaced: 1 cell")
def null_bytes(notebook: Notebook) -> None:
    cell(notebook, "linear_gain")["source"] += "\n\x00\x00# \x00"


@repaired("characters that are not text replaced: 2 cells")
def lone_surrogates(notebook: Notebook) -> None:
    cell(notebook, "linear_gain")["source"] += "\n# \ud800"
    cell(notebook, "phase_shift_explained")["source"] += "\udfff"


@repaired()
def not_a_number_in_the_json(notebook: Notebook) -> None:
    notebook["metadata"]["x"] = [float("nan"), float("inf")]
    cell(notebook, "test_fit_gain")["execution_count"] = float("nan")


@repaired("points or flags restored: test_fit_gain")
def points_that_are_not_a_number(notebook: Notebook) -> None:
    cell(notebook, "test_fit_gain")["metadata"]["nbgrader"]["points"] = float("nan")


@repaired()
def nested_metadata(notebook: Notebook) -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"a": [deep]}
    notebook["metadata"]["deep"] = cell(notebook, "linear_gain")["metadata"]["deep"] = deep


@repaired()
def widget_state(notebook: Notebook) -> None:
    notebook["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {"a": {"model_name": "HTMLModel"}}, "version_major": 2}
    }


@repaired()
def attachments(notebook: Notebook) -> None:
    answer = cell(notebook, "phase_shift_explained")
    answer["attachments"] = {"plot.png": {"image/png": "iVBORw0KGgo="}, "x.svg": {"image/svg+xml": "PHN2Zz4="}, "y": 5}
    answer["source"] += "\n\n![my plot](attachment:plot.png)"


@repaired()
def windows_line_ends(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        each["source"] = each["source"].replace("\n", "\r\n")


@repaired()
def spaces_and_newlines_at_ends(notebook: Notebook) -> None:
    for each in notebook["cells"]:
        if each["metadata"].get("nbgrader", {}).get("locked"):
            each["source"] = each["source"].replace("\n\n", "\n  \n") + " \n\n"


@repaired("left out what is not a cell: 4")
def entries_that_are_no_cells(notebook: Notebook) -> None:
    notebook["cells"][5:5] = [None, 5, "x", [{}]]


@repaired("missing cell added: fit_gain", costs="test_fit_gain test_phase_shift test_recover_gain")
def solution_deleted(notebook: Notebook) -> None:
    notebook["cells"].remove(cell(notebook, "fit_gain"))


@repaired()
def solutions_in_cells_of_their_own(notebook: Notebook) -> None:
    solved = ["linear_gain", "fit_gain", "spectral_loss", "recover_gain"]
    sources = [cell(notebook, name)["source"] for name in solved]
    for name in solved:
        cell(notebook, name)["source"] = "# see the top"
    setup = notebook["cells"].index(cell(notebook, "helpers"))
    notebook["cells"].insert(setup + 1, code("\n\n".join(sources)))


@repaired(
    "no cell of the assignment was found: all were added",
    costs="test_linear_gain test_fit_gain test_phase_shift test_spectral_loss test_recover_gain",
)
def no_cells_at_all(notebook: Notebook) -> None:
    notebook["cells"] = []


@repaired(
    "no cell of the assignment was found: all were added",
    costs="test_linear_gain test_fit_gain test_phase_shift test_spectral_loss test_recover_gain",
)
def notebook_of_another_course(notebook: Notebook) -> None:
    notebook["cells"] = [text("# Week 3"), code("x = 1"), code("print(x")]


@repaired()
def metadata_of_another_tool_on_own_cells(notebook: Notebook) -> None:
    notebook["cells"].append(
        code(
            "x = 1",
            metadata={
                "nbgrader": {"grade_id": "cell-of-mine", "points": "many"},
                "tags": ["skip-execution"],
                "otter": {"points": 99},
            },
        )
    )


@repaired("byte order mark removed")
def byte_order_mark(notebook: Notebook) -> None:
    """Written by its own writer, below."""


def _with_mark(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(reference(assignment)).encode())


BROKEN[-1] = Broken("byte-order-mark", _with_mark, flags=("byte order mark removed",))


def _twice_named(folder: Path, assignment: Assignment) -> None:
    whole = json.dumps(reference(assignment))
    (folder / f"{NAME}.ipynb").write_text('{"cells": [], "nbformat": 3, ' + whole[1:], encoding="utf-8")


BROKEN.append(Broken("keys-twice", _twice_named))


def _shadows(folder: Path, assignment: Assignment) -> None:
    store(folder, reference(assignment))
    (folder / f"._{NAME}.ipynb").write_bytes(b"\x00\x05\x16\x07")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / f"{NAME}-checkpoint.ipynb").write_text("{")
    (folder / f"{NAME}.ipynb~").write_text("{")
    (folder / "old.ipynb").mkdir()


BROKEN.append(Broken("shadows-and-checkpoints-beside-it", _shadows))


def _beside(*names: str, inside: str = "") -> Callable[[Path, Assignment], None]:
    """The right notebook (in the folder `inside`), and others of these names."""

    def write(folder: Path, assignment: Assignment) -> None:
        for name in names:
            (folder / name).write_text(json.dumps(reference(assignment)) if "copy" in name else "{}")
        (folder / inside).mkdir(exist_ok=True)
        store(folder / inside, reference(assignment))

    return write


BROKEN += [
    Broken(
        "another-beside-it",
        _beside("Untitled.ipynb"),
        flags=("notebooks beside it that do not count: “Untitled.ipynb”",),
    ),
    Broken(
        "copies-beside-it",
        _beside(f"{NAME} copy.ipynb", f"{NAME} (Ann's conflicted copy 2026-11-23).ipynb"),
        flags=(
            f"notebooks beside it that do not count: “{NAME} (Ann's conflicted copy 2026-11-23).ipynb”, "
            f"“{NAME} copy.ipynb”",
        ),
    ),
    Broken(
        "in-a-folder-of-its-own",
        _beside("README.md", inside="homework-main"),
        flags=("notebook taken from a folder of its own: “homework-main”",),
    ),
    Broken(
        "in-a-folder-of-its-own-beside-another",
        _beside("Untitled.ipynb", inside=NAME),
        flags=(
            f"notebook taken from a folder of its own: “{NAME}”",
            "notebooks beside it that do not count: “Untitled.ipynb”",
        ),
    ),
]

# --- not a notebook ---------------------------------------------------------------------------------------------------

content("empty", "unreadable", "empty", b"")
content("blank", "unreadable", "empty", b" \n\t\n")
content("binary", "unreadable", "not text in UTF-8", bytes(range(256)))
content("utf-16", "unreadable", "UTF-16", '{"cells": []}'.encode("utf-16"))
content("utf-16-without-mark", "unreadable", "UTF-16", '{"cells": []}'.encode("utf-16-le"))
content("latin-1", "unreadable", "not text in UTF-8", '{"cells": ["naïve"]}'.encode("latin-1"))
content("zip", "unreadable", "a zip archive", b"PK\x03\x04\xff\xfe\x00")
content(
    "zip-of-office", "unreadable", "an Office document", b"PK\x03\x04\x14\0\6\0" + b"\0" * 22 + b"[Content_Types].xml"
)
content("pdf", "unreadable", "a PDF", b"%PDF-1.7\n%\xe2\xe3")
content("gzip", "unreadable", "a gzip archive", b"\x1f\x8b\x08\0\0")
content("tar", "unreadable", "a tar archive", b"differentiable_gain.ipynb" + b"\0" * 232 + b"ustar\0" + b"00")
content("shadow-of-macos", "unreadable", "shadow that macOS", b"\0\5\x16\7" + b"\0" * 200)
content(
    "lfs-pointer", "unreadable", "pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"
)
content("drive-pointer", "unreadable", "Google Drive", b'{"url": "x", "doc_id": "1", "email": "e"}')
content("null-bytes-alone", "unreadable", "nothing but null bytes", b"\0" * 4096)
content("null-bytes-at-the-end", "unreadable", "null bytes, the first in line 2", b'{"cells": []}\n' + b"\0" * 512)
content("picture", "unreadable", "a picture (PNG)", b"\x89PNG\r\n\x1a\n")
content("comma-too-many", "unreadable", "Line 2 cannot be read", b'{"cells": [\n],}')
content("web-page", "unreadable", "web page", b"<!doctype html><title>Sign in</title>")
content("python", "unreadable", "looks like a Python script", b"import torch\nprint(torch)\n")
content("merge-conflict", "unreadable", "git's conflict markers, the first in line 2", b'{"cells": [\n<<<<<<< HEAD\n]}')
content(
    "merge-conflict-at-the-end",
    "unreadable",
    "the first in line 3",
    b'{"cells": [\r\n\r\n<<<<<<< HEAD\r\n "a"\r\n=======\r\n "b"\r\n>>>>>>> main\r\n',
)
content("merge-conflict-indented", "unreadable", "the first in line 2", b'{"cells": [\n <<<<<<< HEAD\n "a"\n]}')
content("two-values", "unreadable", "not JSON", b'{"cells": []}{"cells": []}')
content("list", "unreadable", "not a notebook", b"[]")
content("number", "unreadable", "not a notebook", b"1e400")
content("nothing", "unreadable", "not a notebook", b"null")
content("object", "unreadable", "not a notebook", b"{}")
content("cells-that-are-no-list", "unreadable", "not a notebook", b'{"nbformat": 4, "cells": {"0": {}}}')
content("old-format-without-cells", "unreadable", "format 3", b'{"nbformat": 3, "worksheets": 5}')
content("old-format-with-nonsense", "unreadable", "format 2", b'{"nbformat": 2, "worksheets": [[1], null]}')
content("nested-too-deeply", "unreadable", "nested too deeply", b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")
content("nested-and-cut", "unreadable", "nested too deeply", b'{"a":' * 200_000)
content("too-many-values", "refused", "too many values", b'{"cells": [' + b"[]," * 2_000_000 + b"[]]}")
content(
    "too-many-cells",
    "refused",
    f"{decode.CELLS_CAP} are the most",
    b'{"nbformat": 4, "cells": [' + b"{}," * (decode.CELLS_CAP + 1) + b"{}]}",
)
content(
    "too-many-cells-of-format-1",
    "refused",
    f"{decode.CELLS_CAP} are the most",
    b'{"nbformat": 1, "cells": [' + b"{}," * 700_000 + b"{}]}",
)


@written("refused", "too much text")
def text_without_end(folder: Path, assignment: Assignment) -> None:
    notebook = reference(assignment)
    notebook["cells"] += [text("<" * 20_000) for _ in range(decode.TEXT_CAP // 20_000 + 1)]
    store(folder, notebook)


@written("unreadable", "cut off")
def cut_in_a_string(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").write_text(json.dumps(reference(assignment))[:5000], encoding="utf-8")


@written("unreadable", "cut off")
def cut_at_the_end(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").write_text(json.dumps(reference(assignment), indent=1)[:-2], encoding="utf-8")


# --- not a file that is read ------------------------------------------------------------------------------------------


@written("refused", "too large")
def over_the_size_cap(folder: Path, assignment: Assignment) -> None:
    store(folder, reference(assignment))
    os.truncate(folder / f"{NAME}.ipynb", handed_in.SIZE_CAP + 1)  # a hole: it takes no room on the disk


@written("refused", "too large")
def far_over_the_size_cap(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").touch()
    os.truncate(folder / f"{NAME}.ipynb", 2**40)


@written("refused", "is a link")
def link_to_a_notebook(folder: Path, assignment: Assignment) -> None:
    store(folder, reference(assignment))
    (folder / f"{NAME}.ipynb").rename(folder.parent / "elsewhere")
    (folder / f"{NAME}.ipynb").symlink_to(folder.parent / "elsewhere")


@written("refused", "is a link")
def link_to_the_source(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").symlink_to(assignment.source_path)


@written("refused", "is a link")
def link_to_nowhere(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").symlink_to("nowhere")


@written("refused", "is a link")
def link_to_a_device(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").symlink_to("/dev/zero")


@written("refused", "is a link")
def folder_is_a_link(folder: Path, assignment: Assignment) -> None:
    other = folder.parent / "other"
    folder.rename(other)
    store(other, reference(assignment))
    folder.symlink_to(other, target_is_directory=True)


@written("refused", "is a link")
def students_folder_is_a_link(folder: Path, assignment: Assignment) -> None:
    store(folder, reference(assignment))
    student = folder.parent
    student.rename(student.with_name("another"))
    student.symlink_to(student.with_name("another"), target_is_directory=True)


@written("refused", "not a regular file")
def pipe(folder: Path, assignment: Assignment) -> None:
    os.mkfifo(folder / f"{NAME}.ipynb")


@written("refused", "not a regular file")
def directory(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb").mkdir()
    (folder / f"{NAME}.ipynb" / f"{NAME}.ipynb").write_text("{}")


@written("refused", "not a regular file")
def listening_socket(folder: Path, assignment: Assignment) -> None:
    here = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{here}/{NAME}.ipynb")  # the whole path would be too long for a socket
    os.close(here)


@written("refused", "not a folder")
def file_in_place_of_the_folder(folder: Path, assignment: Assignment) -> None:
    folder.rmdir()
    folder.write_text("{}")


@written("missing", "no folder")
def no_folder(folder: Path, assignment: Assignment) -> None:
    folder.rmdir()


@written("missing", "The folder is empty")
def empty_folder(folder: Path, assignment: Assignment) -> None:
    pass


@written("missing", "Found instead: “gain.ipynb”")
def wrong_name(folder: Path, assignment: Assignment) -> None:
    (folder / "gain.ipynb").write_text("{}")
    (folder / "notes.txt").write_text("")


@written("missing", f"Found instead: “{NAME}.ipynb.txt”")
def another_ending(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME}.ipynb.txt").write_text("{}")
    (folder / "a.txt").write_text("")


@written("missing", f"Found instead: “{NAME.upper()}.IPYNB”")
def capital_letters(folder: Path, assignment: Assignment) -> None:
    (folder / f"{NAME.upper()}.IPYNB").write_text("{}")


@written("refused", "There are 7 notebooks, and none of them is called")
def many_wrong_names(folder: Path, assignment: Assignment) -> None:
    for letter in "abcdefg":
        (folder / f"{letter}.ipynb").write_text("{}")


@written("refused", f"“{NAME} (1).ipynb”, “{NAME} (2).ipynb”")
def two_notebooks(folder: Path, assignment: Assignment) -> None:
    for number in (1, 2):
        (folder / f"{NAME} ({number}).ipynb").write_text(json.dumps(reference(assignment)))


@written("refused", "is in 2 folders")
def in_two_folders(folder: Path, assignment: Assignment) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        store(folder / name, reference(assignment))


@written("missing", "Found instead: “repository”")
def two_folders_deeper(folder: Path, assignment: Assignment) -> None:
    (folder / "repository" / "homework").mkdir(parents=True)
    store(folder / "repository" / "homework", reference(assignment))


@written("missing", "Found instead: “linked”")
def in_a_linked_folder(folder: Path, assignment: Assignment) -> None:
    (folder / "linked").symlink_to(assignment.source_path.parent)


@written("missing", "Found instead: “mine”")
def a_link_in_a_folder(folder: Path, assignment: Assignment) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / f"{NAME}.ipynb").symlink_to(assignment.source_path)


@written("missing", "Found instead: “??img src?x onerror?alert(1)?.ipynb”")
def name_that_is_markup(folder: Path, assignment: Assignment) -> None:
    (folder / "\n<img src=x onerror=alert(1)>.ipynb").write_text("{}")


@written(
    "missing",
    "Found instead: “-rf ??[31m?{0}?s?`id`?(id)?.ipynb”".replace("[", "?")
    .replace("{0}", "?0?")
    .replace("`id`", "?id?"),
)
def name_that_is_a_command(folder: Path, assignment: Assignment) -> None:
    (folder / "-rf \u202e\x1b[31m%{0}%s\n`id`$(id);.ipynb").write_text("{}")


@written("missing", "…”")
def name_that_is_long_and_no_text(folder: Path, assignment: Assignment) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/" + b"\xff\xfe" * 120 + b".ipynb")).write_text("{}")
