"""What a student's notebook may show to others: text, pictures, sound, tables, formulas, and nothing that acts.

Whatever is shown must have the form that `harmless` recognises: its every `<` opens or closes, in balance, an element
of a short list with attributes of a short list. Such text means the same to every HTML parser, so it does not matter
which one reads it. HTML outputs are first cleaned with bleach. Markdown is looked at as nbconvert renders it: it is
left as it was written, or shown as plain text where what it renders to is not harmless.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import time
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import bleach
import nbformat
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters import strip_files_prefix
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

OUTPUTS_CAP = 200  # outputs shown of one cell
TRACE_CAP = 100  # lines of a traceback
TEXT_CAP = 100_000  # characters of one output that are text
SOURCE_CAP = 200_000  # characters of a cell's code; the rest is in submitted/
MARKDOWN_CAP = 20_000  # characters that are rendered, which takes a time that grows with their square
RENDERED_CAP = 1_000_000  # characters that it may become, pictures apart: a long link may be meant a thousand times
MARKUP_CAP = 100_000  # characters of HTML apart from the sound and pictures in it
PART_CAP = 20_000  # ... and between two of its brackets
BRACKETS_CAP = 8_000  # of which it has at most so many: browsers' rules for broken markup cost their square
RICH_CAP = 32 * 2**20  # characters of pictures, sound and HTML of one notebook
SECONDS = 5.0  # for cleaning one notebook; what comes later is shown as plain text
DEPTH = 60  # elements within one another
CUT = "\n... the rest is not shown ...\n"
LITERAL = "Shown as plain text, because it holds markup, links or pictures that are not shown here:"

VOID = frozenset({"br", "col", "hr", "img", "input", "source", "wbr"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
WRITTEN = HEADINGS | {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
}
TAGS = WRITTEN | {"audio", "caption", "center", "col", "colgroup", "figcaption", "figure", "source", "video"}
CHECKBOX = frozenset({"input"})  # what Markdown makes of "- [ ]", and nothing else that is an input
CLASSES = frozenset(
    {"anchor-link", "dataframe", "highlight", "task-list-item", "task-list-item-checkbox"}
    | {name for name in STANDARD_TYPES.values() if name}
)
# Nothing that can put paint or text where something else stands: no position, size, margin, padding, border.
STYLES = frozenset(
    {
        "background-color",
        "border-collapse",
        "color",
        "font-family",
        "font-style",
        "font-weight",
        "text-align",
        "vertical-align",
        "white-space",
    }
)
NUMBER = re.compile(r"\d{1,4}%?|\d{1,4}px")
LINK = re.compile(r"(?:https?://|mailto:)[^\s\\\x00-\x1f]+|#[^\s\x00-\x1f]*", re.IGNORECASE)
STYLE = re.compile(r"\s*([a-z-]+)\s*:(?!.*url)[\w\s#.,%()'-]*", re.IGNORECASE | re.DOTALL)
EMBEDDED = {
    "img": re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*"),
    "audio": re.compile(r"data:audio/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s]*"),
    "video": re.compile(r"data:video/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s]*"),
    "source": re.compile(r"data:(?:audio|video)/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s]*"),
}
TAG = re.compile(r"<(?:/([a-z][a-z0-9]*)|([a-z][a-z0-9]*)((?: +[a-z-]+(?:=\"[^\"<>]*\")?)*) */?)>")
ATTRIBUTE = re.compile(r" +([a-z-]+)(?:=\"([^\"<>]*)\")?")
LONG = re.compile(r"[A-Za-z0-9+/=\n]{200,}")
INVISIBLE = re.compile(r"(?is)<(script|style|template|noscript|title)\b.*?(?:</\1\s*>|$)")
# MathJax can make links, styles, ids and classes, and move what it sets to anywhere on the page.
ACTING_TEX = re.compile(
    r"\\(?:href|url|class|cssId|style|require|mmlToken|data|bbox|texttip|mathtip|toggle|action|include[a-z]*"
    r"|html[A-Za-z]*|csname|raise|lower|moveleft|moveright|Space|Rule|catcode|unicode)(?![A-Za-z])"
    r"|\\(?:hspace|hskip|mspace|mskip|mkern|kern|rule)\*?\s*(?:[\[{]\s*)?(?:[^\s0-9.\[{]|\d{3,})"
)
SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
# MathJax leaves these alone, so a dollar in a table is a dollar. Nothing is drawn outside of the frame.
FRAME = '<div class="tex2jax_ignore mathjax_ignore" style="overflow:auto;contain:paint">'
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


class Sanitiser:
    """Cleans what one notebook shows, within a budget of time and size. `reserved` are ids of the page's own."""

    def __init__(self, reserved: Collection[str] = ()) -> None:
        self._reserved = frozenset(reserved)
        self._end = time.monotonic() + SECONDS
        self._rich_left = RICH_CAP

    @cached_property
    def _cleaner(self) -> bleach.Cleaner:
        return bleach.Cleaner(
            tags=TAGS,
            attributes=self._allowed,
            protocols={"http", "https", "mailto", "data"},
            strip=True,
            css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES, allowed_svg_properties=()),
        )

    def source(self, cell: NotebookNode) -> NotebookNode:
        """A cell of a student's, as it may be shown. Raw cells, which pages show as HTML, become text."""
        if cell.cell_type == "code":
            cell.source = _text(cell.source, SOURCE_CAP)
            return cell
        if cell.cell_type == "raw":
            return nbformat.v4.new_markdown_cell(metadata=cell.metadata, id=cell.id, source=literal(cell.source))
        images = {name: _images(bundle) for name, bundle in cell.get("attachments", {}).items()}
        cell.attachments = nbformat.from_dict({name: bundle for name, bundle in images.items() if bundle})
        if not self._markdown_is_harmless(cell.source, cell.attachments):
            cell.source = literal(cell.source)
        if not cell.attachments:
            del cell["attachments"]
        return cell

    def outputs(self, outputs: list[dict[str, Any]], *, text_only: bool = False) -> list[NotebookNode]:
        """What a cell gave, built anew from the parts that may be shown. It came from a child: it may be anything."""
        shown = [self._output(output, text_only) for output in outputs[:OUTPUTS_CAP]]
        return [output for output in shown if output is not None]

    def _output(self, output: dict[str, Any], text_only: bool) -> NotebookNode | None:
        make = new_output
        match output:
            case {"output_type": "stream", "text": str(text)}:
                name = "stderr" if output.get("name") == "stderr" else "stdout"
                return make("stream", name=name, text=_text(text))
            case {"output_type": "error"}:
                trace = output.get("traceback")
                lines = trace[:TRACE_CAP] if isinstance(trace, list) else []
                return make(
                    "error",
                    ename=_text(output.get("ename"), 200),
                    evalue=_text(output.get("evalue"), 2000),
                    traceback=[_text(line, 4000) for line in lines],
                )
            case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)} if not text_only:
                bundle = self._bundle(data)
                count = output.get("execution_count")
                counted = type(count) is int and 0 <= count < 2**31
                more = {} if kind == "display_data" else {"execution_count": count if counted else None}
                return make(kind, data=bundle, metadata=_sizes(output), **more) if bundle else None
        return None

    def html(self, text: str) -> str | None:
        """Cleaned HTML in a frame of its own, or None where it is not worth the risk."""
        if not self._affordable(text) or len(LONG.sub("", text)) > 20 * MARKUP_CAP:
            return None
        text = INVISIBLE.sub("", NOT_TEXT.sub("\ufffd", text))
        parts = LONG.sub("", text).split("<")
        if sum(map(len, parts)) > MARKUP_CAP or max(map(len, parts)) > PART_CAP or len(parts) > BRACKETS_CAP:
            return None
        try:
            cleaned = self._cleaner.clean(text)
        except Exception:  # brackets within brackets, in a style, are more than the parser of styles can take
            return None
        if not self._harmless(cleaned, TAGS) or not (TAG.sub("", cleaned).strip() or _media(cleaned)):
            return None
        self._rich_left -= len(cleaned)
        return f"{FRAME}{cleaned}</div>"

    def _bundle(self, data: Mapping[str, Any]) -> dict[str, str]:
        """The forms of one output that may be shown; scripts, widgets and what is not known are left out."""
        shown: dict[str, str] = {}
        for mime, value in data.items():
            text = _joined(value)
            if mime == "text/plain":
                shown[mime] = _text(text)
            elif mime in SIGNATURES and len(text) <= self._rich_left and _is_image(mime, text):
                self._rich_left -= len(text)
                shown[mime] = text
            elif mime == "image/svg+xml" and "<svg" in text and self._affordable(text):
                # As the source of an image, SVG runs no script and loads nothing.
                coded = base64.b64encode(NOT_TEXT.sub("", text).encode()).decode()
                self._rich_left -= len(coded)
                shown.setdefault("text/html", f'<img alt="" src="data:image/svg+xml;base64,{coded}">')
            elif mime == "text/html" and (cleaned := self.html(text)) is not None:
                shown[mime] = cleaned
            elif mime == "text/markdown" and self._markdown_is_harmless(text):
                shown[mime] = text
            elif mime == "text/latex" and len(text) <= MARKDOWN_CAP and not ACTING_TEX.search(text):
                shown[mime] = _text(text)
        if not shown and _joined(data.get("text/markdown")):
            shown["text/plain"] = _text(_joined(data["text/markdown"]))
        return shown

    def _affordable(self, text: str) -> bool:
        return len(text) <= self._rich_left and time.monotonic() < self._end

    def rendered(self, text: str) -> str | None:
        """Markdown as the HTML that it means; None where that is not harmless."""
        return self._rendered(text)

    def markdown(self, text: str) -> str | None:
        """The same in a frame of its own. Formulas stay as they were written."""
        rendered = self._rendered(text)
        return None if rendered is None else f"{FRAME}{rendered}</div>"

    def _markdown_is_harmless(self, text: str, attachments: Mapping[str, Any] | None = None) -> bool:
        return self._rendered(text, attachments) is not None

    def _rendered(self, text: str, attachments: Mapping[str, Any] | None = None) -> str | None:
        if len(text) > MARKDOWN_CAP or NOT_TEXT.search(text) or time.monotonic() > self._end:
            return None
        largest = max((len(coded) for bundle in (attachments or {}).values() for coded in bundle.values()), default=0)
        pictures = text.count("![") * largest
        if pictures > RICH_CAP:  # each place that shows a picture holds all of it, once rendered
            return None
        try:
            renderer = IPythonRenderer(escape=False, attachments=dict(attachments or {}))
            rendered: str = strip_files_prefix(MarkdownWithMath(renderer=renderer).render(text))
        except Exception:  # an attachment that is not there stops the renderer, and with it the whole page
            return None
        if len(rendered) > RENDERED_CAP + pictures:
            return None
        plain = html.unescape(TAG.sub("", rendered))
        return rendered if self._harmless(rendered, WRITTEN | CHECKBOX) and not ACTING_TEX.search(plain) else None

    def _harmless(self, text: str, tags: Collection[str]) -> bool:
        """True where every bracket belongs to an element of `tags` with allowed attributes, and all balance."""
        still_open: list[str] = []
        end = 0
        for tag in TAG.finditer(text):
            if "<" in text[end : tag.start()]:
                return False
            end = tag.end()
            closing, opening, attributes = tag.groups()
            if closing:
                if not still_open or still_open.pop() != closing:
                    return False
                continue
            if opening not in tags or not all(
                self._allowed(opening, name, html.unescape(value or ""), strict=True)
                for name, value in ATTRIBUTE.findall(attributes)
            ):
                return False
            if opening not in VOID:
                still_open.append(opening)
            if len(still_open) > DEPTH:
                return False
        return not still_open and "<" not in text[end:]

    def _allowed(self, tag: str, name: str, value: str, strict: bool = False) -> bool:
        """The attributes that do nothing but show. Styles are cleaned by bleach, and looked at after it (`strict`)."""
        match name:
            case "href":
                return tag == "a" and bool(LINK.fullmatch(value))
            case "src":
                return tag in EMBEDDED and bool(EMBEDDED[tag].fullmatch(value))
            case "alt" | "title":
                return not set('<>"') & set(value)
            case "class":
                return all(word in CLASSES or word.startswith("language-") for word in value.split())
            case "id":
                return tag in HEADINGS and value not in self._reserved
            case "style":
                return not strict or _is_plain_style(value)
            case "width" | "height" | "border" | "colspan" | "rowspan" | "span" | "start" | "value":
                return tag not in ("div", "p", "span", "input") and bool(NUMBER.fullmatch(value))
            case "align" | "valign" | "scope":
                return value.isalpha()
            case "controls" | "loop" | "muted":
                return tag in ("audio", "video")
            case "open":
                return tag == "details"
            case "type":
                return (tag, value) == ("input", "checkbox") or (
                    tag == "source" and bool(re.fullmatch(r"(?:audio|video)/[\w.+-]+", value))
                )
            case "disabled" | "checked":
                return tag == "input"
        return False


