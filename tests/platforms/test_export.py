"""Grades go out in the form of each platform: the right number in the right row, and nothing else is touched."""

import csv
import io
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course.spreadsheet import parse_table
from autograder.errors import UsageError
from autograder.platforms.collect.collect import collect
from autograder.platforms.export.export import export_grades
from autograder.platforms.export.grades import harmless, number, read_grades

NAME = "differentiable_gain"
LIST = '''id,first_name,last_name,email,canvas_id,login,moodle_id
student-01,First,Alpha,first@example.org,40311,falpha,
student-02,Citroën,Übung,citroen@example.org,40312,cuebung,
student-03,Second,Beta,second@example.org,40313,sbeta,
student-04,Second,Beta,second2@example.org,,sbeta2,
student-05,=cmd(),"Smith, ""Jr.""",,,,
'''
SCORES = {
    "student-01": (4.8, 6, 4, 5, 4),
    "student-02": (5, 6, 4, 5, 4),
    "student-03": (0, 0, 0, 0, 0),
    "student-05": (0.1, 0.2, 0, 0, 0),
}
TOTALS = {"student-01": "23.8", "student-02": "24", "student-03": "0", "student-05": "0.3"}


@pytest.fixture
def graded(course):
    """A class of five: four have a grade, and every answer is marked."""
    (course.folder / "students.csv").write_text(LIST, encoding="utf-8")
    with course.gradebook() as gradebook:
        for student, scores in SCORES.items():
            gradebook.update_or_create_student(student)
            gradebook.add_submission(NAME, student)
            mine = dict(zip(course.assignment.exercises, scores, strict=True))
            for grade in gradebook.find_submission_notebook(NAME, NAME, student).grades:
                grade.auto_score, grade.needs_manual_grade = mine.get(grade.name, 0), False
        gradebook.db.commit()
    return course


@pytest.fixture
def fill(graded, tmp_path):
    """fill(platform, text, encoding, **options): (the text of the filled file, what was told)."""

    def fill(platform, text, encoding="utf-8", **options):
        path = tmp_path / "theirs.csv"
        path.write_bytes(text.encode(encoding))
        told = export_grades(
            graded.assignment, platform, into=path, output=tmp_path / "out.csv", incomplete=False, **options
        )
        return (tmp_path / "out.csv").read_bytes().decode(encoding), "\n".join(told)

    return fill


def make(graded, platform, tmp_path, **options):
    path = tmp_path / "out.csv"
    told = export_grades(graded.assignment, platform, into=None, output=path, incomplete=False, **options)
    return list(csv.reader(io.StringIO((tmp_path / "out.csv").read_bytes().decode("utf-8-sig")))), "\n".join(told)


def wait(course, student):
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("phase_shift_explained", NAME, NAME, student)
        grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()


# Canvas

HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,Essay (11),Differentiable Gain (12),Current Score\r\n"
POINTS = "    Points Possible,,,,,10,28,(read only)\r\n"
CANVAS = (
    HEAD + POINTS + '"Alpha, First",40311,,falpha,"S, 1",,,88\r\n"Übung, Citroën",40312,,cuebung,S 2,9,3,90\r\n'
    '"Beta, Second",40313,,sbeta,S 1,,EX,\r\n"Beta, Second",40314,,sbeta2,S 1,,7,\r\n'
    '"Student, Test",99,,xyz,S 1,,,\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_canvas_own_export_is_filled_and_all_else_stays_to_the_byte(fill, encoding):
    text, told = fill("canvas", CANVAS, encoding)
    wanted = CANVAS.replace('"S, 1",,,88', '"S, 1",,23.8,88').replace("S 2,9,3,90", "S 2,9,24,90")
    assert text == wanted
    assert "Wrote" in told
    assert "3 students" in told
    assert "because they are excused: student-03" in told
    assert "2 rows of theirs.csv have no grade here and stay as they are" in told
    assert "1 students have a grade and no row" in told


def test_a_blank_is_never_written_over_a_grade_in_canvas(fill):
    text, _ = fill("canvas", CANVAS)
    assert '"Beta, Second",40314,,sbeta2,S 1,,7,' in text


def test_other_points_in_canvas_are_said(fill):
    _, told = fill("canvas", CANVAS.replace("10,28", "10,100"))
    assert "has 100 points in Canvas and 28 here" in told


@pytest.mark.parametrize("second", [POINTS, "", ",,,,,,Manual Posting,\r\n" + POINTS])
def test_canvas_rows_above_the_students_may_be_there_or_not(fill, second):
    text, _ = fill("canvas", CANVAS.replace(POINTS, second))
    assert '"Alpha, First",40311,,falpha,"S, 1",,23.8,88' in text
    assert second in text


def test_namesakes_are_told_apart_by_number_and_never_by_name(fill):
    text, told = fill(
        "canvas",
        HEAD
        + POINTS
        + '"Beta, Second",,,,S,,,\r\n"Alpha, First",,,,S,,,\r\n'
        '"Alpha, First",,,,S,,,\r\n'
        '"Übung, Citroën",,,,S,,,\r\n'.replace(",,,,S", ",x,,,S"),
    )
    assert text.count(",24,") == 1
    assert "23.8" not in text
    assert "3 rows of theirs.csv have no grade here" in told


def test_a_title_that_is_not_there_or_there_twice_is_asked_for(fill):
    with pytest.raises(UsageError, match=r"no column is that of differentiable_gain, among .*--title"):
        fill("canvas", CANVAS.replace("Differentiable Gain (12)", "Homework 1 (12)"))
    text, _ = fill("canvas", CANVAS.replace("Differentiable Gain (12)", "Homework 1 (12)"), title="homework 1")
    assert "23.8" in text
    with pytest.raises(UsageError, match="2 columns may be"):
        fill("canvas", CANVAS.replace("Essay (11)", "Differentiable gain: essay (11)").replace("Gain (", "Gains ("))


def test_exercises_that_have_a_column_are_filled_too(fill):
    text, _ = fill("canvas", CANVAS.replace("Essay (11)", "Linear gain (11)"))
    assert '"Alpha, First",40311,,falpha,"S, 1",4.8,23.8,88' in text


def test_a_file_for_canvas_is_made_of_those_whom_it_can_find(graded, tmp_path):
    rows, told = make(graded, "canvas", tmp_path, title="Gain (12)")
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Gain (12)"]
    assert rows[1][0].strip() == "Points Possible"
    assert rows[1][-1] == "28"
    assert rows[2] == ["Alpha, First", "40311", "", "falpha", "", "23.8"]
    assert {row[-1] for row in rows[2:]} == {"23.8", "24", "0"}
    assert "1 students are left out" in told
    _, told = make(graded, "canvas", tmp_path)
    assert "Canvas makes a new assignment" in told


# Moodle

WORKSHEETS = {
    "English": (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments",
        "Participant ",
        ",",
        "Yes",
        "No",
        ".",
    ),
    "German": (
        "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Beste Bewertung;Bewertung kann geändert werden;"
        "Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar",
        "Teilnehmer/in",
        ";",
        "Ja",
        "Nein",
        ",",
    ),
    "Finnish": (
        "Tunniste,Koko nimi,Sähköpostiosoite,Tila,Arvosana,Korkein arvosana,Arvosanaa voi muuttaa,a,b,c",
        "Osallistuja ",
        ",",
        "Kyllä",
        "Ei",
        ",",
    ),
    "unknown": ("Aa,Bb,Cc,Dd,Ee,Ff,Gg,Hh,Ii,Jj", "Xyz", ",", "Qa", "No", "."),
}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_moodles_worksheet_is_filled_in_any_language(graded, fill, tmp_path, language):
    """The numbers are those of the download: the names in it find the students, and a namesake keeps its number."""
    head, prefix, separator, yes, no, point = WORKSHEETS[language]
    root = tmp_path / "moodle"
    for name, key in (("First Alpha", 11), ("Citroën Übung", 12), ("Second Beta", 13)):
        (root / f"{name}_{key}_assignsubmission_file").mkdir(parents=True)
        (root / f"{name}_{key}_assignsubmission_file" / f"{NAME}.ipynb").write_text("x")
    collect(graded.assignment, [root])
    most = f"28{point}00"
    most = f'"{most}"' if separator == point else most

    def row(key, name, grade, changeable=yes):
        return separator.join([f"{prefix}{key}", name, "", "x", grade, most, changeable, "-", "-", ""])

    lines = [head, row(11, "First Alpha", ""), row(12, "Citroën Übung", "", no), row(14, "Second Beta", "7")]
    text, told = fill("moodle", "\n".join(lines) + "\n", "utf-8-sig")
    points = f"23{point}8"
    points = f'"{points}"' if separator == point else points
    assert text == "\n".join([head, row(11, "First Alpha", points), *lines[2:]]) + "\n"
    assert "Moodle says that their grade cannot be changed: student-02" in told


def test_moodle_finds_students_by_e_mail_and_skips_what_moodle_would_skip(fill):
    head, *_ = WORKSHEETS["English"]
    text, told = fill(
        "moodle",
        f"{head}\nParticipant 1,Somebody,first@example.org,,,20.00,Yes,-,-,\n"
        "Participant 40312,X,second@example.org,,,20.00,Yes,-,-,\n",
    )
    assert "Participant 40312,X,second@example.org,,0,20.00" in text
    assert "Participant 1,Somebody,first@example.org,,,20.00" in text
    assert "Moodle takes 20 points at most, and would skip them: student-01" in told
    assert "The maximum grade is 20 in Moodle and 28 here" in told


def test_a_worksheet_is_made_of_what_was_collected_from_moodle(graded, tmp_path):
    folder = tmp_path / "moodle" / "First Alpha_11_assignsubmission_file"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text("x")
    collect(graded.assignment, [tmp_path / "moodle"])
    rows, told = make(graded, "moodle", tmp_path)
    assert [row[:2] + row[4:5] for row in rows[1:]] == [["Participant 11", "First Alpha", "23.8"]]
    assert "Download the grading worksheet there" in told


# any other table


def test_blackboards_gradebook_is_filled_in_utf_16_with_tabs(fill):
    text = (
        '"Last Name"\t"First Name"\t"Username"\t"Differentiable Gain [Total Pts: 28 Score] |664617"\r\n'
        '"Alpha"\t"First"\t"falpha"\t""\r\n"Beta"\t"Second"\t"sbeta2"\t"5"\r\n'
    )
    out, _ = fill("csv", text, "utf-16")
    assert out == text.replace('"falpha"\t""', '"falpha"\t"23.8"')


def test_a_table_of_ones_own_is_filled_by_its_id(fill):
    out, _ = fill("csv", "email;score;note\nfirst@example.org;;x\ncitroen@example.org;1,5;y\nnobody@example.org;2;z\n")
    assert out == "email;score;note\nfirst@example.org;23,8;x\ncitroen@example.org;24;y\nnobody@example.org;2;z\n"


def test_the_csv_has_every_exercise_and_no_formula(graded, tmp_path):
    rows, _ = make(graded, "csv", tmp_path)
    table = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert {student: row["score"] for student, row in table.items()} == TOTALS
    assert table["student-01"]["test_linear_gain"] == "4.8"
    assert table["student-05"]["first_name"] == "'=cmd()"
    assert table["student-05"]["last_name"] == 'Smith, "Jr."'
    assert "student-04" not in table
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("platform", "text", "told"),
    [
        ("canvas", "a,b\n1,2\n", "not an export of Canvas"),
        ("moodle", "a,b\n1,x\n", "not a grading worksheet"),
        ("csv", "a,b\n1,2\n", "no column of ids"),
        ("canvas", "", "not an export"),
        ("moodle", "", "not a grading"),
        ("csv", "PK\x03\x04", "Excel workbook"),
    ],
)
def test_another_file_is_refused_in_a_line(fill, platform, text, told):
    with pytest.raises(UsageError, match=told):
        fill(platform, text)


