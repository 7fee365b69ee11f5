"""Each platform's download becomes the folders that grading wants: whose it is, when it came, and nothing else."""

import io
import json
import os
import random
import stat
import struct
import time
import zipfile
from datetime import datetime

import pytest

from autograder.errors import UsageError
from autograder.platforms.collect.collect import collect
from autograder.platforms.collect.summary import conclusion, lines
from autograder.records.handed_in import handed_in_at
from autograder.records.uploads import read_uploads

NAME = "differentiable_gain"
NB = f"{NAME}.ipynb"
LIST = """id,first_name,last_name,email,canvas_id,moodle_id,blackboard_id
student-01,First,Alpha,first@example.org,40311,,falpha
student-02,Third,Gamma,third@example.org,40312,,t_gamma
student-03,Second,Beta,second@example.org,,,sbeta
student-04,Second,Beta,second2@example.org,,,
"""


@pytest.fixture
def made(tmp_path):
    """made({path: content}, name): the path of a zip with these entries; content may be a (ZipInfo, bytes)."""

    def made(entries, name="class.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for key, content in entries.items() if isinstance(entries, dict) else entries:
                archive.writestr(key, content)
        return path

    return made


@pytest.fixture
def people(course):
    """The course has a class list of four, two of whom share a name."""
    (course.folder / "students.csv").write_text(LIST)
    return course


def run(course, *archives, **options):
    return collect(course.assignment, archives, **options)


def there(course):
    """What lies in submitted/: (student, file) -> content."""
    root = course.folder / "submitted"
    return {
        (path.parts[-3], path.name): path.read_text("utf-8", "replace") for path in sorted(root.glob(f"*/{NAME}/*"))
    }


def text(collected):
    return "\n".join(lines(collected))


# the layouts

CANVAS = {
    f"alphafirst_40311_9001_{NB}": "first",
    f"gammathird_LATE_40312_9002_{NAME}-1.ipynb": "third",
    f"betasecond_777_9003_{NB}": "second",
    "x_888_9004_report.pdf": "%PDF",
}
MOODLE = {
    f"First Alpha_11_assignsubmission_file/{NB}": "first",
    f"Third Gamma_12_assignsubmission_file/{NB}": "third",
    f"Second Beta_13_assignsubmission_file/{NB}": "second",
}
BLACKBOARD = {
    f"{NAME}_falpha_attempt_2026-11-20-13-00-00_{NB}": "first",
    f"{NAME}_falpha_attempt_2026-11-20-13-00-00.txt": "Name",
    f"{NAME}_t_gamma_attempt_2026-11-20-14-00-00_{NB}": "third",
}


def test_canvas_is_recognised_and_students_are_found_by_number(people, made):
    done = run(people, made(CANVAS))
    assert "Canvas" in done.archives[0]
    assert there(people) == {
        ("student-01", NB): "first",
        ("student-02", NB): "third",
        ("777", NB): "second",
        ("888", "report.pdf"): "%PDF",
    }
    assert done.late == ["student-02"]
    assert conclusion(done) == (
        "3 of 6 collected; 1 late: student-02; missing: 888 (a PDF came instead), student-03, student-04."
    )
    assert "is a name that two share: collected under the platform's number, 777" in text(done)


@pytest.mark.parametrize(
    ("path", "user", "late"),
    [
        (f"alphafirst_40311_9001_{NB}", "40311", False),
        (f"alphafirst_LATE_40311_9001_{NB}", "40311", True),
        ("alphafirst_40311_9001_1_notes.ipynb", "40311", False),
        (f"alpha_first_40311_9001_{NB}", "40311", False),
        (f"anon_LATE_aB3dE_9001_{NB}", "aB3dE", True),
        (f"anon_aB3dE_9001_{NB}", "aB3dE", False),
        (f"alpha2first_40311_9001_{NB}", "40311", False),
        ("late_40311_9001_late_x.ipynb", "40311", False),
    ],
)
def test_canvas_names_are_read_by_their_pair_of_numbers(course, made, path, user, late):
    run(course, made({path: "x"}))
    upload = read_uploads(course.folder, NAME).students[user]
    assert (upload.key, upload.late) == (user, late)


@pytest.mark.parametrize(
    "rename",
    [lambda path: path, lambda path: path.replace("file/", "file_/"), lambda path: path.replace("file/", "file_")],
    ids=["new", "old", "flat"],
)
def test_moodle_is_recognised_in_its_three_forms(people, made, rename):
    done = run(people, made({rename(path): content for path, content in MOODLE.items()}))
    assert "Moodle" in done.archives[0]
    assert there(people) == {("student-01", NB): "first", ("student-02", NB): "third", ("13", NB): "second"}


def test_moodle_namesakes_stay_apart_and_a_text_that_was_typed_in_is_no_notebook(people, made):
    done = run(
        people,
        made(
            {
                f"Second Beta_13_assignsubmission_file/{NB}": "one",
                f"Second Beta_14_assignsubmission_file/{NB}": "two",
                "First Alpha_11_assignsubmission_onlinetext/onlinetext.html": "hello",
            }
        ),
    )
    assert there(people) == {("13", NB): "one", ("14", NB): "two"}
    assert "student-01 (a text that was typed in came instead)" in conclusion(done)


def test_blackboard_is_recognised_with_its_times(people, made):
    people.configure('c.Autograder.timezone = "Europe/Paris"')
    done = run(people, made(BLACKBOARD))
    assert "Blackboard" in done.archives[0]
    assert there(people)["student-01", NB] == "first"
    assert there(people)["student-02", NB] == "third"
    assert there(people)["student-01", "timestamp.txt"] == "2026-11-20 12:00:00 UTC"
    assert handed_in_at(people.folder / "submitted" / "student-01" / NAME) == datetime(2026, 11, 20, 12)


def test_of_several_attempts_the_last_counts_and_the_others_are_kept(people, made):
    first, second = (f"{NAME}_falpha_attempt_2026-11-2{day}-13-00-00_{NB}" for day in (0, 1))
    run(people, made({second: "new", first: "old"}))
    assert there(people)["student-01", NB] == "new"
    assert [path.read_text() for path in (people.folder / "downloaded").rglob(NB)] == ["old"]


@pytest.mark.parametrize(
    "layout",
    [
        "{}/NAME.ipynb",
        "{}/NAME/NAME.ipynb",
        "{}/hw/deep/NAME.ipynb",
        "{}_NAME.ipynb",
        "{}.ipynb",
        "NAME-{}.ipynb",
        "all/{}/NAME.ipynb",
        "all/{}_NAME.ipynb",
        "submitted/{}/NAME/NAME.ipynb",
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_folder_or_a_file_for_each_student_is_recognised(course, made, layout, count):
    students = [f"student-{number:02}" for number in range(count)]
    if count == 1:  # else nobody could say whether a folder is a student or lies around them
        (course.folder / "students.csv").write_text("id\nstudent-00\n")
    run(course, made({layout.format(one).replace("NAME", NAME): one for one in students}))
    assert there(course) == {(one, NB): one for one in students}


def test_a_folder_on_the_disk_is_read_as_a_zip_is(people, tmp_path):
    for path, content in CANVAS.items():
        (tmp_path / "unpacked").mkdir(exist_ok=True)
        (tmp_path / "unpacked" / path).write_text(content)
    run(people, tmp_path / "unpacked")
    assert there(people)["student-02", NB] == "third"


def test_nbgraders_own_layout_keeps_its_time(course, made):
    run(course, made({f"firsta/{NAME}/{NB}": "x", f"firsta/{NAME}/timestamp.txt": "2026-11-20 13:00:00.000000 UTC"}))
    assert handed_in_at(course.folder / "submitted" / "firsta" / NAME) == datetime(2026, 11, 20, 13)


def test_the_rest_is_named_by_a_pattern(course, made):
    course.configure(
        'c.Autograder.collect_pattern = r"hw1/(?P<time>[\\d-]+ [\\d:]+)/(?P<student>\\w+)--(?P<file>.+)"\n'
        'c.Autograder.timezone = "UTC"'
    )
    done = run(course, made({f"hw1/2026-11-20 13:00/firsta--{NB}": "x", f"hw1/2026-11-20 14:00/third--{NB}": "y"}))
    assert "pattern" in done.archives[0]
    assert there(course) == {
        ("firsta", NB): "x",
        ("firsta", "timestamp.txt"): "2026-11-20 13:00:00 UTC",
        ("third", NB): "y",
        ("third", "timestamp.txt"): "2026-11-20 14:00:00 UTC",
    }


@pytest.mark.parametrize(("pattern", "told"), [("(", "no regular expression"), ("x", "no group")])
def test_a_pattern_that_is_none_is_wrong_usage(course, made, pattern, told):
    course.configure(f"c.Autograder.collect_pattern = {pattern!r}")
    with pytest.raises(UsageError, match=told):
        run(course, made(CANVAS))


def test_a_layout_that_does_not_fit_is_said(course, made):
    with pytest.raises(UsageError, match="does not have the layout of --from moodle"):
        run(course, made(CANVAS), layout="moodle")
    with pytest.raises(UsageError, match=r"does not have any platform's layout: there is “x\.bin”"):
        run(course, made({"x.bin": "x"}))
    assert there(course) == {}


# whose it is


def test_without_a_class_list_it_is_the_platforms_number(course, made):
    run(course, made({f"smith_1_5_{NB}": "one", f"smith_2_6_{NB}": "two"}))
    assert there(course) == {("1", NB): "one", ("2", NB): "two"}


def test_a_name_is_no_proof_where_the_class_list_has_another_number(people, made):
    run(people, made({f"alphafirst_999_9001_{NB}": "an impostor", f"alphafirst_40311_9002_{NB}": "first"}))
    assert there(people) == {("student-01", NB): "first", ("999", NB): "an impostor"}


def test_a_number_that_happens_to_be_an_id_is_no_proof_where_the_name_speaks_against_it(course, made):
    (course.folder / "students.csv").write_text("id,first_name,last_name\n11,Third,Gamma\n12,First,Alpha\n")
    run(course, made(MOODLE))
    found = there(course)
    assert (found["12", NB], found["11", NB]) == ("first", "third")


def test_a_folder_with_a_name_that_two_share_is_not_collected(people, made):
    done = run(people, made({f"Second Beta/{NB}": "x", f"First Alpha/{NB}": "y", f"third@example.org/{NB}": "z"}))
    assert there(people) == {("student-01", NB): "y", ("student-02", NB): "z"}
    assert "is a name that 2 students have: not collected" in text(done)


def test_a_groups_file_goes_to_all_its_members(course, made):
    (course.folder / "students.csv").write_text("id,canvas_id,group\na,1,team\nb,2,team\nc,3,\n")
    done = run(course, made({f"x_1_5_{NB}": "ours", f"y_3_6_{NB}": "mine"}))
    assert there(course) == {("a", NB): "ours", ("b", NB): "ours", ("c", NB): "mine"}
    assert "a has handed in for b too" in text(done)
    run(course, made({f"y_2_7_{NB}": "again, by the other"}, "later.zip"))
    assert there(course)["a", NB] == there(course)["b", NB] == "again, by the other"


def test_where_members_hand_in_alone_nobody_gets_anothers_file(course, made):
    (course.folder / "students.csv").write_text("id,canvas_id,group\na,1,team\nb,2,team\nc,3,team\n")
    done = run(course, made({f"x_1_5_{NB}": "a's", f"y_2_6_{NB}": "b's"}))
    assert there(course) == {("a", NB): "a's", ("b", NB): "b's"}
    assert "missing: c" in conclusion(done)
    assert "nobody gets another's" in text(done)
    run(course, made({f"x_1_8_{NB}": "a's second"}, "later.zip"))
    assert there(course)["b", NB] == "b's"


# when it came


def test_a_second_zip_is_merged(people, made):
    run(people, made({f"alphafirst_40311_9001_{NB}": "old", f"gammathird_40312_9002_{NB}": "third"}))
    done = run(
        people,
        made({f"alphafirst_LATE_40311_9500_{NAME}-1.ipynb": "new", f"betasecond_777_9003_{NB}": "second"}, "2.zip"),
    )
    assert there(people) == {("student-01", NB): "new", ("student-02", NB): "third", ("777", NB): "second"}
    assert [
        path.read_text() for path in (people.folder / "downloaded" / NAME / "versions" / "student-01").rglob(NB)
    ] == ["old"]
    assert done.late == ["student-01"]
    assert conclusion(done).startswith("3 of 5 collected; 1 late")


def test_an_earlier_upload_that_comes_later_replaces_nothing_and_is_kept(people, made):
    run(people, made({f"alphafirst_40311_9500_{NB}": "new"}))
    for _ in range(2):
        done = run(people, made({f"alphafirst_40311_9001_{NB}": "old"}, "older.zip"))
        assert done.earlier == ["student-01"]
    assert there(people) == {("student-01", NB): "new"}
    assert [path.read_text() for path in (people.folder / "downloaded").rglob(NB)] == ["old"]


def test_the_same_zip_again_changes_nothing_not_even_what_staff_have_mended(people, made):
    archive = made({**CANVAS, "y_999_9009_copy.ipynb": "other name"})
    run(people, archive)
    (people.folder / "submitted" / "999" / NAME / "copy.ipynb").rename(people.folder / "submitted" / "999" / NAME / NB)
    before = people.snapshot()
    done = run(people, archive)
    after = people.snapshot()
    assert {path for path in before if before[path][1] != after[path][1]} == set()
    assert (done.fresh, done.replaced) == ([], [])
    assert before.keys() == after.keys()


def test_what_was_put_there_by_hand_is_kept_as_a_version(course, made):
    course.hand_in("student-01", "by hand")
    run(course, made({f"student-01/{NB}": "of the zip"}))
    assert there(course) == {("student-01", NB): "of the zip"}
    assert (course.folder / "downloaded" / NAME / "versions" / "student-01" / "1" / NB).read_text() == "by hand"


def test_a_later_upload_without_a_notebook_is_said_and_the_earlier_one_kept(people, made):
    run(people, made({f"alphafirst_40311_9001_{NB}": "old"}))
    done = run(people, made({"alphafirst_40311_9500_report.pdf": "%PDF"}, "later.zip"))
    assert "the later upload has no notebook (a PDF came instead); the earlier one is kept" in text(done)
    assert there(people) == {("student-01", "report.pdf"): "%PDF"}


def test_who_is_late_follows_the_due_date_and_the_extension(course, made):
    (course.folder / "students.csv").write_text("id,extension\na,\nb,2 days\nc,\n")
    with course.gradebook() as gradebook:
        gradebook.find_assignment(NAME).duedate = datetime(2026, 11, 20, 12)
        gradebook.db.commit()
    course.configure('c.Autograder.timezone = "UTC"')
    done = run(
        course,
        made(
            {
                f"hw_{who}_attempt_2026-11-{when}-00-00_{NB}": who
                for who, when in (("a", "21-12"), ("b", "21-12"), ("c", "20-11"))
            }
        ),
    )
    assert done.late == ["a"]


# names


def test_a_wrong_name_is_taken_when_it_is_asked_for_and_the_only_notebook(people, made):
    archive = made(
        {
            "alphafirst_40311_9001_Untitled.ipynb": "first",
            "gammathird_40312_9002_a.ipynb": "1",
            "gammathird_40312_9003_b.ipynb": "2",
        }
    )
    done = run(people, archive)
    assert "student-01 (“Untitled.ipynb” came instead; --accept-names takes it)" in conclusion(done)
    assert there(people)["student-01", "Untitled.ipynb"] == "first"
    done = run(people, archive, accept_names=True)
    assert there(people)["student-01", NB] == "first"
    assert ("student-01", "Untitled.ipynb") not in there(people)
    assert "2 notebooks of other names" in conclusion(done)
    run(people, archive)
    assert there(people)["student-01", NB] == "first"


def test_a_notebook_in_a_zip_of_the_students_own_is_found(people, made):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"hw/{NB}", "first")
        archive.writestr(f"__MACOSX/hw/._{NB}", b"\0\5\x16\7")
    done = run(
        people,
        made(
            {f"alphafirst_40311_9001_{NAME}.zip": inner.getvalue(), f"gammathird_40312_9002_{NAME}.zip": b"PK cut off"}
        ),
    )
    assert there(people)["student-01", NB] == "first"
    assert "student-02 (a zip that cannot be read came instead)" in conclusion(done)


def test_a_students_own_timestamp_says_nothing(people, made):
    done = run(
        people,
        made({f"alphafirst_40311_9001_{NB}": "x", "alphafirst_40311_9002_timestamp.txt": "2000-01-01 00:00:00 UTC"}),
    )
    assert there(people) == {("student-01", NB): "x"}
    assert "the time of handing in is not the student's to say" in text(done)


# archives that somebody else has filled


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "content", "told"),
    [
        (f"../../x_9_9_{NB}", "x", "has a path that leads out"),
        (f"/etc/x_9_9_{NB}", "x", "has a path that leads out"),
        (f"C:\\x_9_9_{NB}", "x", "has a path that leads out"),
        (f"..\\x_9_9_{NB}", "x", "has a path that leads out"),
        (link(f"x_9_9_{NB}"), "/etc/passwd", "is a link"),
        (f"x_9_9_{NB}", b"\0" * (11 * 2**20), "as a zip bomb does"),
        (f"x_9_9_{NB}", os.urandom(2**20) * 51, "is too large"),
        (f"x_9_\x1b_{NB}", "x", "has control characters"),
    ],
)
def test_an_entry_that_would_do_harm_is_refused_and_the_others_are_not(people, made, tmp_path, entry, content, told):
    done = run(people, made([*CANVAS.items(), (entry, content)]))
    assert told in text(done)
    assert len(there(people)) == len(CANVAS)
    assert not list(tmp_path.rglob("*x_9_9*"))


