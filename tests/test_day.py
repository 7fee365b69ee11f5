"""A whole day of a class of 40, from Blackboard's zip to pages and a filled column, with nothing edited by hand.

Everything here is done by the commands of docs/instructors.md.
"""

import csv
import io
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course import answers as corpus
from autograder.course.assignment import Assignment
from autograder.records import marking

ROOT = Path(__file__).resolve().parents[1]
NAME = "differentiable_gain"
NB = f"{NAME}.ipynb"
CLASS = 40
IDS = [f"student-{number:02}" for number in range(1, CLASS + 1)]
NAMES = {
    "student-05": ("Kim", "Lee"),
    "student-06": ("Kim", "Lee"),
    "student-07": ('"Quo,ted"', "O'Comma, Jr."),
    "student-08": ("=HYPERLINK(1)", "+1"),
    "student-09": ("\u05d0\u05d1\u05d2", "\u202eRight"),
    "student-10": ("Maximiliane Wilhelmine Theodora", "von und zu Langenname-Doppelname-Dreifachname"),
}
EXTENSIONS = {"student-22": "2 days", "student-23": "2026-11-24 12:00"}
EXTRA = {"student-24": "12 h"}
GROUP = ("student-30", "student-31")
IN_TIME, LATE = "2026-11-20-13-00-00", "2026-11-22-01-00-00"
WRITTEN = {"phase_shift_explained": "At 90 degrees the sine is orthogonal.", "polarity_explained": "abs() drops signs."}
RULE = """
c.Autograder.timezone = "Europe/Paris"
c.Autograder.due = {"differentiable_gain": "2026-11-20 23:59"}
c.Autograder.late_penalty = "10 % per day"
c.AutograderLimits.cell = 12
c.AutograderLimits.submission = 120
"""

pytestmark = pytest.mark.timeout(1800)


def notebook(assignment, answer=None, words=True):
    made = corpus.notebook(assignment, answer)
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if words and name in WRITTEN:
            cell.source = WRITTEN[name]
    return nbformat.writes(made)


def handed_in(assignment):
    """(student, time, file name, content) of each upload, in the order in which they came."""
    known = Assignment(NAME, ROOT)
    right = corpus.answers(known, "alternatives")[:6]
    [wrong] = [one for one in corpus.answers(known, "misconceptions") if one.name == "gain-added"]
    good, released = notebook(assignment), nbformat.writes(assignment.released)
    hangs = corpus.Answer("never", "", frozenset(), (("after", "linear_gain", "while True:\n    pass"),))
    contents = {
        **{f"student-{number:02}": notebook(assignment, right[number % 6]) for number in range(1, 11)},
        "student-11": notebook(assignment, wrong),
        "student-12": notebook(assignment, hangs),
        "student-13": good[: len(good) // 2],
        "student-14": released,
        "student-15": notebook(assignment, words=False),
        "student-16": good.replace("check_exercise(2)", "check_exercise(2)  # mine"),
    }
    for student in IDS:
        when = LATE if student in ("student-20", "student-21", *EXTENSIONS, *EXTRA) else IN_TIME
        if student == "student-17":
            yield student, when, "report.pdf", "%PDF-1.7"
        elif student == "student-18":
            yield student, when, "my homework.ipynb", good
        elif student == "student-19":
            yield student, IN_TIME, NB, released
            yield student, "2026-11-20-14-00-00", NB, good
        elif student not in ("student-25", GROUP[1]):  # one has not handed in, one lets the other do it
            yield student, when, NB, contents.get(student, good)


@pytest.fixture(scope="module")
def day(shared_course, tmp_path_factory):
    """(the course, do): `do(command, code)` runs a command in the course and gives what it said."""
    course, downloads = shared_course, tmp_path_factory.mktemp("downloads")
    course.configure(RULE)
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["id", "first_name", "last_name", "blackboard_id", "group", f"extension:{NAME}", "extra_time"])
    for student in IDS:
        first, last = NAMES.get(student, ("First", student[-2:]))
        group = "pair" if student in GROUP else ""
        number = f"u{student[-2:]}"
        table.writerow([student, first, last, number, group, EXTENSIONS.get(student, ""), EXTRA.get(student, "")])
    (course.folder / "students.csv").write_text(rows.getvalue(), encoding="utf-8")
    archives = [downloads / "first.zip", downloads / "second.zip"]
    uploads = list(handed_in(course.assignment))
    for archive, part in zip(archives, (uploads[:30], uploads[30:]), strict=True):
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for student, when, file, content in part:
                packed.writestr(f"Homework_u{student[-2:]}_attempt_{when}_{file}", content)

    def do(*command, code=0):
        done = course.run(*map(str, command), timeout=900)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said
        return said

    course.downloads = downloads
    return course, do, archives


def scores(course):
    return {student: course.result(student)["score"] for student in IDS if student != "student-25"}


def totals(course):
    with course.gradebook() as gradebook:
        return {
            one.student.id: one.score - (one.late_submission_penalty or 0)
            for one in gradebook.assignment_submissions(NAME)
        }


