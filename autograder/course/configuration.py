"""What `nbgrader_config.py` must say: it is set by `configure`, and missed by `require_own_steps`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

STEPS = "autograder.platforms.nbgrader_steps"
READER, RESTORE = f"{STEPS}.Reader", f"{STEPS}.Restore"
GRADE, SAVE = f"{STEPS}.GradeInSandbox", f"{STEPS}.SaveGrades"
EXPORT = "autograder.platforms.export.plugin.CsvExport"  # nbgrader's own does not quote
PAGE = "autograder.platforms.nbgrader_feedback.FeedbackPage"
MEND = (
    "Begin nbgrader_config.py with the two lines “from autograder.course import configure” and “c = get_config(); "
    'configure(c, course_id="...")”, and set nothing of c.Autograde after them.'
)


def configure(c: Any, *, course_id: str, warm_imports: Sequence[str] = ()) -> None:
    """Sets all that the kit needs in the configuration of a course; call it first, and set the rest after it.

    Arguments:
        c: what `get_config()` gives in `nbgrader_config.py`.
        course_id: nbgrader's name of the course, as the gradebook and the exchange know it.
        warm_imports: modules that most submissions import, such as "scipy.signal". They are imported once for all, not
            once for each submission; torch, NumPy and matplotlib always are. They must be installed.

    Example:
        from autograder.course import configure
        c = get_config()
        configure(c, course_id="signals-101")
        c.AutograderLimits.cell = 30  # seconds

    `nbgrader autograde` then grades on the same sandboxed path as `autograder grade`: no student code runs in a kernel.
    And `nbgrader generate_feedback` writes the pages of `autograder feedback`.
    """
    # nbgrader starts `alembic` by its name when it makes a gradebook: let it find the one beside this Python.
    beside = os.path.dirname(sys.executable)
    known = os.environ.get("PATH") or os.defpath
    if beside not in known.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([beside, known])
    c.CourseDirectory.course_id = course_id
    c.Autograder.warm_imports = list(warm_imports)
    c.CourseDirectory.solution_directory = "solutions"
    c.ExportApp.plugin_class = EXPORT
    c.Autograde.exporter_class = READER
    c.Autograde.sanitize_preprocessors = [RESTORE]
    c.Autograde.autograde_preprocessors = [
        GRADE,
        SAVE,
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.AssignLatePenalties.plugin_class = "autograder.course.late.LateDays"
    c.GenerateFeedback.exporter_class = PAGE


def require_own_steps(app: Any) -> None:
    """Raises `UsageError` where `nbgrader autograde` would run student code itself, without walls, in this course.

    Its scores would then replace those of the kit. `app` is what `autograder.course.folder.settings` gives.
    """
    from nbconvert.preprocessors import ExecutePreprocessor
    from nbgrader.converters import Autograde
    from traitlets.utils.importstring import import_item

    def named(step: Any) -> str:
        made = import_item(step) if isinstance(step, str) else step
        made = made if isinstance(made, type) else type(made)
        if issubclass(made, ExecutePreprocessor):
            raise UsageError(
                f"In this course “nbgrader autograde” runs student code itself, without walls, by "
                f"{made.__name__}. {MEND}"
            )
        return f"{made.__module__}.{made.__qualname__}"

    try:
        steps = Autograde(coursedir=app.coursedir, parent=app)
        reader = named(steps.exporter_class)
        before = [named(step) for step in steps.sanitize_preprocessors]
        after = [named(step) for step in steps.autograde_preprocessors]
    except UsageError:
        raise
    except Exception as error:  # traitlets, an import, or what an import runs into
        raise UsageError(
            f"The steps of “nbgrader autograde” in nbgrader_config.py cannot be used: "
            f"{type(error).__name__}: {error}. {MEND}"
        ) from error
    missing = [
        step
        for step, there in ((READER, [reader]), (RESTORE, before), (GRADE, after), (SAVE, after))
        if step not in there
    ]
    if missing:
        raise UsageError(
            f"In this course “nbgrader autograde” does not grade as the kit does: its steps lack {missing[0]}. {MEND}"
        )


def is_course(folder: Path) -> bool:
    """True where the folder has a configuration of nbgrader."""
    return (folder / "nbgrader_config.py").is_file()