def test_an_encrypted_or_damaged_entry_is_named_and_the_others_are_collected(people, made):
    path = made(CANVAS)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        first, second = archive.infolist()[:2]
    for header, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        raw[raw.find(header) + at] |= 1  # the first entry says that it is encrypted
    raw[second.header_offset + 30 + len(second.filename)] ^= 0xFF
    path.write_bytes(raw)
    done = run(people, path)
    assert "is encrypted" in text(done)
    assert "is damaged" in text(done)
    assert there(people) == {("777", NB): "second", ("888", "report.pdf"): "%PDF"}
    assert "student-02 (the file cannot be read)" in conclusion(done)
    assert first.filename in text(done).replace("?", "_")


def test_a_damaged_upload_does_not_take_the_place_of_a_whole_one(people, made):
    run(people, made({f"gammathird_40312_9001_{NB}": "whole"}))
    path = made({f"gammathird_40312_9002_{NB}": "damaged"}, "later.zip")
    raw = bytearray(path.read_bytes())
    raw[30 + len(f"gammathird_40312_9002_{NB}")] ^= 0xFF
    path.write_bytes(raw)
    run(people, path)
    assert there(people) == {("student-02", NB): "whole"}


def test_entries_that_lie_over_each_other_are_a_bomb(people, made):
    path = made({f"x{number}_{number}_9_{NB}": "y" * 10000 for number in range(4)})
    raw = path.read_bytes()
    start = raw.find(b"PK\x01\x02")
    packed = struct.unpack_from("<L", raw, start + 20)[0]
    swollen = raw.replace(struct.pack("<LL", packed, 10000), struct.pack("<LL", len(raw), 10000))
    path.write_bytes(swollen)
    with pytest.raises(UsageError, match="as a zip bomb has"):
        run(people, path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x03\x04 cut off",
        b"\x1f\x8b gzip",
        b"%PDF",
        b"Rar!",
        b"7z\xbc\xaf",
        b"PK\x05\x06" + b"\xff" * 18,
        random.Random(1).randbytes(5000),
    ],
)
def test_an_archive_that_is_none_is_refused_in_a_line_and_the_others_are_collected(people, made, tmp_path, content):
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(UsageError, match=r"bad\.zip"):
        run(people, tmp_path / "bad.zip")
    done = run(people, tmp_path / "bad.zip", made(CANVAS))
    assert len(there(people)) == len(CANVAS)
    assert len(done.unreadable) == 1


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_the_last_counts(people, made):
    done = run(people, made([(f"alphafirst_40311_9001_{NB}", "first"), (f"alphafirst_40311_9001_{NB}", "last")]))
    assert there(people) == {("student-01", NB): "last"}
    assert "is there twice" in text(done)


