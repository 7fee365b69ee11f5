"""`autograder similar`: near-identical code, beside how usual it is, and no accusation in any word."""

import itertools
import json
import re
import shutil
import time

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import NAME, ROOT
from copydetect import compare_files

from autograder.cli import cli
from autograder.course import answers as corpus
from autograder.similar import compare as comparing
from autograder.similar.codes import LEAST, LONGEST, Code, fingerprint, released_grams

ACCUSING = re.compile(
    r"plagiari|cheat|copied|copying|stole|theft|dishonest|misconduct|suspect|suspicious|guilt|culprit|offen[cds]e|fraud|"
    r"violat|caught|evidence|accus",
    re.IGNORECASE,
)
FIT = """def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    trail = []
    descent = torch.optim.SGD(list(model.parameters()), lr=lr)
    for step in range(n_iter):
        trail.append(float(model.gain.detach().reshape(())))
        guess = model(source)
        difference = loss_fn(guess, target)
        descent.zero_grad(set_to_none=True)
        difference.backward()
        descent.step()
    return trail
"""
LOSS = """class SpectralLoss(torch.nn.Module):
    def __init__(self, power=1):
        super().__init__()
        self.power = power

    def spectrum(self, signal):
        found = torch.fft.rfft(signal, dim=-1)
        return (found.real**2 + found.imag**2).sqrt() ** self.power

    def forward(self, x, y):
        return (self.spectrum(x) - self.spectrum(y)).abs().mean()
"""


def renamed(code):
    """The same code in other words: names, comments, blanks."""
    for name, other in (
        ("trail", "record"),
        ("guess", "out"),
        ("difference", "err"),
        ("descent", "sgd"),
        ("found", "z"),
    ):
        code = code.replace(name, other)
    return "# in my own words\n" + code.replace(" = ", "  =  ").replace("return", "# and back\n    return", 1)


@pytest.fixture
def course(course):
    """A course with answers."""
    shutil.copytree(ROOT / "answers", course.folder / "answers")
    return course


@pytest.fixture
def similar(command):
    """similar(option, ...): what the command says as JSON."""

    def similar(*options):
        code, out, err = command("similar", NAME, "--json", *options)
        assert (code, err) == (0, "")
        return json.loads(out)

    return similar


def test_renamed_code_is_found_beside_how_many_right_answers_share_as_much(course, similar):
    course.hand_in("student-01", {"fit_gain": FIT, "spectral_loss": LOSS})
    course.hand_in("student-02", {"fit_gain": renamed(FIT), "spectral_loss": LOSS})
    course.hand_in("student-03", {"fit_gain": FIT.replace("guess = model(source)", "guess = model(1 * source)")})
    for number in range(4, 10):
        course.hand_in(f"student-0{number}")
    found = similar()
    first, *rest = found["pairs"]
    assert first["students"] == ["student-01", "student-02"]  # who share most cells come first
    assert [(cell["cell"], cell["share"]) for cell in first["cells"]] == [("fit_gain", 1.0), ("spectral_loss", 1.0)]
    assert [pair["students"] for pair in rest] == [["student-01", "student-03"], ["student-02", "student-03"]]
    (near,) = rest[0]["cells"]
    assert 0.8 <= near["share"] < 1
    assert near["others"] == 1
    written = {
        cell: 1 + sum(cell == name and not place for a in corpus.answers(course.assignment, "alternatives")
                      for place, name, _ in a.cells)
        for cell in found["cells"]
    }  # fmt: skip
    assert 20 < near["of_right_answers"] <= written["fit_gain"]