# what is known


def test_while_answers_wait_nothing_is_exported_unless_asked_for(graded, tmp_path):
    wait(graded, "student-02")
    for platform in ("csv", "canvas", "moodle"):
        with pytest.raises(UsageError, match=r"1 of 4 students have answers that wait for a mark \(student-02\)"):
            make(graded, platform, tmp_path)
    assert not (tmp_path / "out.csv").exists()
    told = export_grades(graded.assignment, "csv", into=None, output=tmp_path / "out.csv", incomplete=True)
    rows = {row["id"]: row for row in csv.DictReader((tmp_path / "out.csv").read_text().splitlines())}
    assert (rows["student-02"]["score"], rows["student-02"]["phase_shift_explained"]) == ("24", "")
    assert rows["student-02"]["waiting"] == "phase_shift_explained"
    assert "1 of them have answers that wait" in "\n".join(told)


def test_a_late_penalty_and_extra_points_are_in_the_total(graded, tmp_path):
    with graded.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, NAME, "student-02")
        notebook.late_submission_penalty = 2.4
        gradebook.find_grade("test_fit_gain", NAME, NAME, "student-02").extra_credit = 1
        gradebook.db.commit()
    rows, _ = make(graded, "csv", tmp_path)
    row = dict(zip(rows[0], rows[2], strict=True))
    assert (row["id"], row["score"], row["late_penalty"], row["test_fit_gain"]) == ("student-02", "22.6", "2.4", "7")


