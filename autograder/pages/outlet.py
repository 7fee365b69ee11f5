"""Where a command's words go: a terminal, a log, a pipe that is closed, an encoding that lacks our signs."""

from __future__ import annotations

import codecs
import io
import os
import sys

NAME = "autograder-plain"
INSTEAD = str.maketrans(
    {
        "━": "#",
        "╌": ".",
        "·": ".",
        "–": "-",
        "—": "-",
        "─": "-",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "…": "...",
        "→": "->",
        "✓": "+",
        "✗": "x",
        "×": "x",
        "╴": "-",
        "╶": "-",
        "⠋": "*",
        "•": "*",
        "\u00a0": " ",
        **{sign: str(level) for level, sign in enumerate("▁▂▃▄▅▆▇█", 1)},
    }
)


def plain_where_needed() -> None:
    """What an output cannot show becomes plain characters there, instead of an error after all was done."""
    codecs.register_error(NAME, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=NAME)


def finish() -> str:
    """Writes out what still waits; why that failed, or "". A reader that has gone away is no failure."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        discard()
    except OSError as error:
        discard()
        return f"The output cannot be written: {error.strerror or error}."
    except ValueError:  # closed
        pass
    return ""


def discard() -> None:
    """What else is written goes nowhere: Python itself would complain at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wanted = error.object[error.start : error.end].translate(INSTEAD)
    return "".join(char if char.isascii() else "?" for char in wanted), error.end
