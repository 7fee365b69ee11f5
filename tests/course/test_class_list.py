"""The class list is read however a spreadsheet has saved it, and a fault in it is named with its line."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.class_list import class_list, duration, moment, name_forms, read_class_list
from autograder.course.spreadsheet import parse_table
from autograder.errors import UsageError

ROWS = "id,first_name,last_name,email\r\nstudent-01,Citroën,Übung,citroen@example.org\r\nstudent-02,An,Other,\r\n"
CONFIG = "c = get_config()\n"


@pytest.fixture
def write(tmp_path):
    """write(text or bytes): the path of a students.csv with it."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "students.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_encoding_and_separator_of_a_spreadsheet_is_read(write, encoding, separator):
    students = read_class_list(write(ROWS.replace(",", separator), encoding))
    assert list(students.students) == ["student-01", "student-02"]
    assert students.get("student-01").name == "Citroën Übung"
    assert students.get("student-01").email == "citroen@example.org"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(write, ending):
    assert len(read_class_list(write(ROWS.replace("\r\n", ending), "mac-roman" if ending == "\r" else "utf-8"))) == 2


def test_a_mac_file_has_its_letters(write):
    students = read_class_list(write(ROWS.replace("\r\n", "\r"), "mac-roman"))
    assert students.get("student-01").name == "Citroën Übung"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('sep=;\r\nid;First name;Surname\r\n="007";"Smith, Jr.";x\r\n', "Smith, Jr. x"),
        (' ID , Vorname,Nachname,,\n\n007 ,  Smith\u00a0,"Jr. ""x""",,\n,,,,\n', 'Smith Jr. "x"'),
        ("Student ID\tGiven Name\tFamily Name\n007\tA\tB\t\t\n", "A B"),
        ("\ufeff\ufeffid,first_name\n007,A", "A"),
    ],
)
def test_quirks_of_excel_are_understood(write, text, name):
    students = read_class_list(write(text))
    assert list(students.students) == ["007"]
    assert students.get("007").name == name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("first_name,last_name\nA,B\n", "line 1: there is no column “id” among 'first_name', 'last_name'"),
        ("id,first_name,last_name\na,Smith, Jr.,x\n", "line 2: it has 4 cells where the first line has 3"),
        ("id,email\na,\n\nb,\na,\n", "line 5: the id 'a' stands on line 2 already"),
        ("id,email\n,x@example.org\n", "line 2: there is no id"),
        ("id\n..\n", "line 2: the id '..' cannot be the name of a folder"),
        ("id\na/b\n", "'a/b' cannot be"),
        ("id\n.x\n", "'.x' cannot be"),
        ("id\na\\b\n", "cannot be the name of a folder"),
        (f"id\n{'x' * 300}\n", "cannot be the name of a folder"),
        ('id,email\n"a\nb",\n', "cannot be the name of a folder"),
        ("id,canvas_id\na,1.23E+11\n", "line 2: '1.23E+11' is a long number that a spreadsheet has rounded"),
        ("id,canvas_id\na,1\nb,1\n", "line 3: canvas '1' stands on line 2 too"),
        ("id,canvas_id\na,#N/A\n", "a spreadsheet's error"),
        ("id,id\na,b\n", "two columns are about the same ('id')"),
        ("id,extension\na,2\n", "line 2: the extension '2' has no unit; write 2 days"),
        ("id,extension\na,soon\n", "'soon' is no length of time"),
        ("id,extra_time\na,25%\n", "'25%' is no length of time"),
        ("id,extension\na,11/22/2026\n", "'11/22/2026' is no time; write it as 2026-11-22 12:00"),
        ("id,extension\na,2026-02-30\n", "is no time"),
        ("id,handed_in:x\na,yesterday\n", "line 2: 'yesterday' is no time; write it as 2026-11-22 12:00"),
        ('id,first_name\na,"Smith\nb,\n', "line 2: a quotation mark opens"),
        (b"PK\x03\x04" + b"x" * 50, "is an Excel workbook. Save it as “CSV UTF-8”"),
        (b"id\nab\0c\n", "is not a text file"),
        (b"\xef\xbb\xbfid\n\xfc\n", "line 2: begins as UTF-8 and goes on as something else"),
    ],
)
def test_a_fault_is_named_with_file_line_and_what_to_do(write, content, told):
    with pytest.raises(UsageError) as raised:
        read_class_list(write(content))
    assert "students.csv" in str(raised.value)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_many_faults_are_told_at_once_and_counted(write):
    with pytest.raises(UsageError, match=r"line 2: .*line 3: .*line 4: .*And 6 more\."):
        read_class_list(write("id,email\n" + ",x\n" * 9))


def test_a_file_that_is_not_there_or_may_not_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"students\.csv cannot be read: No such file"):
        read_class_list(tmp_path / "students.csv")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_class_list(tmp_path)


def test_what_is_not_used_is_said(write):
    assert read_class_list(write("id,shoe size,first_name\na,44,B\n")).notes == (
        "students.csv: these columns are not used: shoe size.",
    )
    assert "differ in case only" in read_class_list(write("id\na\nA\n")).notes[0]


