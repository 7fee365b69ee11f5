"""Code that is nearly the same, side by side: one HTML page for staff, with nothing to load from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from copydetect import CodeFingerprint, compare_files
from markupsafe import Markup, escape

from autograder.course.assignment import Assignment
from autograder.pages.feedback import TEMPLATES
from autograder.pages.terminal import plain
from autograder.similar.codes import GRAM, LEAST, fingerprint
from autograder.similar.compare import NEAR, Compared, Near, usual_from

SHOWN = 50  # pairs on the page, and codes that are usual
NAMED = 30  # students of one code who are named


def page(assignment: Assignment, compared: Compared, names: Mapping[str, str]) -> str:
    """The page. `names` are shown beside the ids."""
    marks = _Marks(compared.released)
    return TEMPLATES.get_template("similar.html.j2").render(
        assignment=assignment,
        compared=compared,
        pairs=[(pair, [(near, marks.side_by_side(near)) for near in pair.cells]) for pair in compared.pairs[:SHOWN]],
        usual=[(one, one.code.texts[one.code.students[0]]) for one in compared.usual[:SHOWN]],
        names=names,
        plain=plain,
        share=share,
        few=usual_from(len(compared.students)),
        NEAR=NEAR,
        GRAM=GRAM,
        LEAST=LEAST,
        NAMED=NAMED,
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
    )


def share(part: float) -> str:
    """A part in words: 0.934 is 93 %, and only the whole is all."""
    return "all" if part >= 1 else f"{min(99, round(100 * part))} %"


def as_data(name: str, compared: Compared) -> dict[str, Any]:
    """The same for scripts, without the code."""
    return {
        "assignment": name,
        "compared": len(compared.students),
        "cells": compared.cells,
        "pairs": [
            {
                "students": list(pair.students),
                "cells": [
                    {
                        "cell": near.cell,
                        "share": round(near.share, 4),
                        "right_answers": near.right,
                        "of_right_answers": near.of_right,
                        "others": near.others,
                    }
                    for near in pair.cells
                ],
            }
            for pair in compared.pairs
        ],
        "usual": [
            {
                "cell": one.cell,
                "students": one.code.students,
                "right_answers": one.right,
                "of_right_answers": one.of_right,
            }
            for one in compared.usual
        ],
        "left_out": [{"student": student, "why": why} for student, why in compared.left_out],
        "pairs_in_groups": compared.in_groups,
    }


class _Marks:
    """Marks what two texts share, as HTML."""

    def __init__(self, released: frozenset[int]) -> None:
        self._released = released
        self._fingerprint = lru_cache(maxsize=None)(self._made)

    def side_by_side(self, near: Near) -> tuple[Markup, Markup]:
        one, two = (self._fingerprint(text) for text in near.texts)
        _, _, (first, second) = compare_files(one, two)
        return _marked(near.texts[0], first), _marked(near.texts[1], second)

    def _made(self, text: str) -> CodeFingerprint:
        return fingerprint(text, self._released)


def _marked(text: str, slices: Any) -> Markup:
    """The text with `<mark>` around the slices: a row of beginnings, and one of ends."""
    made, at = Markup(), 0
    for start, end in zip(*slices.astype(int).tolist(), strict=True) if len(slices) else ():
        made += escape(text[at : max(at, start)]) + Markup("<mark>{}</mark>").format(text[max(at, start) : end])
        at = max(at, end)
    return made + escape(text[at:])
