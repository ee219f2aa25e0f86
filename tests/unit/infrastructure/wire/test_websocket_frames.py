"""Frames as a client writes them, and the payload of close frames (RFC 6455 sections 5.2, 5.3, 5.5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close

from app.infrastructure.wire.websocket_frames import (
    BINARY,
    TEXT,
    FrameError,
    close_payload,
    encode,
    encode_plain,
    is_text,
    parse_close,
)


def _unmask(frame: bytes, head: int) -> bytes:
    mask, payload = frame[head : head + 4], frame[head + 4 :]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x82\x80"), (125, b"\x82\xfd"), (126, b"\x82\xfe\x00\x7e"), (65535, b"\x82\xfe\xff\xff"),
        (65536, b"\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)  # fmt: skip
def test_lengths_are_written_in_the_shortest_form(size: int, head: bytes) -> None:
    frame = encode(BINARY, b"x" * size)
    assert frame.startswith(head)
    assert _unmask(frame, len(head)) == b"x" * size


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_servers_frames_differ_by_the_mask_alone(size: int) -> None:
    payload = b"x" * size
    masked, plain = encode(TEXT, payload), encode_plain(TEXT, payload)
    head = len(plain) - size
    assert plain == masked[:1] + bytes((masked[1] & 0x7F,)) + masked[2:head] + payload


@pytest.mark.parametrize(("payload", "text"), [(b"", True), (b"a", True), ("€".encode(), True), (b"\xe2\x82", False)])
def test_text_is_utf_8(payload: bytes, text: bool) -> None:
    assert is_text(payload) is text


def test_each_frame_has_a_mask_of_its_own() -> None:
    masks = {encode(BINARY, b"")[2:6] for _ in range(2000)}
    assert len(masks) > 1990
    assert all(len(mask) == 4 for mask in masks)


@pytest.mark.parametrize(
    ("code", "reason", "payload"),
    [(1005, "", b""), (1000, "bye", b"\x03\xe8bye"), (4000, "€" * 100, b"\x0f\xa0" + "€".encode() * 41)],
)
def test_close_payloads(code: int, reason: str, payload: bytes) -> None:
    assert close_payload(code, reason) == payload
    assert parse_close(payload)[0] == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"\x03", 1002), (b"\x03\xe7", 1002), (b"\x03\xed", 1002), (b"\x13\x88", 1002), (b"\x03\xe8\xff", 1007)],
)
def test_close_payloads_that_break_the_rules(payload: bytes, code: int) -> None:
    with pytest.raises(FrameError) as caught:
        parse_close(payload)
    assert caught.value.code == code


@given(st.integers(0, 65535), st.text(max_size=30))
def test_codes_are_believed_as_the_package_believes_them(code: int, reason: str) -> None:
    payload = code.to_bytes(2, "big") + reason.encode()
    try:
        Close.parse(payload)
    except Exception:
        with pytest.raises(FrameError):
            parse_close(payload)
    else:
        assert parse_close(payload) == (code, reason)