def test_what_systems_add_is_left_out(people, made):
    done = run(
        people, made({**CANVAS, f"__MACOSX/._alphafirst_40311_9001_{NB}": "x", ".DS_Store": "x", "Thumbs.db": "x"})
    )
    assert len(there(people)) == len(CANVAS)
    assert "3 entries that macOS, Windows or an editor adds are left out" in done.archives[0]


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("Citroën Übung_14_assignsubmission_file", True),
        ("Citroe\u0308n U\u0308bung_14_assignsubmission_file", True),
        ("Citroën Übung_14_assignsubmission_file", False),
    ],
)
def test_names_in_odd_encodings_find_their_student(course, made, tmp_path, name, flag):
    (course.folder / "students.csv").write_text("id,first_name,last_name\nz,Citroën,Übung\n", encoding="utf-8")
    path = made({f"{name}/{NB}": "x"})
    if not flag:  # UTF-8 that does not say so
        raw = path.read_bytes()
        for header, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
            place = raw.find(header) + at
            raw = raw[:place] + struct.pack("<H", 0) + raw[place + 2 :]
        path.write_bytes(raw)
    run(course, path)
    assert there(course) == {("z", NB): "x"}


def test_links_and_pipes_in_a_folder_are_refused(people, tmp_path):
    root = tmp_path / "unpacked"
    root.mkdir()
    (root / f"alphafirst_40311_9001_{NB}").write_text("first")
    (root / f"gammathird_40312_9002_{NB}").symlink_to("/etc/passwd")
    os.mkfifo(root / f"betasecond_777_9003_{NB}")
    (root / "elsewhere").symlink_to("/etc")
    done = run(people, root)
    assert there(people) == {("student-01", NB): "first"}
    assert text(done).count("is a link") == 2
    assert "is not a regular file" in text(done)


