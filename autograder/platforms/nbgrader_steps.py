"""Steps of `nbgrader autograde` that send it down the kit's own path; `nbgrader_config.py` names them."""

from __future__ import annotations

import atexit
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from autograder.course.assignment import Assignment
from autograder.course.folder import limits
from autograder.errors import GraderFault
from autograder.judging.grader import Grader
from autograder.pages.shown import shown
from autograder.records.gradebook import Gradebook
from autograder.records.handed_in import copy_what_counts, handed_in_at
from autograder.records.history import Recorder, as_it_stands
from autograder.records.lateness import Lateness
from autograder.records.lock import only_run
from autograder.records.results import class_seed, keep_result, results_folder
from autograder.submission import submission
from autograder.verdict import Graded, Status

Resources = dict[str, Any]
REASON, GRADED = "autograder_reason", "autograder_graded"
_graders: dict[tuple[Path, str], Grader] = {}
_recorders: dict[tuple[Path, str], Recorder] = {}  # all submissions of a command are one run


def _assignment(resources: Resources) -> Assignment:
    return Assignment(resources["nbgrader"]["assignment"], Path.cwd())  # nbgrader works in the course folder


def _folder(resources: Resources, preprocessor: NbGraderPreprocessor) -> Path:
    course = preprocessor.parent.parent.coursedir
    names = resources["nbgrader"]
    return Path(course.format_path(course.submitted_directory, names["student"], names["assignment"]))


def _grader(assignment: Assignment) -> Grader:
    """One warm grader serves all submissions of a command."""
    key = (assignment.course, assignment.name)
    if key not in _graders:
        with Gradebook(assignment):  # its cells may have changed since it was last graded
            pass
        grader = Grader(assignment, class_seed(assignment.course, assignment.name), limits(assignment.course))
        grader.__enter__()
        atexit.register(grader.__exit__, None, None, None)
        _graders[key] = grader
    return _graders[key]


def _keep_what_is_replaced(assignment: Assignment, graded: Graded) -> None:
    """Into the history. What stood in `autograded/` cannot be kept: nbgrader has written over it by now."""
    student = graded.grade.student
    recorder = _recorders.setdefault((assignment.course, assignment.name), Recorder(assignment, "nbgrader"))
    with Gradebook(assignment) as gradebook:
        rows = gradebook.rows([student])
        gradebook.grant({student: Lateness(None, gradebook.extension(student), None)})
        (before,) = as_it_stands(assignment, [student], rows, {student: gradebook.notebook(student)})
    if not rows[student]["grades"]:
        rows[student]["submission"] = None  # it has just been made, for this grade
    before = replace(before, notebook=None, timestamp=None, kept=before.result is None)
    recorder.keep([before], {student: graded.grade})


class OnlyNotebooks(CourseDirectory):  # type: ignore[misc]
    """The course while it is graded: what lies beside a notebook may be a link, or a pipe that waits for ever."""

    def get_existing_timestamp(self, dest_path: str) -> Any:
        return handed_in_at(Path(dest_path))


class Reader(NotebookExporter):  # type: ignore[misc]
    """Opens no submission itself, whatever stands in its place: that is left to `Restore`.

    It is made once all else is known and before anything is read, so it also sees to it that nbgrader copies no file
    from beside a notebook: from `autograded/` it would go on into the feedback, and a link could lead anywhere.
    """

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        course = self.parent.coursedir
        known = {name: getattr(course, name) for name in course.trait_names(config=True)}
        self.parent.coursedir = OnlyNotebooks(parent=course.parent, **{**known, "ignore": ["*"]})

    def from_filename(self, filename: str, resources: Resources | None = None, **more: Any) -> tuple[str, Resources]:
        if self.parent._sanitizing:
            return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **more)  # type: ignore[no-any-return]
        return super().from_filename(filename, resources=resources, **more)  # type: ignore[no-any-return]


class Restore(NbGraderPreprocessor):  # type: ignore[misc]
    """The submission as the kit reads it: locked cells restored, outputs gone. What cannot be graded becomes the
    released notebook, in which the reason will stand."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        names = resources["nbgrader"]
        assignment = _assignment(resources)
        try:
            read = submission.read(_folder(resources, self), names["student"], assignment)
        except (submission.NotGradable, GraderFault) as fault:
            self.log.warning("%s: %s", names["student"], fault)
            return nbformat.from_dict(assignment.released), resources
        for flag in read.flags:
            self.log.warning("%s: %s", names["student"], flag)
        return read.notebook, resources


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes the place of nbgrader's `Execute`: cells run in the sandbox, hidden tests in the judge."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        assignment = _assignment(resources)
        with only_run(results_folder(assignment.course, assignment.name)):
            judged = _grader(assignment).grade(_folder(resources, self), resources["nbgrader"]["student"])
            graded = shown(judged, assignment)
            if graded.grade.status is Status.grader_error or graded.notebook is None:
                _keep_what_is_replaced(assignment, graded)
                keep_result(assignment, graded)
                raise GraderFault(graded.grade.reason)
        resources[REASON], resources[GRADED] = graded.grade.reason, graded
        return graded.notebook, resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """As nbgrader's own, but where there was nothing to grade the comment says why. Then the result file is written:
    it says that all the rest is done."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        assignment = _assignment(resources)
        with only_run(results_folder(assignment.course, assignment.name)):
            _keep_what_is_replaced(assignment, resources[GRADED])
            nb, resources = super().preprocess(nb, resources)
            course, names = self.parent.parent.coursedir, resources["nbgrader"]
            copy_what_counts(
                _folder(resources, self),
                Path(course.format_path(course.autograded_directory, names["student"], names["assignment"])),
            )
            keep_result(assignment, resources.pop(GRADED))
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        graded, name = resources[GRADED], cell.metadata.nbgrader.grade_id
        if (
            graded.grade.status is Status.graded
            and name in _assignment(resources).by_hand
            and name not in graded.untouched
        ):
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score, grade.needs_manual_grade = None, True  # it may be answered in another cell
            self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_comment(cell, resources)
        graded, name = resources[GRADED], cell.metadata.nbgrader.grade_id
        if not resources.get(REASON) and name not in graded.untouched:
            comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)
            comment.auto_comment = None
            self.gradebook.db.commit()
        if resources.get(REASON):
            comment = self.gradebook.find_comment(
                cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
            )
            comment.auto_comment = resources[REASON]
            self.gradebook.db.commit()