def new_output(kind: str, **fields: Any) -> NotebookNode:
    """An output of a cell. nbformat's own maker checks each against a schema, which costs more than all the rest; the
    notebook is checked once, when it is written."""
    rich: dict[str, Any] = {} if kind in ("stream", "error") else {"metadata": {}, "data": {}}
    return nbformat.from_dict({"output_type": kind, **rich, **fields})


def literal(text: str) -> str:
    """Markdown that shows `text` as it is, whatever it holds and whoever renders it: each sign is an entity."""
    signs = "".join(
        char if (char.isascii() and char.isalnum()) or char in " ,." else f"&#{ord(char)};"
        for char in _text(text, MARKDOWN_CAP)
    )
    return f"*{LITERAL}*\n\n<pre>{signs}</pre>"


def reserved_ids(grade_ids: Collection[str]) -> frozenset[str]:
    """Ids of nbgrader's pages: a heading of the same name would stand in for a score's input field."""
    parts = ("", "_extra_credit", "-comment")
    return frozenset(
        {name + part for name in grade_ids for part in parts}
        | {"notebook", "notebook-container", "statusmessage", "toc", "top"}
    )


def _joined(value: Any) -> str:
    """The text of a form of an output, which may be a list of lines; empty where it is neither."""
    lines = value if isinstance(value, list) else [value]
    return "".join(lines) if all(isinstance(line, str) for line in lines) else ""