def test_the_base_rate_counts_the_right_answers_that_share_as_much(course, similar):
    """Two who both solve it as the reference does: the page says that a right answer is as near."""
    reference = corpus.reference(course.assignment)["spectral_loss"]
    course.hand_in("student-01", {"spectral_loss": reference})
    course.hand_in("student-02", {"spectral_loss": renamed(reference)})
    near = {cell["cell"]: cell for cell in similar()["pairs"][0]["cells"]}
    assert near["spectral_loss"]["right_answers"] == 1
    assert near["spectral_loss"]["share"] == 1
    released = released_grams(course.assignment)
    answers = comparing._codes(comparing._right(course.assignment, "fit_gain"), released, [], "fit_gain")
    shares = comparing.both(answers, answers) - np.eye(len(answers))
    one, two = np.unravel_index(shares.argmax(), shares.shape)  # two right answers that are near each other
    for student, code in (("student-01", answers[one]), ("student-02", answers[two])):
        course.hand_in(student, {"fit_gain": next(iter(code.texts.values()))})
    (pair,) = similar()["pairs"]
    (fit,) = (cell for cell in pair["cells"] if cell["cell"] == "fit_gain")
    assert fit["share"] == round(shares.max(), 4)
    assert fit["right_answers"] == 2


def test_what_was_released_is_nobodys_own(course, similar):
    course.hand_in("student-01", course.assignment.released)
    course.hand_in("student-02", course.assignment.released)
    assert similar()["pairs"] == []


def test_every_share_is_that_of_copydetect(assignment):
    released = released_grams(assignment)
    pool = corpus.answers(assignment, "alternatives") + corpus.answers(assignment, "misconceptions")
    texts = sorted({code for answer in pool for place, name, code in answer.cells if (place, name) == ("", "fit_gain")})
    codes = [code for code in (Code(fingerprint(text, released)) for text in texts[:30]) if code.own >= LEAST]
    ours = comparing.both(codes, codes)
    assert len(codes) > 20
    for (one, code), (two, other) in itertools.product(enumerate(codes), repeat=2):
        _, parts, _ = compare_files(code.fingerprint, other.fingerprint)
        assert ours[one, two] == pytest.approx(min(parts))
    assert len(np.unique(ours.round(6))) > 50


def test_many_codes_are_compared_in_parts_with_the_same_outcome(assignment, monkeypatch):
    codes = [Code(fingerprint(text)) for text in (FIT, LOSS, renamed(FIT), FIT + LOSS, LOSS[:200])]
    whole = comparing.both(codes, codes)
    monkeypatch.setattr(comparing, "ROWS", 2)
    assert (comparing.both(codes, codes) == whole).all()


def test_what_many_have_is_usual_and_not_a_pair(course, similar):
    for number in range(1, 8):
        course.hand_in(f"student-0{number}", {"fit_gain": FIT if number % 2 else renamed(FIT)})
    found = similar()
    assert found["pairs"] == []
    usual = {one["cell"]: one for one in found["usual"]}
    assert usual["fit_gain"]["students"] == [f"student-0{number}" for number in range(1, 8)]
    assert usual["fit_gain"]["right_answers"] == 0
    assert usual["spectral_loss"]["right_answers"] == 1  # the reference


def test_members_of_a_group_are_no_pair(course, similar):
    (course.folder / "students.csv").write_text("id,group\nstudent-01,a\nstudent-02,a\nstudent-03,b\n", "utf-8")
    for student in ("student-01", "student-02"):
        course.hand_in(student, {"fit_gain": FIT})
    found = similar()
    assert (found["pairs"], found["pairs_in_groups"]) == ([], 1)


def test_an_answer_in_a_cell_of_its_own_is_compared(course, similar):
    stub = course.assignment.cells["fit_gain"].source
    course.hand_in("student-01", {"fit_gain": stub, "after fit_gain": FIT})
    course.hand_in("student-02", {"fit_gain": renamed(FIT)})
    assert "fit_gain" in [cell["cell"] for cell in similar()["pairs"][0]["cells"]]


