"""`nbgrader generate_feedback` with the kit's own page; `nbgrader_config.py` names it as the exporter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter

from autograder.course.assignment import Assignment
from autograder.course.folder import Folders
from autograder.running.write_feedback import page_of


class FeedbackPage(HTMLExporter):  # type: ignore[misc]
    """The page that `autograder feedback` writes. What the kit has not graded becomes nbgrader's own page."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[str, dict[str, Any]]:
        names = (resources or {}).get("nbgrader", {})
        course = Path(self.parent.coursedir.root)
        if names and (Folders.of(course).results / names["assignment"] / f"{names['student']}.json").is_file():
            page = page_of(Assignment(names["assignment"], course), names["student"])
            return page, {**(resources or {}), "output_extension": self.file_extension}
        return super().from_filename(filename, resources=resources, **more)  # type: ignore[no-any-return]