def test_ten_thousand_entries_are_collected_or_contained(course, made, tmp_path):
    path = made({f"x{number}_{number}_{number}_{'a' * 40}.txt": "x" for number in range(1, 10_001)})
    started = time.monotonic()
    done = run(course, path, dry_run=True)
    assert len(done.fresh) == 10_000
    assert len(text(done).splitlines()) < 40
    assert time.monotonic() - started < 90  # 10 s, where nobody else works


def test_a_students_10_000_files_are_contained(people, made):
    done = run(
        people,
        made(
            {f"First Alpha_11_assignsubmission_file/{number}.txt": "x" for number in range(10_000)}
            | {f"First Alpha_11_assignsubmission_file/{NB}": "first"}
        ),
    )
    assert there(people)["student-01", NB] == "first"
    assert len(there(people)) <= 51
    assert "the others are left out" in text(done)


@pytest.mark.parametrize("student", ["..", "a\nb", "x" * 250, "-x", "a b "])
def test_a_folder_that_is_no_students_name_is_not_collected(course, made, tmp_path, student):
    run(course, made({f"{student}/{NB}": "x", f"good/{NB}": "y", f"better/{NB}": "z"}))
    assert {key[0] for key in there(course)} == {"good", "better"}
    assert not list(tmp_path.glob(f"*{NB}"))


