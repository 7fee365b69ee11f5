"""From the archives that a platform gives to `submitted/`: what comes from whom, and what is done with it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.class_list import ClassList, class_list, time_zone
from autograder.course.folder import settings
from autograder.errors import GraderFault, UsageError
from autograder.platforms.collect import blackboard, canvas, folder, moodle
from autograder.platforms.collect.archive import Listing, opened, sentence
from autograder.platforms.collect.layout import File, Layout, Situation, Understood, understand
from autograder.platforms.collect.sorting import Sorted, sort_out
from autograder.platforms.collect.students import owners
from autograder.records.handed_in import handed_in_at
from autograder.records.lock import only_run
from autograder.records.marks import duedate
from autograder.records.results import results_folder
from autograder.records.uploads import Upload, Uploads, digest, keep_earlier, place, read_uploads
from autograder.submission.pickup import NotGradable, read_bytes, shown

LAYOUTS = (canvas.LAYOUT, blackboard.LAYOUT, moodle.LAYOUT, folder.FOLDERS, folder.FILES)
KINDS = ("auto", "canvas", "moodle", "blackboard", "folder")
NOTES = 20  # sentences about one archive


@dataclass
class Collected:
    """What a run did, or would do.

    Arguments:
        archives: a sentence for each archive: what it was taken for.
        notes: sentences that staff should read.
        unreadable: archives that could not be read, with why.
        fresh, replaced, unchanged, earlier: students whose upload is new, took the place of another, was there
            already, or is older than what is there.
        uploads: the record of all that was collected, of earlier runs too.
        everybody: who should have handed something in.
        late: who was late.
    """

    dry_run: bool
    uploads: Uploads
    known: ClassList | None
    archives: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    everybody: list[str] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    late: list[str] = field(default_factory=list)


def collect(
    assignment: Assignment,
    archives: Sequence[Path],
    *,
    layout: str = "auto",
    accept_names: bool = False,
    dry_run: bool = False,
) -> Collected:
    """Sorts archives into `submitted/`, one after the other; with `dry_run` nothing is written.

    Raises `UsageError` for a course whose class list or pattern cannot be read, and where no archive can be read;
    `GraderFault` where something cannot be written. What was collected until then stays.
    """
    course = assignment.course
    known = class_list(course)
    collected = Collected(dry_run, read_uploads(course, assignment.name), known)
    if known:
        collected.notes += known.notes
    lock = contextlib.nullcontext() if dry_run else only_run(results_folder(course, assignment.name))
    with lock:
        for path in archives:
            try:
                with opened(path) as listing:
                    _Run(assignment, collected, path, accept_names).archive(listing, layout)
            except UsageError as why:
                collected.unreadable.append(str(why))
    if len(collected.unreadable) == len(archives):
        raise UsageError(" ".join(collected.unreadable))
    _sum_up(assignment, collected)
    return collected


class _Run:
    """One archive on its way into `submitted/`."""

    def __init__(self, assignment: Assignment, collected: Collected, path: Path, accept_names: bool) -> None:
        self._assignment, self._collected, self._path, self._accept_names = assignment, collected, path, accept_names
        self._course = settings(assignment.course)
        self._notes: list[str] = []

    def archive(self, listing: Listing, kind: str) -> None:
        known, uploads = self._collected.known, self._collected.uploads
        understood = self._understood(listing, kind)
        layout = understood.layout
        self._notes += [sentence(name, why) for name, why in listing.refused]
        self._notes += [f"{shown(entry.path)} is named unlike the others: not taken." for entry in understood.strange]
        whose = owners(understood.files, layout.platform, known)
        self._notes += [owner.note for owner in whose.values() if owner.note]
        of_student: dict[str, list[File]] = {}
        for file in understood.files:
            student = whose[file.key].student
            if student:
                of_student.setdefault(student, []).append(file)
        self._collected.archives.append(
            f"{self._path}: {layout.sentence}, files: {len(understood.files)}, students: {len(of_student)}."
            + (f" {listing.junk} entries that macOS, Windows or an editor adds are left out." if listing.junk else "")
        )
        members = self._members(of_student)
        try:
            for student, files in sorted(of_student.items()):
                for attempt in _attempts(files):
                    self._upload(student, members[student], attempt, layout)
        finally:
            if not self._collected.dry_run:
                uploads.save()
        self._say_notes()

    def _understood(self, listing: Listing, kind: str) -> Understood:
        known = self._collected.known
        students = {name.casefold() for student in known or () for name in (student.id, *student.platform_ids.values())}
        situation = Situation(self._assignment.name, time_zone(self._assignment.course), frozenset(students))
        expression = self._course.config.get("Autograder", {}).get("collect_pattern")
        layouts: list[Layout] = [one for one in LAYOUTS if kind in ("auto", one.name)]
        if kind == "auto" and expression:
            layouts.insert(0, folder.pattern(str(expression)))
        if not listing.entries and not listing.refused:
            raise UsageError(f"{self._path} is empty.")
        found = understand(listing.entries, layouts, situation)
        if found is None:
            names = ", ".join(shown(entry.path) for entry in listing.entries[:3]) or "nothing that can be read"
            what = "any platform's layout" if kind == "auto" else f"the layout of --from {kind}"
            raise UsageError(
                f"{self._path} does not have {what}: there is {names}. "
                f"Say how its files are named with {folder.OPTION}."
            )
        return found

    def _members(self, of_student: dict[str, list[File]]) -> dict[str, list[str]]:
        """Who gets each student's files: the members of the group where a group hands in together."""
        known, uploads = self._collected.known, self._collected.uploads
        groups = {
            student: [one.id for one in known.group(listed)] if known and (listed := known.get(student)) else [student]
            for student in of_student
        }
        if any(sum(member in of_student for member in members) > 1 for members in groups.values()):
            uploads.individual = True  # two of a group have handed in, each their own
        if uploads.individual:
            if any(len(members) > 1 for members in groups.values()):
                self._notes.append("Members of a group have handed in each their own files: nobody gets another's.")
            return {student: [student] for student in of_student}
        return {student: [student, *(one for one in members if one != student)] for student, members in groups.items()}

    def _upload(self, student: str, members: Sequence[str], files: Sequence[File], layout: Layout) -> None:
        name = self._assignment.name
        found = sort_out(files, layout.platform, name, accept_names=self._accept_names)
        self._notes += [f"{student}: {note}" for note in found.notes]
        if not found.files and not any(file.text for file in files) and not found.notes:
            return
        first = files[0]
        times = [file.time for file in files if file.time]
        listed = self._collected.known.get(student) if self._collected.known else None
        upload = Upload(
            layout.name,
            first.key,
            first.name,
            str(self._path.name),
            tuple(file.entry.path for file in files),
            any(file.late for file in files),
            max(times, default=listed.came(name) if listed else None),
            max(file.order for file in files),
            digest(found.raw),
            found.right,
            found.instead,
        )
        if found.renamed:
            self._notes.append(f"{student}: {shown(found.renamed)} is taken as {name}.ipynb.")
        for member in members:
            self._place(member, found, upload if member == student else dataclasses.replace(upload, of=student))
        if len(members) > 1:
            self._notes.append(f"{student} has handed in for {', '.join(members[1:])} too.")

    def _place(self, student: str, found: Sorted, upload: Upload) -> None:
        """Puts an upload into `submitted/`, or finds that it is there, or that a later one is."""
        collected = self._collected
        before = collected.uploads.students.get(student)
        name = self._assignment.name
        target = self._assignment.folders.submitted / student / name
        versions = collected.uploads.folder / "versions" / student
        there = self._there(target)
        if before is None and there is not None and there == found.files.get(f"{name}.ipynb"):
            collected.unchanged.append(student)  # it was put there by hand, or by nbgrader
            collected.uploads.students[student] = upload
            return
        if (
            before is not None
            and before.digest == upload.digest
            and target.is_dir()
            and (there is not None or not found.right)
            and (before.time, before.late) == (upload.time, upload.late)
        ):
            collected.unchanged.append(student)
            return
        if _older(upload, before, handed_in_at(target) if before is None else before.time):
            collected.earlier.append(student)
            if not collected.dry_run and found.files:
                keep_earlier(found.files, upload.time, versions)
            return
        if before is not None and before.right and not found.right:
            self._notes.append(
                f"{student}: the later upload has no notebook ({found.instead}); "
                + ("the earlier one is kept as a version." if found.files else "the earlier one stays.")
            )
        if not found.files and target.is_dir():
            collected.unchanged.append(student)
            return
        existed = target.is_dir() or before is not None
        (collected.replaced if existed else collected.fresh).append(student)
        collected.uploads.students[student] = upload
        if collected.dry_run:
            return
        for content in found.earlier:
            keep_earlier({f"{name}.ipynb": content}, None, versions)
        if found.files:
            place(target, found.files, upload.time, versions)

    def _there(self, target: Path) -> bytes | None:
        """The notebook that lies in a student's folder already."""
        try:
            return read_bytes(target, self._assignment.name)
        except (NotGradable, GraderFault, OSError):
            return None

    def _say_notes(self) -> None:
        told = list(dict.fromkeys(self._notes))
        self._collected.notes += told[:NOTES]
        if len(told) > NOTES:
            self._collected.notes.append(f"{self._path.name}: and {len(told) - NOTES} more of this kind.")