def test_the_day(day):
    course, do, archives = day
    folder = course.folder

    # collect: first a look, then in earnest, with the second zip later
    before = course.snapshot()
    assert "38 of 40 " in do("autograder", "collect", NAME, *archives, "--accept-names", "--dry-run")
    assert course.snapshot() == before
    do("autograder", "collect", NAME, archives[0], "--accept-names")
    said = do("autograder", "collect", NAME, archives[1], "--accept-names")
    assert "38 of 40 collected" in said
    assert "student-17 (a PDF came instead)" in said
    assert "student-25" in said

    # grade: one that hangs and one that is cut off keep nobody else from a grade
    said = do("autograder", "grade", NAME)
    result = {student: course.result(student) for student in IDS if student != "student-25"}
    troubled = {f"student-{number}" for number in (11, 12, 13, 14, 17, 25)}
    whole = set(IDS) - troubled
    assert {student for student in whole if result[student]["score"] != 24} == set()
    assert 0 < result["student-11"]["score"] < 24
    assert (result["student-13"]["status"], result["student-17"]["status"]) == ("unreadable", "missing")
    assert result["student-14"]["score"] == 0
    assert result["student-12"]["status"] == "graded"
    assert "Maximiliane" in said
    assert "Found instead: “report.pdf”." in said
    assert result[GROUP[0]]["score"] == result[GROUP[1]]["score"] == 24

    # late work: 25 hours and a minute late are two days begun, of 28 points; extensions and extra time count
    expected = {"student-20": 18.4, "student-21": 18.4, "student-22": 24, "student-23": 24, "student-24": 21.2}
    assert {student: round(totals(course)[student], 6) for student in expected} == expected

    # nothing leaves while answers wait, and status counts them
    assert "wait" in do("autograder", "export", "csv", NAME, code=2)
    assert "student-25" in do("autograder", "status", NAME)

    # mark every answer, as the page of “autograder mark” does
    for question in WRITTEN:
        asked = marking.question(course.assignment, question)
        for answer in marking.answers(course.assignment, asked):
            if answer.score is None:
                marking.enter(course.assignment, asked, answer, 1.5, "Good: say why.")
    assert "wait" not in do("autograder", "export", "csv", NAME)

    # staff overrule a score and give extra credit, in nbgrader's gradebook
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("test_fit_gain", NAME, NAME, "student-11")
        grade.manual_score = 6
        gradebook.find_grade("test_linear_gain", NAME, NAME, "student-01").extra_credit = 1
        gradebook.db.commit()
    do("autograder", "grade", NAME)  # puts penalties right
    held = totals(course)
    assert held["student-01"] == 24 + 3 + 1

    # a check is changed: the dry run says what would change, the run does it, undo takes it back
    hidden = folder / "hidden" / NAME / "test_recover_gain.py"
    text = hidden.read_text()
    graded = scores(course)
    hidden.write_text(text.replace("lr sets the size of the steps", "The rate sets the size of the steps"))
    said = do("autograder", "grade", NAME, "--regrade", "--dry-run")
    assert "The rate sets" in said
    assert scores(course) == graded
    do("autograder", "grade", NAME, "--reason", "a clearer title")
    assert scores(course) == graded
    assert totals(course) == held
    said = do("autograder", "history", NAME, "--student", "student-11")
    assert "a clearer title" in said
    do("autograder", "grade", NAME, "--undo")
    assert totals(course) == held
    hidden.write_text(text)
    do("autograder", "grade", NAME)
    assert totals(course) == held
    do("autograder", "verify", NAME, "--student", "student-03", "--student", "student-11", code=0)

    # a student leaves: named, and their grade stays
    gone = folder / "submitted" / "student-40"
    gone.rename(course.downloads / "student-40")
    assert "student-40" in do("autograder", "status", NAME, code=1)
    assert "student-40" in do("autograder", "grade", NAME)
    (course.downloads / "student-40").rename(gone)

    # pages, report, and the column of the platform's own file
    do("autograder", "feedback", NAME, "--zip", "feedback.zip")
    pages = {path.parent.parent.name for path in folder.glob(f"feedback/*/{NAME}/*.html")}
    assert pages >= set(IDS) - {"student-25"}
    assert "Good: say why." in (folder / "feedback" / "student-01" / NAME / f"{NAME}.html").read_text("utf-8")
    do("autograder", "report", NAME)
    assert (folder / f"report-{NAME}.html").is_file()
    theirs = course.downloads / "theirs.csv"
    head = f'"Last Name"\t"First Name"\t"Username"\t"{NAME} [Total Pts: 28 Score] |664617"\r\n'
    theirs.write_bytes(("\ufeff" + head + "".join(f'"x"\t"y"\t"u{i[-2:]}"\t""\r\n' for i in IDS)).encode("utf-16-le"))
    do("autograder", "export", "csv", NAME, "--into", theirs, "--output", "filled.csv")
    filled = (folder / "filled.csv").read_bytes().decode("utf-16").splitlines()
    column = {row.split("\t")[2].strip('"'): row.split("\t")[3].strip('"') for row in filled[1:]}
    assert {student: column[f"u{student[-2:]}"] for student in IDS if student in held and student != "student-25"} == {
        student: f"{round(held[student], 6):g}" for student in IDS if student in held and student != "student-25"
    }
    assert column["u25"] == ""
    do("autograder", "status", NAME)  # everything agrees, or it would end with 1
