"""An autograder for notebook assignments whose verdicts come from numbers, not from student processes."""

import sys

__version__ = "0.1.0"

# jsonschema, which nbformat needs, imports this where it is installed and takes a second to do so, in every process. It
# checks a format (iri) that no notebook has, and does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