def test_without_any_grade_there_is_nothing_to_export(course):
    with pytest.raises(UsageError, match="has no grade"):
        read_grades(course.assignment)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.8, "4.8"),
        (0.1 + 0.2, "0.3"),
        (1.6 * 3, "4.8"),
        (24.0, "24"),
        (0, "0"),
        (-0.0, "0"),
        (100, "100"),
        (1 / 3, "0.333333"),
        (10.50, "10.5"),
    ],
)
def test_numbers_are_written_as_people_do(value, text):
    assert number(value) == text
    assert number(value, comma=True) == text.replace(".", ",")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1"])
def test_no_text_is_a_formula(text):
    assert harmless(text) == f"'{text}"
    assert harmless("x=1") == "x=1"


def test_what_was_filled_can_be_read_again(fill):
    text, _ = fill("canvas", CANVAS)
    assert parse_table(Path("x"), text.encode()).rows[2].values[6] == "23.8"


# the commands


@pytest.fixture
def command(graded, monkeypatch, run_main):
    monkeypatch.chdir(graded.folder)

    def command(*words):
        return run_main("export", *words)

    return command


@pytest.mark.parametrize("platform", ["csv", "canvas", "moodle"])
def test_the_command_writes_beside_the_course_by_default(command, graded, platform):
    code, out, err = command(platform, NAME)
    assert (code, err) == (0, "")
    assert out.startswith(f"Wrote grades-{platform}-{NAME}.csv: the grades of ")
    assert "1 students of the class list have no grade" in out
    assert (graded.folder / f"grades-{platform}-{NAME}.csv").is_file()


def test_files_are_looked_for_where_the_user_stands_whatever_the_course(graded, tmp_path, monkeypatch, capsys):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "given").mkdir(parents=True)
    (elsewhere / "given" / f"alphafirst_40311_9001_{NAME}.ipynb").write_text("x")
    (elsewhere / "theirs.csv").write_text(CANVAS, encoding="utf-8")
    for words in (
        ["collect", NAME, "given"],
        ["export", "canvas", NAME, "--into", "theirs.csv", "--output", "out.csv"],
        ["export", "csv", f"./{NAME}/"],
    ):
        monkeypatch.chdir(elsewhere)
        monkeypatch.setattr(sys, "argv", ["autograder", "--course", str(graded.folder), *words])
        main()  # a SystemExit would be an exit code other than 0
    assert (graded.folder / "submitted" / "student-01" / NAME / f"{NAME}.ipynb").is_file()
    assert "23.8" in (elsewhere / "out.csv").read_text("utf-8")
    assert (graded.folder / f"grades-csv-{NAME}.csv").is_file()
    assert "1 of 5 collected" in capsys.readouterr().out


def test_wrong_usage_is_2_with_a_line(command, graded):
    wait(graded, "student-01")
    for words, told in (
        (["csv", NAME], "wait for a mark"),
        (["csv"], "Missing argument"),
        (["canvas", "none"], "no assignment"),
        (["canvas", NAME, "--into", "no.csv"], "does not exist"),
    ):
        code, out, err = command(*words)
        assert (code, out) == (2, "")
        assert told in err
        assert err.count("\n") == 1


def test_nbgraders_own_export_quotes_and_holds_no_formula(graded):
    with graded.gradebook() as gradebook:
        gradebook.update_or_create_student("student-05", first_name="=cmd()", last_name='Smith, "Jr."')
        gradebook.update_or_create_student("student-01", first_name="First", last_name="Alpha")
    done = graded.run("nbgrader", "export")
    assert done.returncode == 0, done.stderr
    rows = {row["student_id"]: row for row in csv.DictReader((graded.folder / "grades.csv").read_text().splitlines())}
    assert {student: row["score"] for student, row in rows.items()} == TOTALS
    assert (rows["student-05"]["last_name"], rows["student-05"]["first_name"]) == ('Smith, "Jr."', "'=cmd()")
    assert rows["student-05"]["max_score"] == "28"
