"""Bytes of frames."""

import pytest

from app.infrastructure.downstream.http2_frames import (
    PADDED,
    Http2Error,
    StreamError,
    check_dependency,
    frame,
    frame_head,
    goaway_frame,
    head_frames,
    reset_frame,
    unpadded,
    update_frame,
)
from tests import h2_frames as right


def test_frames() -> None:
    assert frame(0x16, 0x5, 2**31 - 1, b"abc") == right.frame(0x16, 2**31 - 1, b"abc", 0x5)
    assert frame_head(2**24 - 1, 0, 1, 3) == b"\xff\xff\xff\0\x01\0\0\0\x03"
    assert reset_frame(3, 8) == right.reset(3)
    assert update_frame(0, 65535) == right.update(0, 65535)
    assert goaway_frame(5, 1, "why") == right.frame(right.GOAWAY, 0, b"\0\0\0\x05\0\0\0\x01why")


def test_a_block_goes_on_in_as_many_frames_as_it_takes() -> None:
    assert head_frames(1, b"abc", 3, ended=True) == right.frame(right.HEADERS, 1, b"abc", 0x5)
    assert head_frames(1, b"abcdefg", 3, ended=False) == b"".join((
        right.frame(right.HEADERS, 1, b"abc"),
        right.frame(right.CONTINUATION, 1, b"def"),
        right.frame(right.CONTINUATION, 1, b"g", 0x4),
    ))  # fmt: skip


def test_padding() -> None:
    assert unpadded(b"abc", 0) == b"abc"
    assert unpadded(b"\x01abc", PADDED) == b"ab"
    assert unpadded(b"\x03abc", PADDED) == b""
    for payload in (b"", b"\x04abc"):
        with pytest.raises(Http2Error):
            unpadded(payload, PADDED)


def test_dependencies() -> None:
    check_dependency(b"\x80\0\0\x03\0", 1)
    for payload in (b"\0\0\0\x03", b"\x80\0\0\x01\0"):
        with pytest.raises(Http2Error):
            check_dependency(payload, 1)


def test_errors_say_what_they_are_about() -> None:
    error = StreamError(3, 1)
    assert (error.stream, error.code) == (3, 1)
