"""The protocol across the trust boundary takes every number and trusts nothing."""

import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside import wire

DTYPES = [np.float64, np.float32, np.int64, np.bool_]
SHAPES = [(), (1,), (7,), (2, 3), (2, 1, 4), (0,), (0, 4), (3, 0, 2)]
PLENTY = 20.0  # s; no message of these tests takes that long


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def frame(header, body=b"", magic=wire.MAGIC):
    return wire.PREFIX.pack(magic, len(header), len(body)) + header + body


def tensors(layout, content=b""):
    """A safetensors body that says what it is told to say."""
    text = json.dumps(layout).encode()
    return struct.pack("<Q", len(text)) + text + content


def received(line, data):
    """What becomes of `data` when the other side says nothing more."""
    ours, theirs = line
    theirs.sendall(data)
    theirs.shutdown(socket.SHUT_WR)
    return wire.receive(ours, PLENTY)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
def test_arrays_arrive_as_they_were_sent(line, dtype, shape):
    ours, theirs = line
    array = (np.random.default_rng(1).normal(size=shape) * 9).astype(dtype)
    wire.send(theirs, {"op": "probe"}, {"array": array}, PLENTY)
    message, found = wire.receive(ours, PLENTY)
    assert message == {"op": "probe"}
    assert list(found) == ["array"]
    assert found["array"].dtype == dtype
    assert found["array"].shape == shape
    assert np.array_equal(found["array"], array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-3],
        np.broadcast_to(np.float32(2.5), (3, 2)),
        np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]),
    ],
    ids=["transposed", "strided", "broadcast", "special"],
)
def test_awkward_arrays_arrive_bit_by_bit(line, array):
    ours, theirs = line
    wire.send(theirs, {}, {"array": array}, PLENTY)
    _, found = wire.receive(ours, PLENTY)
    assert found["array"].shape == array.shape
    assert found["array"].tobytes() == array.tobytes()


def test_several_frames_keep_their_borders(line):
    ours, theirs = line
    for number in range(3):
        wire.send(theirs, {"number": number}, {"array": np.arange(number)}, PLENTY)
    for number in range(3):
        message, found = wire.receive(ours, PLENTY)
        assert message == {"number": number}
        assert found["array"].size == number


def test_a_frame_longer_than_the_socket_buffer_arrives_whole(line):
    ours, theirs = line
    array = np.random.default_rng(2).normal(size=2**20)
    sender = threading.Thread(target=wire.send, args=(theirs, {}, {"array": array}, PLENTY))
    sender.start()
    _, found = wire.receive(ours, PLENTY)
    sender.join()
    assert np.array_equal(found["array"], array)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(), values, max_size=5))
def test_any_message_arrives_as_it_was_sent(message):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(theirs, message, None, PLENTY)
        assert wire.receive(ours, PLENTY) == (message, {})


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60), st.sampled_from(["bare", "header", "body"]))
def test_any_nonsense_is_closed_or_malformed(nonsense, where):
    data = {"bare": nonsense, "header": frame(nonsense), "body": frame(b"{}", nonsense)}[where]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            message, _ = received((ours, theirs), data)
        except (wire.Closed, wire.Malformed):
            return
        assert isinstance(message, dict)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_not_sent(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        wire.encode({"value": value})


@pytest.mark.parametrize(
    "header",
    [
        b'{"value": NaN}',
        b'{"value": Infinity}',
        b'{"value": [-Infinity]}',
    ],
    ids=["nan", "infinity", "nested"],
)
def test_numbers_that_json_lacks_are_not_taken(line, header):
    with pytest.raises(wire.Malformed, match="not JSON"):
        received(line, frame(header))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'"text"',
        b"null",
        b"\xff\xfe\xfd",
        b'{"n": ' + b"1" * 5000 + b"}",
        b'{"deep": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    ],
    ids=["empty", "cut", "list", "number", "string", "null", "bytes", "long integer", "deep list", "deep object"],
)
def test_a_header_is_a_plain_json_object(line, header):
    ours, theirs = line
    sender = threading.Thread(target=lambda: (theirs.sendall(frame(header)), theirs.close()))
    sender.start()
    with pytest.raises(wire.Malformed, match="header"):
        wire.receive(ours, PLENTY)
    sender.join()