def test_ids_of_platforms_find_the_student(write):
    students = read_class_list(
        write("id,email,canvas_id,SIS Login ID,lms_user_id\na,a@example.org,17,za1,9\nb,b@example.org,9,zb2,18\n")
    )
    assert students.known_as("17", "canvas").id == "a"
    assert students.known_as("ZA1").id == "a"
    assert students.known_as("B@example.org").id == "b"
    assert students.known_as("a").id == "a"
    assert students.known_as("9") is None  # one student's number there, another's here
    assert students.known_as("9", "canvas").id == "b"
    assert students.known_as("x") is None


@pytest.mark.parametrize(
    "written", ["Citroën Übung", "übung citroen", "uebungcitroen", "UBUNGCITROEN", "U\u0308bung, Citroe\u0308n"]
)
def test_a_name_is_found_however_a_platform_writes_it(write, written):
    assert [student.id for student in read_class_list(write(ROWS)).named(written)] == ["student-01"]


def test_namesakes_are_both_found(write):
    students = read_class_list(write("id,first_name,last_name\na,X,Y\nb,Y,X\nc,X,Z\n"))
    assert [student.id for student in students.named("X Y")] == ["a", "b"]


def test_an_empty_name_finds_nobody(write):
    students = read_class_list(write("id,first_name\na,\nb,\n"))
    assert students.named("") == []
    assert students.named("?!") == []
    assert students.get("a").name == "a"


def test_groups(write):
    students = read_class_list(write("id,group\na,one\nb,one\nc,\nd,\n"))
    assert [student.id for student in students.group(students.get("a"))] == ["a", "b"]
    assert [student.id for student in students.group(students.get("c"))] == ["c"]


DUE = datetime(2026, 11, 20, 12)


@pytest.mark.parametrize(
    ("columns", "cells", "hours"),
    [
        ("extension", "2 days", 48),
        ("extension", "36h", 36),
        ("extension", "90 min", 1.5),
        ("extension", "1 week", 168),
        ("extension", '"1 day, 2 h"', 26),
        ("extension", "1.5 d", 36),
        ("extension", '"1,5 d"', 36),
        ("extension", "", 0),
        ("extension", "2026-11-22 12:00 UTC", 48),
        ("extension", "2026-11-22T12:00Z", 48),
        ("extension", "2026-11-22 13:00+01:00", 48),
        ("extension", "22.11.2026 12:00 UTC", 48),
        ("extension", "2026-11-01 12:00 UTC", 0),
        ("extension:hw1", "2 days", 48),
        ("extension:hw2", "2 days", 0),
        ("extension hw1", "2 days", 48),
        ("extension,extension:hw1", "2 days,1 h", 1),
        ("extension,extra_time", "2 days,12 h", 60),
        ("extra_time", "12 h", 12),
    ],
)
def test_a_deadline_is_moved_as_the_line_says(write, columns, cells, hours):
    students = read_class_list(write(f"id,{columns}\na,{cells}\n"))
    assert students.get("a").deadline(DUE, "hw1") == DUE + timedelta(hours=hours)


def test_a_time_without_a_zone_is_in_the_zone_that_the_course_names(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(CONFIG + 'c.Autograder.timezone = "Asia/Tokyo"\n')
    (tmp_path / "students.csv").write_text("id,extension\na,2026-11-22 12:00\n")
    assert class_list(tmp_path).get("a").extensions[""] == datetime(2026, 11, 22, 3)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG + 'c.Autograder.timezone = "Nowhere/Else"\n')
    with pytest.raises(UsageError, match="is no time zone"):
        class_list(tmp_path)


def test_without_a_zone_it_is_this_machines():
    assert moment("2026-11-22 12:00") == datetime(2026, 11, 22, 12).astimezone(UTC).replace(tzinfo=None)
    assert moment("2026-11-22", UTC) == datetime(2026, 11, 22, 23, 59, 59)


def test_a_course_without_a_class_list_has_none_and_another_file_can_be_named(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    assert class_list(tmp_path) is None
    (tmp_path / "nbgrader_config.py").write_text(CONFIG + 'c.Autograder.class_list = "who.csv"\n')
    with pytest.raises(UsageError, match=r"who\.csv cannot be read"):
        class_list(tmp_path)
    (tmp_path / "who.csv").write_text("id\na\n")
    assert "a" in class_list(tmp_path)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_file_is_read_or_refused_in_one_line_and_a_table_is_given_back_to_the_byte(content):
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    path = Path("students.csv")
    with contextlib.suppress(UsageError):
        table = parse_table(path, raw)
        assert table.content() == raw


@given(st.text(max_size=40))
def test_any_text_is_a_length_of_time_or_is_refused(text):
    for read in (duration, moment):
        with contextlib.suppress(ValueError):
            assert isinstance(read(text), timedelta | datetime)
    assert all(form.isalnum() for form in name_forms(text))
