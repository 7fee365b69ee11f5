"""The course folder's nbgrader configuration: `nbgrader` and `autograder` read the same one."""

import os
import sys

c = get_config()  # type: ignore[name-defined]  # noqa: F821

# nbgrader starts `alembic` by its name when it makes a gradebook: let it find the one beside this Python.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])

c.CourseDirectory.course_id = "differentiable-audio"
c.CourseDirectory.solution_directory = "solutions"

# `nbgrader generate_solution` renews the notebook and leaves the other answers beside it alone. With the default
# "*" it would take the whole folder for its own, and --force would delete it.
c.GenerateSolutionApp.CourseDirectory.notebook_id = "?*"

# `nbgrader autograde` grades by the same sandboxed path as `autograder grade`: no student code runs in a kernel.
c.Autograde.exporter_class = "autograder.nbgrader_steps.Reader"
c.Autograde.sanitize_preprocessors = ["autograder.nbgrader_steps.Restore"]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_steps.GradeInSandbox",
    "autograder.nbgrader_steps.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
