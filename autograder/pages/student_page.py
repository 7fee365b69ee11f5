"""The page a student gets back: where they stand, what is wrong, once, and why, beside their own code.

Everything on it comes from three places: the result file (verdicts and hints), the autograded notebook (the student's
own cells, cleaned again here) and the gradebook (marks and comments that people have entered). No line of a hidden test
is near, nothing on the page acts, and it holds at most `PAGE_CAP` bytes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.course.assignment import Assignment, grade_id, locked
from autograder.course.outline import Outline, outline
from autograder.judging.causes import ROWS, groups, lead, three_lines
from autograder.pages.feedback import TEMPLATES
from autograder.pages.pictures import fitted
from autograder.pages.sanitise import NOT_TEXT, Sanitiser
from autograder.records.marks import Marks, so_far
from autograder.sandbox.attempt import Ran
from autograder.verdict import Check, Exercise, Grade, Status, Verdict

PAGE_CAP = 100_000  # bytes of a page
CODE_CAP = 40_000  # ... of them for code, with its colours
OUTPUT_CAP = 14_000  # ... for what cells printed
WORDS_CAP = 14_000  # ... for what was written in words
OUTPUT_LINES, OUTPUT_CHARS = 40, 3000  # of one output
FOLDED_LINES = 60  # a cell with more of them, that is not a solution cell, is folded
FIRST, FOLLOWS = "Look here first", "It needs another part"
PICTURES = 12  # on one page
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ATTACHED = re.compile(r"!\[([^\]]*)\]\(attachment:[^)]*\)")
NOT_HERE = "(A picture is in your notebook and not on this page.)"
LEXER, COLOURS = PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)
PICTURE = "\x01picture {}\x01"  # where a picture goes; no such sign is left in a student's text
REST = "\n… the rest is in your notebook …"
SIGNS = re.compile("[\x01\x02]")


@dataclass(frozen=True)
class Pages:
    """What the pages of one assignment have in common.

    Arguments:
        outline: of the assignment.
        points: of each autograded cell; written: of each cell that people grade.
        texts: what the instructor's own Markdown cells say.
    """

    assignment: str
    outline: Outline
    points: Mapping[str, float]
    written: Mapping[str, float]
    texts: frozenset[str]

    @classmethod
    def of(cls, assignment: Assignment) -> Pages:
        return cls(
            assignment.name, outline(assignment), dict(assignment.exercises), dict(assignment.by_hand), assignment.texts
        )

    def page(
        self,
        grade: Grade,
        notebook: NotebookNode | None,
        marks: Marks | None = None,
        name: str = "",
        comments: Mapping[str, str] | None = None,
    ) -> str:
        """The page of one student, as HTML. `marks` and `comments` are those of the gradebook, where it has any."""
        return _Page(self, grade, notebook, marks or Marks(grade.student), name, comments or {}).html()


@dataclass(frozen=True)
class Cause:
    """What did not pass together, and the first thing to look at."""

    heading: str
    text: str
    rows: Sequence[tuple[str, str]]  # (Expected, ...), (Found, ...), (Look at, ...)
    more: str
    others: Sequence[tuple[Check, str]]  # the checks of this cause, each with what is to be said of it


@dataclass(frozen=True)
class Shown:
    """A cell of the student's, as it is shown."""

    label: str
    code: Markup | None = None
    words: Markup | None = None
    outputs: Sequence[Markup] = ()
    folded: bool = False


@dataclass
class Section:
    """An exercise, or a written answer."""

    name: str
    title: str
    most: float
    score: float | None = None
    automatic: float | None = None
    written: bool = False
    untouched: bool = False
    causes: list[Cause] = field(default_factory=list)
    passed: list[Check] = field(default_factory=list)
    cells: list[Shown] = field(default_factory=list)
    comment: str = ""
    check_is_content: bool = False

    @property
    def good(self) -> bool:
        return self.score is not None and self.score >= self.most


def clipped(text: str, most: int, more: bool = False) -> str:
    """Text as HTML of at most `most` bytes; where it is cut, or there is `more`, it says so."""
    shown = html.escape(text, quote=False)
    most = max(most - len(REST.encode()), 0)
    cut = False
    while len(shown.encode()) > most:
        text, cut = text[: int(0.98 * len(text) * most / len(shown.encode()))], True
        shown = html.escape(text, quote=False)
    return shown + (REST if cut or more else "")


