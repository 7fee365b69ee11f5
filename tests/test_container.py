"""The Dockerfile: what can be held without building it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")


def test_its_python_is_pinned_and_one_that_the_kit_supports():
    (image,) = re.findall(r"^FROM (\S+)$", TEXT, re.MULTILINE)
    found = re.fullmatch(r"python:(\d+\.\d+)\.\d+-slim-bookworm", image)
    assert found
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert f">={found[1]}" in wanted


def test_packages_are_those_of_the_constraints_and_the_grader_is_an_ordinary_user():
    assert "-c constraints.txt" in TEXT
    assert "--require-hashes --no-deps -r walls.txt" in TEXT
    users = re.findall(r"^USER (\S+)$", TEXT, re.MULTILINE)
    assert users == ["grader"]
    assert TEXT.index("USER grader") < TEXT.index("CMD")
    assert "--uid 1000 grader" in TEXT


def test_nothing_of_the_course_or_of_students_goes_into_the_image():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        name.removeprefix("./") for line in re.findall(r"^COPY (.+) \S+$", TEXT, re.MULTILINE) for name in line.split()
    }
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    assert not copied & {"hidden", "source", "answers", "solutions", "submitted"}
    assert "\n*\n" in (ROOT / ".dockerignore").read_text("utf-8")


def test_the_page_says_that_it_was_not_tried():
    page = (ROOT / "docs" / "container.md").read_text("utf-8")
    assert "*Not tried" in page
    assert "--privileged` is not needed" in page
