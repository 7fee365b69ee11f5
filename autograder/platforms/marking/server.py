"""Serves the marking page on the loopback, to who has the token, and enters what is typed there."""

from __future__ import annotations

import hmac
import html
import json
import secrets
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autograder.course.assignment import Assignment
from autograder.errors import GraderFault, UsageError
from autograder.pages.feedback import TEMPLATES
from autograder.pages.sanitise import Sanitiser
from autograder.records.marking import (
    Answer,
    Question,
    answers,
    enter,
    enter_second,
    for_second_marker,
    offered,
    question,
)

HOST = "127.0.0.1"
COOKIE = "autograder_marking"
BODY_CAP = 100_000  # bytes of a request
COMMENT_CAP = 10_000  # characters


class Marking:
    """What the page is about. Answers are called by keys that are drawn for this session: no id leaves the server."""

    def __init__(self, assignment: Assignment, name: str, *, second: bool = False) -> None:
        self.asked: Question = question(assignment, name)
        self.second = second
        self._assignment = assignment
        self._answers: dict[str, Answer] = {}
        self._lock = Lock()
        self._keys: dict[str, str] = {}
        self.read()

    def read(self) -> None:
        """Reads what stands in the gradebook now."""
        known = answers(self._assignment, self.asked)
        shown = for_second_marker(self._assignment, self.asked, known) if self.second else known
        for answer in shown:
            self._keys.setdefault(answer.student, secrets.token_hex(8))
        self._answers = {self._keys[answer.student]: answer for answer in shown}

    def __len__(self) -> int:
        return len(self._answers)

    def data(self) -> dict[str, Any]:
        """All that the page shows."""
        with self._lock:
            self.read()
            return {
                "question": self.asked.name,
                "most": self.asked.most,
                "second": self.second,
                "text": shown(self.asked.text),
                "scheme": shown(self.asked.scheme),
                "answers": [
                    {
                        "key": key,
                        "html": shown(answer.text, code=answer.code),
                        "score": answer.score,
                        "comment": answer.comment,
                    }
                    for key, answer in self._answers.items()
                ],
                "comments": offered(list(self._answers.values())),
            }

    def mark(self, told: Any) -> dict[str, Any]:
        """Enters what the page sends. Raises `UsageError` for what is no mark, and for an answer marked by another."""
        key, score, comment = told["key"], told["score"], str(told["comment"]).strip()
        if len(comment) > COMMENT_CAP:
            raise UsageError(f"A comment may have {COMMENT_CAP} characters.")
        if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
            raise UsageError("Points are a number.")
        with self._lock:
            before = self._answers.get(key)
            if before is None:
                raise UsageError("This answer is not there any more. Reload the page.")
            put = enter_second if self.second else enter
            self._answers[key] = put(self._assignment, self.asked, before, score, comment)
            return {"score": score, "comment": comment, "comments": offered(list(self._answers.values()))}


def shown(text: str, *, code: bool = False) -> str:
    """Markdown as HTML where that is harmless, else as the plain text that it is."""
    rendered = None if code else Sanitiser().rendered(text)
    return rendered if rendered is not None else f"<pre>{html.escape(text)}</pre>"


class Server(ThreadingHTTPServer):
    """`address` is what the marker opens: it has the token, which a cookie then takes the place of."""

    daemon_threads = True

    def __init__(self, marking: Marking, port: int = 0) -> None:
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise UsageError(f"Port {port} cannot be used: {error.strerror}. Leave --port out.") from error
        self.marking = marking
        self.token = secrets.token_urlsafe(24)
        self.cookie = secrets.token_urlsafe(24)
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/?token={self.token}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "autograder", ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = parse_qs(parts.query).get("token", [""])[0]
        if not self._is_here():
            self._say(HTTPStatus.FORBIDDEN, {"error": "This page is for this machine alone."})
        elif parts.path == "/" and hmac.compare_digest(given.encode(), self.server.token.encode()):
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.send_header("Set-Cookie", f"{COOKIE}={self.server.cookie}; HttpOnly; SameSite=Strict; Path=/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif not self._is_known():
            self._say(HTTPStatus.FORBIDDEN, {"error": "Open the address that “autograder mark” has printed."})
        elif parts.path == "/":
            self._page()
        elif parts.path == "/answers":
            self._answered(self.server.marking.data)
        else:
            self._say(HTTPStatus.NOT_FOUND, {"error": "There is no such page."})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (self._is_here() and self._is_known() and self.headers.get("Content-Type") == "application/json"):
            self._say(HTTPStatus.FORBIDDEN, {"error": "Open the address that “autograder mark” has printed."})
        elif self.path != "/mark" or not length.isdigit() or int(length) > BODY_CAP:
            self._say(HTTPStatus.BAD_REQUEST, {"error": "This is no mark."})
        else:
            body = self.rfile.read(int(length))
            self._answered(lambda: self.server.marking.mark(json.loads(body)))

    def _answered(self, do: Any) -> None:
        try:
            self._say(HTTPStatus.OK, do())
        except UsageError as error:
            self._say(HTTPStatus.CONFLICT, {"error": str(error)})
        except GraderFault as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})
        except (ValueError, KeyError, TypeError):
            self._say(HTTPStatus.BAD_REQUEST, {"error": "This is no mark."})

    def _is_here(self) -> bool:
        """False for a page elsewhere that has a name point here."""
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in self.server.hosts and (
            origin is None or origin.removeprefix("http://") in self.server.hosts
        )

    def _is_known(self) -> bool:
        try:
            given = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return given is not None and hmac.compare_digest(given.value.encode(), self.server.cookie.encode())

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        page = TEMPLATES.get_template("mark.html.j2").render(marking=self.server.marking, nonce=nonce).encode()
        self._send(
            HTTPStatus.OK,
            "text/html; charset=utf-8",
            page,
            f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
            f"script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )

    def _say(self, status: HTTPStatus, what: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(what).encode(), "default-src 'none'")

    def _send(self, status: HTTPStatus, kind: str, body: bytes, policy: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - so it is called
        """Nothing: the terminal is the marker's."""