class _Page:
    def __init__(
        self,
        pages: Pages,
        grade: Grade,
        notebook: NotebookNode | None,
        marks: Marks,
        name: str,
        comments: Mapping[str, str],
    ) -> None:
        self._pages, self._grade, self._marks, self._comments = pages, grade, marks, comments
        self._name = name or marks.name
        self._cells: list[Any] = list(notebook.cells) if notebook is not None and grade.status is Status.graded else []
        self._sanitiser = Sanitiser()
        self._code_left, self._output_left, self._words_left = CODE_CAP, OUTPUT_CAP, WORDS_CAP
        self._pictures: list[str] = []

    def html(self) -> str:
        sections, rest = self._sections()
        graded = self._grade.status is Status.graded
        text = TEMPLATES.get_template("student.html.j2").render(
            title=self._pages.outline.title,
            name=self._name,
            student=self._grade.student,
            grade=self._grade,
            graded=graded,
            sections=sections,
            rest=rest,
            total=self._total(),
            advice=list(self._advice(sections)),
            nothing=graded and all(section.untouched for section in sections),
            marks=self._marks,
            ROWS=ROWS,
            untouched_text=self._grade.reason,
        )
        text = NOT_TEXT.sub("\ufffd", text)
        return self._with_pictures(text)

    def _total(self) -> str:
        """The score in words: what counts so far, and what still waits."""
        if self._marks.entered:
            return so_far(self._marks)
        score = self._grade.score
        waits = sum(self._pages.written.values())
        if score is None:
            ours = self._grade.status is Status.grader_error
            return "no grade yet" if ours else f"0 of {self._grade.max_score:g}"
        return f"{score:g} of {self._grade.max_score:g}" + (f" so far; {waits:g} points wait" if waits else "")

    def _advice(self, sections: Sequence[Section]) -> Iterator[str]:
        """What to do next, in a sentence or two."""
        grade = self._grade
        if grade.status is Status.grader_error:
            yield (
                "Your notebook could not be graded, and that is not your fault. Staff have been told; there is "
                "nothing that you need to do."
            )
            return
        if grade.status is not Status.graded:
            yield "Nothing could be graded: " + (grade.reason or "no reason was given")
            yield (
                "Open the file that you handed in. Is it your notebook, whole, and under its right name? Then write "
                "to your instructor, with the file."
            )
            return
        exercises = [section for section in sections if not section.written]
        failing = [section for section in exercises if section.causes]
        if all(section.untouched for section in sections):
            yield (
                "This is the notebook as it was handed out: nothing has been written in it. If you meant to hand in "
                "another file, write to your instructor."
            )
        elif failing:
            count = len(exercises) - len(failing)
            first = next((section for section in failing if not section.untouched), failing[0])
            yield f"{count} of {len(exercises)} exercises pass all their checks. Begin with “{first.title}”."
        elif exercises:
            yield "All exercises pass all their checks."
        waiting = [section for section in sections if section.written and section.score is None]
        if waiting:
            answers = "One answer in words is" if len(waiting) == 1 else f"{len(waiting)} answers in words are"
            yield f"{answers} not marked yet. A person reads them; the points are added then."
        if self._marks.penalty:
            yield f"{self._marks.penalty:g} points are off for handing in late."

    def _sections(self) -> tuple[list[Section], list[Shown]]:
        """The exercises and written answers in the order of the notebook, and what the student has written after."""
        sections = {name: self._section(name, title) for name, title in self._pages.outline.titles.items()}
        owner = {cell: name for name, cells in self._pages.outline.cells.items() for cell in cells}
        waiting: list[Shown] = []
        number = 0
        for cell in self._cells:
            name = grade_id(cell)
            if name in self._pages.written and name in sections:
                section = sections[name]
                section.untouched = cell.source == self._pages.outline.given.get(name)
                if not section.untouched:
                    read = section.score is not None or bool(section.comment)
                    section.cells.append(self._shown(cell, "Your answer", folded=not read))
                section.cells += waiting
                waiting = []
            elif name in sections:
                sections[name].check_is_content = not any(
                    output.get("output_type") == "error" for output in cell.get("outputs", [])
                )
                sections[name].cells += waiting
                waiting = []
            elif name in owner:
                section = sections[owner[name]]
                fine = bool(section.causes) and name not in self._at_fault(section.name)
                section.cells.append(self._shown(cell, f"Your cell {name}", fine=fine))
            elif not locked(cell) and cell.source.strip() and not self._is_instructors(cell):
                number += 1
                waiting.append(self._shown(cell, "Added by you", added=True))
        for name, section in sections.items():
            if not section.written:
                held = {grade_id(cell): cell.source for cell in self._cells}
                own = self._pages.outline.cells.get(name, ())
                section.untouched = (
                    bool(own)
                    and bool(self._cells)
                    and all(held.get(cell) == self._pages.outline.given.get(cell) for cell in own)
                    and not section.good
                )
        return list(sections.values()), waiting

    def _at_fault(self, name: str) -> set[str]:
        """The solution cells of an exercise whose parts do not pass; all of them where that is not known."""
        of = self._pages.outline
        exercise = self._grade.exercises[name]
        asked = [of.asks.get((name, check.name)) for group in groups(of, name, exercise) for check in group]
        if not all(asked):
            return set(of.cells[name])
        return {of.cell_of[part] for parts in asked for part in parts or ()}

    def _is_instructors(self, cell: Any) -> bool:
        return cell.cell_type == "markdown" and cell.source in self._pages.texts

    def _section(self, name: str, title: str) -> Section:
        written = name in self._pages.written
        most = self._pages.written[name] if written else self._pages.points[name]
        section = Section(name, title, most, written=written, comment=self._comments.get(name, ""))
        mark = self._marks.cells.get(name)
        exercise = self._grade.exercises.get(name)
        if mark is not None:
            section.score = None if mark.unmarked else mark.score
            section.automatic = mark.automatic if mark.overruled else None
        elif exercise is not None:
            section.score = exercise.score
        elif not written:
            section.score = 0.0 if self._grade.status is not Status.grader_error else None
        for cell in self._pages.outline.cells.get(name, ()):  # what staff have written beside a solution cell
            section.comment = "\n".join(filter(None, [section.comment, self._comments.get(cell, "")]))
        if exercise is not None:
            section.passed = [check for check in exercise.checks if check.verdict is Verdict.passed]
            section.causes = list(self._causes(name, exercise))
        return section

    def _causes(self, name: str, exercise: Exercise) -> Iterator[Cause]:
        found = groups(self._pages.outline, name, exercise)
        for group in found:
            first = lead(group)
            asked = self._pages.outline.asks.get((name, first.name), frozenset())
            parts = [part for part in self._pages.outline.parts.get(name, ()) if part in asked]
            hint = first.hint or ""
            lines = hint.splitlines()
            start = next((number for number, line in enumerate(lines) if line.startswith(f"{ROWS[0]}: ")), len(lines))
            rows = three_lines(Ran([{"output_type": "stream", "text": "\n".join(lines[start:])}]))
            text = "\n".join(lines[:start] if rows else lines)
            more = "\n".join(line for line in lines[start:] if not line.startswith(tuple(f"{row}: " for row in ROWS)))
            heading = " and ".join(parts) if len(found) > 1 else FOLLOWS if " uses your " in text else FIRST
            others = [
                (check, "" if check is first else (check.hint or "").partition("mend that first.")[2].strip())
                for check in group
            ]
            yield Cause(heading, text, rows, more, others)

    def _shown(self, cell: Any, label: str, added: bool = False, fine: bool = False, folded: bool = False) -> Shown:
        """`fine`: a cell with which nothing is wrong, in an exercise in which something is."""
        if cell.cell_type != "code":
            return Shown(label, words=self._words(cell.source), folded=folded)
        code, lines = self._code(cell.source), cell.source.count("\n") + 1
        outputs = [shown for output in cell.get("outputs", [])[:30] if (shown := self._output(output, label))]
        return Shown(label, code=code, outputs=outputs, folded=fine or (added and lines > FOLDED_LINES))

    def _code(self, source: str) -> Markup:
        source = SIGNS.sub("\ufffd", source)
        coloured = highlight(source, LEXER, COLOURS) if len(source) < self._code_left else ""
        if not 0 < len(coloured.encode()) <= self._code_left:
            coloured = clipped(source, self._code_left)
        self._code_left -= min(self._code_left, len(coloured.encode()))
        return Markup(coloured)

    def _words(self, text: str) -> Markup:
        text = ATTACHED.sub(NOT_HERE, SIGNS.sub("\ufffd", text))
        rendered = self._sanitiser.markdown(text)
        if rendered is None or len(rendered.encode()) > self._words_left or "data:" in rendered:
            rendered = f"<pre>{clipped(text, self._words_left)}</pre>"
        self._words_left -= min(self._words_left, len(rendered.encode()))
        return Markup(rendered)

    def _output(self, output: Mapping[str, Any], label: str) -> Markup | None:
        """What a cell gave, cleaned once more; None where there is nothing to show."""
        match output:
            case {"output_type": "stream", "text": str(text)}:
                return self._text(text)
            case {"output_type": "error"}:
                said = ": ".join(filter(None, [str(output.get("ename") or ""), str(output.get("evalue") or "")]))
                return self._text(ANSI.sub("", said), kind="error")
            case {"output_type": "display_data" | "execute_result", "data": dict(data)}:
                picture = next((data[kind] for kind in ("image/png", "image/jpeg") if kind in data), None)
                if isinstance(picture, str):
                    return self._picture(picture, label)
                if isinstance(rich := data.get("text/html"), str):
                    return self._html(rich, data.get("text/plain"))
                if isinstance(plain := data.get("text/plain") or data.get("text/markdown"), str):
                    return self._text(plain)
        return None

    def _html(self, rich: str, plain: Any) -> Markup | None:
        if "<audio" in rich or "<video" in rich:
            return Markup("<p class=soft>(Sound and film are in your notebook and not on this page.)</p>")
        cleaned = self._sanitiser.html(rich) if len(rich) <= self._output_left else None
        if cleaned is None or SIGNS.search(cleaned) or len(cleaned.encode()) > self._output_left:
            if "data:image" in rich:
                return Markup(f"<p class=soft>{NOT_HERE}</p>")
            return self._text(plain) if isinstance(plain, str) else None
        self._output_left -= len(cleaned.encode())
        return Markup(f'<div class=rich tabindex=0 role=region aria-label="Output">{cleaned}</div>')

    def _text(self, text: str, kind: str = "out") -> Markup | None:
        lines = SIGNS.sub("\ufffd", text).rstrip().splitlines()
        kept = "\n".join(lines[:OUTPUT_LINES])[:OUTPUT_CHARS]
        if not kept.strip() or self._output_left < len(REST.encode()):
            return None
        shown = clipped(kept, self._output_left, len(kept) < len("\n".join(lines)))
        self._output_left -= len(shown.encode())
        return Markup(f'<pre class="{kind}" tabindex=0 role=region aria-label="Output">{shown}</pre>')

    def _picture(self, coded: str, label: str) -> Markup:
        if len(self._pictures) >= PICTURES:
            return Markup(f"<p class=soft>{NOT_HERE}</p>")
        self._pictures.append(coded)
        number = len(self._pictures)
        alt = escape(f"Picture {number}, from {label[:1].lower()}{label[1:]}")
        return Markup(f'{PICTURE.format(number - 1)}alt="{alt}"\x02')

    def _with_pictures(self, text: str) -> str:
        """Puts the pictures in, each with an equal part of the room that is left."""
        left = PAGE_CAP - len(text.encode()) - 500
        for number, coded in enumerate(self._pictures):
            waiting = len(self._pictures) - number
            address = fitted(coded, max(0, left) // waiting - 120)
            mark = PICTURE.format(number)
            before, _, after = text.partition(mark)
            alt, _, rest = after.partition("\x02")
            shown = f'<img {alt} src="{address}">' if address else f"<p class=soft>{NOT_HERE}</p>"
            left -= len(shown)
            text = f"{before}{shown}{rest}"
        return text
