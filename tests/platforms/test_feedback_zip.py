"""Pages go back in the names by which the platform knows whose they are."""

import io
import zipfile

import pytest

from autograder.errors import GraderFault
from autograder.platforms.collect.collect import collect
from autograder.platforms.feedback_zip import pack, write_pages
from autograder.records.uploads import read_uploads

NAME = "differentiable_gain"
NB = f"{NAME}.ipynb"


def unzipped(packed):
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        (
            [
                f"alphafirst_40311_9001_{NB}",
                "alphafirst_40311_9002_notes.pdf",
                f"gammathird_LATE_40312_9003_{NAME}-1.ipynb",
            ],
            {f"alphafirst_40311_9001_{NAME}.html": b"a", f"gammathird_LATE_40312_9003_{NAME}-1.html": b"b"},
        ),
        (
            [f"First Alpha_40311_assignsubmission_file/{NB}", f"Third Gamma_40312_assignsubmission_file/deep/{NB}"],
            {
                f"First Alpha_40311_assignsubmission_file/{NAME}.html": b"a",
                f"Third Gamma_40312_assignsubmission_file/{NAME}.html": b"b",
            },
        ),
        (
            [f"First Alpha_40311_assignsubmission_file_{NB}", f"Third Gamma_40312_assignsubmission_file_{NB}"],
            {
                f"First Alpha_40311_assignsubmission_file/{NAME}.html": b"a",
                f"Third Gamma_40312_assignsubmission_file/{NAME}.html": b"b",
            },
        ),
        ([f"40311/{NB}", f"40312/{NB}"], {f"40311/{NAME}.html": b"a", f"40312/{NAME}.html": b"b"}),
    ],
    ids=["canvas", "moodle", "moodle, flat", "folders"],
)
def test_pages_have_the_names_of_the_download(course, tmp_path, paths, wanted):
    for path in paths:
        (tmp_path / "given" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "given" / path).write_text("x")
    collect(course.assignment, [tmp_path / "given"])
    uploads = read_uploads(course.folder, NAME)
    packed = pack({"40311": b"a", "40312": b"b"}, uploads, NAME)
    assert unzipped(packed) == wanted
    assert packed.left_out == ()
    assert pack({"40312": b"b", "40311": b"a"}, uploads, NAME).content == packed.content


def test_who_did_not_come_from_the_platform_is_left_out_and_named(course, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / f"alphafirst_40311_9001_{NB}").write_text("x")
    collect(course.assignment, [tmp_path / "given"])
    packed = pack({"40311": b"a", "by-hand": b"b"}, read_uploads(course.folder, NAME), NAME)
    assert packed.left_out == ("by-hand",)


def test_the_zip_is_written_from_the_pages_on_the_disk(course, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / f"alphafirst_40311_9001_{NB}").write_text("x")
    collect(course.assignment, [tmp_path / "given"])
    (tmp_path / "page.html").write_text("a")
    write_pages(course.assignment, {"40311": tmp_path / "page.html"}, tmp_path / "it.zip")
    with zipfile.ZipFile(tmp_path / "it.zip") as archive:
        assert archive.namelist() == [f"alphafirst_40311_9001_{NAME}.html"]
    with pytest.raises(GraderFault, match="cannot be read"):
        write_pages(course.assignment, {"40311": tmp_path / "none.html"}, tmp_path / "it.zip")


def test_a_group_has_one_page(course, tmp_path):
    (course.folder / "students.csv").write_text("id,canvas_id,group\na,1,team\nb,2,team\n")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / f"x_1_5_{NB}").write_text("x")
    collect(course.assignment, [tmp_path / "given"])
    packed = pack({"a": b"page", "b": b"page"}, read_uploads(course.folder, NAME), NAME)
    assert unzipped(packed) == {f"x_1_5_{NAME}.html": b"page"}


def test_without_any_record_a_page_lies_in_a_folder_of_its_student(course):
    packed = pack({"a": b"page"}, read_uploads(course.folder, NAME), NAME)
    assert unzipped(packed) == {f"a/{NAME}.html": b"page"}
