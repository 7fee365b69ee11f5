"""An autograder for notebook assignments whose verdicts come from numbers, not from student processes."""

__version__ = "0.1.0"
