"""How long the feedback pages of a class take, and how large they are: python benchmarks/feedback.py FOLDER

A few dozen submissions are graded, and their results stand for a class of any size.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import time
from pathlib import Path

from sample import NAME, ROOT, make_class

from autograder.running.grade_class import grade_class
from autograder.running.processes import cores
from autograder.running.write_feedback import write_feedback

GRADED = 36


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="is made anew")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--workers", type=int, default=cores())
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    assignment = make_class(folder, GRADED)
    if not (folder / "hidden").exists():
        shutil.copytree(ROOT / "hidden" / NAME, folder / "hidden" / NAME)
    grade_class(assignment, workers=asked.workers)
    for number in range(GRADED, asked.count):
        one, other = f"student-{number % GRADED + 1:04}", f"student-{number + 1:04}"
        shutil.copytree(folder / "autograded" / one, folder / "autograded" / other)
        result = json.loads((folder / "results" / NAME / f"{one}.json").read_text(encoding="utf-8"))
        (folder / "results" / NAME / f"{other}.json").write_text(
            json.dumps({**result, "student": other}), encoding="utf-8"
        )
    started = time.perf_counter()
    done = write_feedback(assignment, workers=asked.workers)
    seconds = time.perf_counter() - started
    sizes = [page.stat().st_size for page in done.written.values()]
    each = 1000 * seconds / len(sizes)
    print(
        f"{len(sizes)} pages in {seconds:.1f} s with {asked.workers} workers, {each:.0f} ms each; "
        f"median {statistics.median(sizes) / 1000:.0f} kB, largest {max(sizes) / 1000:.0f} kB; "
        f"{len(done.failed)} failed"
    )


if __name__ == "__main__":
    main()