@pytest.mark.parametrize("seed", range(30))
def test_any_damage_to_a_zip_is_a_sentence(people, made, seed):
    path = made(CANVAS)
    random_ = random.Random(seed)
    raw = bytearray(path.read_bytes())
    for _ in range(random_.choice((1, 5, 40))):
        raw[random_.randrange(len(raw))] = random_.randrange(256)
    path.write_bytes(raw[: random_.choice((len(raw), random_.randrange(len(raw))))])
    try:
        assert text(run(people, path))
    except UsageError as why:
        assert str(why).count("\n") == 0  # noqa: PT017 - either is fine
    assert {path.name for path in people.folder.parent.iterdir()} == {"course", "class.zip"}


# the command


@pytest.fixture
def command(people, monkeypatch, run_main):
    monkeypatch.chdir(people.folder)

    def command(*words):
        return run_main("collect", *words)

    return command


def test_a_dry_run_says_the_same_and_writes_nothing(command, people, made):
    archive, before = made(CANVAS), people.snapshot()
    code, dry, _ = command(NAME, archive, "--dry-run")
    assert code == 0
    assert people.snapshot() == before
    assert dry.endswith("Nothing was written.\n")
    _, real, _ = command(NAME, archive)
    assert next(line for line in real.splitlines() if "of 6 collected" in line) in dry


