"""The two families of errors: the student's and ours."""


class StudentFault(Exception):
    """Costs points. `str()` of it is a sentence that the student may read."""


class GraderFault(Exception):
    """Our own fault: there is no grade, and staff are told."""


class UsageError(Exception):
    """A command was asked for something that cannot be; one line says what."""
