"""Frames and handshakes of the load programs, against the rules of RFC 6455 and the `websockets` library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode
from websockets.utils import apply_mask

from benchmarks.load import frames
from benchmarks.load.echo import Echo

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 70_000)
MASK = b"\x12\x34\x56\x78"


def payload_of(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


def theirs(opcode: Opcode, payload: bytes, mask: bool) -> bytes:
    return TheirFrame(opcode, payload).serialize(mask=mask)


def test_the_accept_key_of_the_specification() -> None:
    """RFC 6455 section 1.3."""
    assert frames.accept_of(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("size", SIZES)
def test_frames_are_those_of_another_implementation(size: int) -> None:
    payload = payload_of(size)
    assert frames.encode(frames.BINARY, payload) == theirs(Opcode.BINARY, payload, mask=False)
    masked = theirs(Opcode.TEXT, payload, mask=True)
    assert frames.decode(masked) == (frames.TEXT, payload, True, len(masked))


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masks(payload: bytes, mask: bytes) -> None:
    assert frames.xor(payload, mask) == apply_mask(payload, mask)
    assert frames.xor(frames.xor(payload, mask), mask) == payload


@pytest.mark.parametrize("size", [0, 125, 126, 65536])
def test_a_frame_is_none_until_it_is_whole(size: int) -> None:
    whole = frames.encode(frames.TEXT, payload_of(size), MASK)
    for cut in {0, 1, 2, 3, 5, 9, 13, len(whole) - 1}:
        if cut < len(whole):
            assert frames.decode(whole[:cut]) is None
    assert frames.decode(b"xx" + whole + b"yy", 2) == (frames.TEXT, payload_of(size), True, len(whole))


def test_a_part_of_a_message_is_not_final() -> None:
    frame = frames.decode(frames.encode(frames.TEXT, b"a", final=False))
    assert frame is not None
    assert not frame.final


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("opcode", [frames.TEXT, frames.BINARY])
def test_messages_come_back_unmasked(size: int, opcode: int) -> None:
    sent = frames.encode(opcode, payload_of(size), MASK)
    back = frames.encode(opcode, payload_of(size))
    assert Echo().answer(sent) == back
    assert Echo().answer(sent * 3) == back * 3
    echo = Echo()
    assert [echo.answer(sent[:3]), echo.answer(sent[3:] + sent[:4]), echo.answer(sent[4:])] == [b"", back, back]


def test_parts_of_messages_come_back_as_parts() -> None:
    sent = frames.encode(frames.TEXT, b"a", MASK, final=False) + frames.encode(0, b"b", MASK)
    assert Echo().answer(sent) == frames.encode(frames.TEXT, b"a", final=False) + frames.encode(0, b"b")


def test_pings_are_answered_and_pongs_are_not() -> None:
    sent = frames.encode(frames.PING, b"p", MASK) + frames.encode(frames.PONG, b"", MASK)
    assert Echo().answer(sent) == frames.encode(frames.PONG, b"p")


def test_a_close_is_answered_and_is_the_last() -> None:
    echo = Echo()
    sent = frames.encode(frames.CLOSE, b"\x03\xe8", MASK) + frames.encode(frames.TEXT, b"late", MASK)
    assert echo.answer(sent) == frames.encode(frames.CLOSE, b"\x03\xe8")
    assert echo.closed