def _attempts(files: Sequence[File]) -> Iterator[list[File]]:
    """The uploads of one student, the earlier ones first."""
    of_attempt: dict[tuple[str, int], list[File]] = {}
    for file in files:
        of_attempt.setdefault((file.key, file.attempt), []).append(file)
    yield from sorted(of_attempt.values(), key=lambda some: (some[0].attempt, max(file.order for file in some)))


def _older(upload: Upload, before: Upload | None, time: datetime | None) -> bool:
    """True where what is there was handed in later."""
    if before and before.platform == upload.platform and before.order and upload.order:
        return upload.order < before.order
    return bool(upload.time and time and upload.time < time)


def _sum_up(assignment: Assignment, collected: Collected) -> None:
    uploads, known = collected.uploads.students, collected.known
    root = assignment.folders.submitted
    by_hand = (
        {path.name for path in root.iterdir() if (path / assignment.name / f"{assignment.name}.ipynb").is_file()}
        if root.is_dir()
        else set()
    )
    present = {student for student, one in uploads.items() if one.right} | (by_hand - uploads.keys())
    collected.present = present
    collected.everybody = sorted({*(student.id for student in known or ()), *uploads, *by_hand})
    due = duedate(assignment)
    for student, upload in sorted(uploads.items()):
        listed = known.get(student) if known else None
        deadline = listed.deadline(due, assignment.name) if due and listed else due
        if upload.time > deadline if upload.time and deadline else upload.late:
            collected.late.append(student)
