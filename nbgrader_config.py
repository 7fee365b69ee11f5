"""The course folder's configuration: `nbgrader` and `autograder` read the same one."""

from autograder.course import configure

c = get_config()  # type: ignore[name-defined]  # noqa: F821

configure(c, course_id="differentiable-audio")