@pytest.mark.parametrize(
    "prefix",
    [
        wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER + 1, 0),
        wire.PREFIX.pack(wire.MAGIC, 2, wire.MAX_BODY + 1),
        wire.PREFIX.pack(wire.MAGIC, 2**32 - 1, 2**32 - 1),
        wire.PREFIX.pack(b"AGK0", 2, 0),
        b"\0" * wire.PREFIX.size,
    ],
    ids=["header", "body", "both", "magic", "zeros"],
)
def test_a_wrong_prefix_is_refused_before_anything_else_is_read(line, prefix):
    ours, theirs = line
    theirs.sendall(prefix)  # and the line stays open: waiting for the rest would take PLENTY
    with pytest.raises(wire.Malformed, match="prefix"):
        wire.receive(ours, PLENTY)


@pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, np.int8, np.uint64])
def test_other_dtypes_are_refused(line, dtype):
    with pytest.raises(wire.Malformed, match="not taken"):
        received(line, frame(b"{}", safetensors.numpy.save({"array": np.ones(3, dtype)})))


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        ({"dtype": "F32", "shape": [1000], "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "F32", "shape": [1], "data_offsets": [0, 4000]}, b"\0" * 4),
        ({"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "F32", "shape": [2**63, 2], "data_offsets": [0, 0]}, b""),
        ({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "F64", "shape": [1], "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}, b"\0" * 4),
        ({"dtype": "F32", "shape": [0], "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}, b"\0" * 4),
        ({"dtype": "object", "shape": [1], "data_offsets": [0, 8]}, b"\0" * 8),
        ({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, b"\0" * 8),
    ],
    ids=[
        "too few",
        "beyond the end",
        "overflow",
        "overflow to 0",
        "negative",
        "wrong item size",
        "backwards",
        "none of some",
        "no list",
        "pickle",
        "left over",
    ],
)
def test_an_array_that_lies_about_itself_is_refused(line, entry, content):
    with pytest.raises(wire.Malformed, match="arrays"):
        received(line, frame(b"{}", tensors({"array": entry}, content)))


def test_a_body_is_a_safetensors_file(line):
    with pytest.raises(wire.Malformed, match="arrays"):
        received(line, frame(b"{}", b"\x80\x04\x95 a pickle, say"))


@pytest.mark.parametrize("length", range(0, 70, 5))
def test_a_truncated_frame_is_closed(line, length):
    whole = wire.encode({"op": "observed"}, {"array": np.arange(4.0)})
    assert length < len(whole)
    with pytest.raises(wire.Closed):
        received(line, whole[:length])


def test_silence_is_late(line):
    with pytest.raises(wire.Late):
        wire.receive(line[0], 0.05)


def test_a_slow_dribble_is_late_at_the_deadline(line):
    ours, theirs = line
    over = threading.Event()
    whole = wire.encode({"op": "observed", "text": "x" * 5000})

    def dribble():
        for index in range(len(whole)):
            theirs.sendall(whole[index : index + 1])
            if over.wait(0.02):
                return

    sender = threading.Thread(target=dribble)
    sender.start()
    started = time.monotonic()
    with pytest.raises(wire.Late):
        wire.receive(ours, 0.3)
    assert 0.3 <= time.monotonic() - started < 5  # all of it would take 100 s
    over.set()
    sender.join()


def test_a_listener_who_does_not_read_makes_it_late(line):
    with pytest.raises(wire.Late):
        wire.send(line[1], {}, {"array": np.zeros(2**20)}, 0.05)


def test_a_listener_who_is_gone_is_closed(line):
    ours, theirs = line
    ours.close()
    with pytest.raises(wire.Closed):
        wire.send(theirs, {}, {"array": np.zeros(2**20)}, PLENTY)


def test_what_was_not_read_is_pending():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not wire.pending(ours)
        theirs.sendall(2 * wire.encode({"id": "a"}))
        wire.receive(ours, 5)
        assert wire.pending(ours)
        wire.receive(ours, 5)
        theirs.close()
        assert not wire.pending(ours)