def _text(value: Any, most: int = TEXT_CAP) -> str:
    if not isinstance(value, str):
        return ""
    return NOT_TEXT.sub("\ufffd", value[:most]) + (CUT if len(value) > most else "")


def _is_plain_style(value: str) -> bool:
    found = [STYLE.fullmatch(part) for part in value.split(";") if part.strip()]
    return all(match and match[1].lower() in STYLES for match in found)


def _is_image(mime: str, text: str) -> bool:
    try:
        return base64.b64decode(text.replace("\n", ""), validate=True).startswith(SIGNATURES[mime])
    except (binascii.Error, ValueError):
        return False


def _images(bundle: Mapping[str, Any]) -> dict[str, str]:
    return {
        mime: text
        for mime, text in bundle.items()
        if mime in SIGNATURES and isinstance(text, str) and _is_image(mime, text)
    }


def _media(text: str) -> bool:
    return any(f"<{tag}" in text for tag in ("img", "audio", "video"))


def _sizes(output: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The width and height of a picture: all that is kept of an output's metadata."""
    metadata = output.get("metadata")
    sizes = {}
    for mime in SIGNATURES:
        said = metadata.get(mime) if isinstance(metadata, dict) else None
        if isinstance(said, dict):
            sizes[mime] = {
                key: said[key] for key in ("width", "height") if type(said.get(key)) is int and 0 < said[key] < 5000
            }
    return sizes