HOSTILE = {
    "does not parse": {"fit_gain": "def fit(:\n  ((((\n" + FIT},
    "null bytes": {"fit_gain": "x = '\x00\x07'\n" + FIT},
    "script": {"fit_gain": "'<script>alert(1)</script></pre>'\n" + FIT},
    "right to left": {"fit_gain": "# \u202e\x1b[2J\n" + FIT},
    "quotes": {"fit_gain": "\"'" * 9_000},
    "f-strings": {"fit_gain": "f'{x!r:{" * 2_400},
    "brackets": {"fit_gain": "(" * LONGEST},
    "lines": {"fit_gain": "x=1\n" * (LONGEST // 4)},
    "magic": {"fit_gain": "%%bash\nrm -rf /\n!ls\n"},
    "empty": {"fit_gain": ""},
}


@pytest.mark.timeout(360)
def test_hostile_notebooks_are_bounded_and_named_and_the_rest_goes_on(course, command):
    for number, cells in enumerate(HOSTILE.values(), start=10):
        course.hand_in(f"student-{number}", cells)
    course.hand_in("student-01", {"fit_gain": FIT, "spectral_loss": LOSS})
    course.hand_in("student-02", {"fit_gain": renamed(FIT), "spectral_loss": renamed(LOSS)})
    course.hand_in("student-03", "{")
    course.hand_in("student-04", {"fit_gain": "x = 1\n" * 100_000})
    started = time.monotonic()
    code, out, err = command("similar", NAME)
    assert time.monotonic() - started < 60
    assert code == 0
    assert "13 submissions compared" in out
    assert re.search(r"^autograder: student-03 was not compared: ", err, re.MULTILINE)
    assert f"student-04 was not compared: fit_gain has 600000 characters, and {LONGEST} are the most" in err
    page = (course.folder / f"similar-{NAME}.html").read_text("utf-8")
    assert "student-04" in page.partition("Not compared")[2]
    assert "<script" not in page
    assert not set("\x00\x1b\u202e").intersection(page)
    assert page.index('href="#pair-1"') < page.index("student-02")


def test_no_word_blames_anybody_and_nothing_is_loaded(course, command, tmp_path):
    (course.folder / "students.csv").write_text("id,first_name,last_name\nstudent-01,First,<b>Last\n", "utf-8")
    course.hand_in("student-01", {"fit_gain": FIT})
    course.hand_in("student-02", {"fit_gain": renamed(FIT)})
    for number in range(3, 9):
        course.hand_in(f"student-0{number}", {"spectral_loss": LOSS})
    course.hand_in("student-09", "{")
    page = tmp_path / "page.html"
    _, out, err = command("similar", NAME, "--output", str(page))
    html = page.read_text("utf-8")
    told = "\n".join((html, out, err, CliRunner().invoke(cli, ["similar", "--help"]).output))
    assert ACCUSING.findall(told) == []
    assert ACCUSING.search("They cheated.")
    assert re.findall(r"(?:src|href)=\"(?!#)", html) == []
    assert "First &lt;b&gt;Last" in html
    assert html.count("<mark>") == html.count("</mark>") > 2
    assert "None of " in html
    assert " independent right answers share this much" in html
    command("similar", NAME, "--output", str(page), "--anonymous")
    assert "First" not in page.read_text("utf-8")


def test_the_same_class_gives_the_same_page_in_another_process(course):
    """Python hashes text differently in each."""
    for student, code in (
        ("student-01", FIT),
        ("student-02", renamed(FIT)),
        ("student-03", FIT.replace("lr=lr", "lr")),
    ):
        course.hand_in(student, {"fit_gain": code})
    first, second = (course.run("autograder", "similar", NAME, "--json").stdout for _ in range(2))
    assert json.loads(first)["pairs"]
    assert first == second


def test_an_empty_class_is_told_in_a_sentence(course, command):
    code, _, err = command("similar", NAME)
    assert code == 2
    assert re.fullmatch(r"autograder: Nothing has been handed in: .*submitted has no folder of a student\.\n", err)
    course.hand_in("student-01", {"fit_gain": FIT})
    code, out, err = command("similar", NAME)
    assert (code, err) == (0, "")
    assert out.startswith("1 submission compared: 0 pairs with code")
    assert "No two students share" in (course.folder / f"similar-{NAME}.html").read_text("utf-8")
    code, _, err = command("similar", "nothing-of-that-name")
    assert code == 2
    assert err.count("\n") == 1
