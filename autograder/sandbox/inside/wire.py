"""Messages across the trust boundary: a JSON header and raw arrays, never pickle.

A frame is `MAGIC`, two 32-bit lengths, a JSON object and a safetensors body. Both sides use this module; the
judge gives the caps, because what comes out of a child is a student's word.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

MAGIC = b"AGK1"
PREFIX = struct.Struct("!4sII")
MAX_HEADER = 8 * 2**20
MAX_BODY = 64 * 2**20
MAX_LAYOUT = 2**16  # bytes that name the arrays of a body; a million empty ones would cost the judge gigabytes
DTYPES = {"F64": np.float64, "F32": np.float32, "I64": np.int64, "BOOL": np.bool_}

Message = dict[str, Any]
Arrays = dict[str, np.ndarray[Any, Any]]


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """The time allowed for a message is over."""


class Malformed(Exception):
    """What came is not a frame of this protocol."""


def encode(message: Message, arrays: Arrays | None = None) -> bytes:
    """One frame. Raises ValueError for NaN or infinity in the message: send such numbers as arrays."""
    header = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    body = safetensors.numpy.save({k: np.asarray(v, order="C") for k, v in arrays.items()}) if arrays else b""
    return PREFIX.pack(MAGIC, len(header), len(body)) + header + body


def send(sock: socket.socket, message: Message, arrays: Arrays | None = None, seconds: float | None = None) -> None:
    """Raises `Closed` or, after `seconds`, `Late`."""
    sock.settimeout(seconds)
    try:
        sock.sendall(encode(message, arrays))
    except TimeoutError as error:
        raise Late from error
    except OSError as error:
        raise Closed from error


class Deadline:
    """Ends after `seconds` (None: never). `more` is asked then: by how many seconds the end has moved in all."""

    def __init__(self, seconds: float | None, more: Callable[[], float] = lambda: 0.0) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._more = more

    def left(self) -> float | None:
        """Seconds until the end, None where there is none. Raises `Late` after it."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            left = self._end + self._more() - time.monotonic()
            if left <= 0:
                raise Late
        return left


def receive(
    sock: socket.socket, seconds: float | None = None, more: Callable[[], float] = lambda: 0.0
) -> tuple[Message, Arrays]:
    """The next frame, whole, within `seconds`, and `more()` where they are over.

    Raises `Closed`, `Late` or `Malformed`.
    """
    deadline = Deadline(seconds, more)
    magic, header_length, body_length = PREFIX.unpack(_read(sock, PREFIX.size, deadline))
    if magic != MAGIC or header_length > MAX_HEADER or body_length > MAX_BODY:
        raise Malformed("the frame's prefix is wrong")
    frame = memoryview(_read(sock, header_length + body_length, deadline))
    return _message(bytes(frame[:header_length])), _arrays(bytes(frame[header_length:]))


def pending(sock: socket.socket) -> bool:
    """True where something has come that was not read."""
    sock.setblocking(False)
    try:
        return bool(sock.recv(1, socket.MSG_PEEK))
    except OSError:
        return False


def _read(sock: socket.socket, size: int, deadline: Deadline) -> bytearray:
    data = bytearray()
    while len(data) < size:
        sock.settimeout(deadline.left())
        try:
            piece = sock.recv(min(size - len(data), 2**20))
        except TimeoutError:
            continue
        except OSError as error:
            raise Closed from error
        if not piece:
            raise Closed
        data += piece
    return data


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is beyond every number")
    return number


DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


def _message(header: bytes) -> Message:
    try:
        message = DECODER.decode(header.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed("the header is not JSON") from error
    if not isinstance(message, dict):
        raise Malformed("the header is not an object")
    return message


def _arrays(body: bytes) -> Arrays:
    if not body:
        return {}
    if int.from_bytes(body[:8], "little") > MAX_LAYOUT:
        raise Malformed("too many arrays")
    arrays = {}
    try:
        for name, tensor in safetensors.deserialize(body):  # type: ignore[no-untyped-call]
            if tensor["dtype"] not in DTYPES:
                raise Malformed(f"arrays of type {tensor['dtype']} are not taken")
            flat: np.ndarray[Any, Any] = np.frombuffer(tensor["data"], dtype=DTYPES[tensor["dtype"]])
            arrays[name] = flat.reshape(tensor["shape"])
    except (safetensors.SafetensorError, ValueError, UnicodeDecodeError) as error:
        raise Malformed("the arrays cannot be read") from error
    return arrays
