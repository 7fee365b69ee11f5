"""A course folder: its configuration, its folders, its assignments and their answers."""

from autograder.course.configuration import configure

__all__ = ["configure"]