def test_the_command_gives_json_for_scripts(command, made):
    code, out, _ = command(NAME, made(CANVAS), "--json")
    assert code == 0
    assert json.loads(out)["students"]["student-02"] == {
        "collected": True,
        "late": True,
        "time": None,
        "of": None,
        "reason": None,
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([NAME], "Missing argument 'ARCHIVE...'"),
        ([NAME, "no.zip"], "does not exist"),
        (["none", __file__], "no assignment"),
        ([NAME, __file__, "--from", "other"], "is not one of"),
        ([NAME, __file__], "is not a zip"),
    ],
)
def test_wrong_usage_is_a_line_and_exit_code_2(command, people, words, told):
    code, out, err = command(*words)
    assert code == 2
    assert told in err
    assert err.count("\n") == 1
    assert out == ""
    assert there(people) == {}


def test_what_was_collected_is_graded(people, made, warm, assignment, grader, monkeypatch):
    import nbformat

    from autograder.course.answers import notebook
    from autograder.running.grade_class import grade_class

    run(
        people, made({f"alphafirst_40311_9001_{NB}": nbformat.writes(notebook(assignment)), "x_5_6_report.pdf": "%PDF"})
    )
    grade_class(people.assignment, workers=1)
    assert people.result("student-01")["score"] == 24
    assert "Found instead: “report.pdf”" in people.result("5")["reason"]
