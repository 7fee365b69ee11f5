"""The old name of `autograder.platforms.nbgrader_steps`, for configurations that were written before version 0.2."""

from autograder.platforms.nbgrader_steps import GradeInSandbox, Reader, Restore, SaveGrades

__all__ = ["GradeInSandbox", "Reader", "Restore", "SaveGrades"]
