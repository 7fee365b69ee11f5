"""A page on this machine alone, on which one question is marked for the whole class."""
