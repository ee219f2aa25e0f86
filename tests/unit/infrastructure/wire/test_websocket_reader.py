"""What a target may send, and what not (RFC 6455 section 5), against the `websockets` package too (A-16)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from app.infrastructure.wire.websocket_frames import FrameError, encode, encode_plain
from app.infrastructure.wire.websocket_reader import FrameReader

LIMIT = 1000


def _frame(opcode: int, payload: bytes = b"", fin: bool = True, rsv: int = 0) -> bytes:
    length = len(payload)
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if length < 126:
        return head + bytes([length]) + payload
    if length < 65536:
        return head + b"\x7e" + length.to_bytes(2, "big") + payload
    return head + b"\x7f" + length.to_bytes(8, "big") + payload


def _read(*pieces: bytes, limit: int = LIMIT) -> FrameReader:
    reader = FrameReader(limit)
    for piece in pieces:
        reader.feed(piece)
    return reader


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_message_is_what_it_is_whole_and_in_pieces(size: int) -> None:
    data = _frame(2, b"x" * size) + _frame(1, "€".encode() * (size // 3))
    expected = [b"x" * size, "€" * (size // 3)]
    assert list(_read(data, limit=size or 1).messages) == expected
    pieces = [data[start : start + 7919] for start in range(0, len(data), 7919)]
    assert list(_read(*pieces, limit=size or 1).messages) == expected


def test_one_frame_alone_and_byte_by_byte() -> None:
    for data, expected in ((_frame(1, b"hi"), "hi"), (_frame(2, b"x" * 126), b"x" * 126), (_frame(1), "")):
        assert list(_read(data).messages) == [expected]
        assert list(_read(*(bytes([byte]) for byte in data)).messages) == [expected]


def test_control_frames_may_come_between_fragments() -> None:
    reader = _read(_frame(1, b"\xe2", fin=False), _frame(9, b"p"), _frame(0, b"\x82", fin=False), _frame(0, b"\xac"))
    assert list(reader.messages) == ["€"]
    assert [(control.opcode, control.payload) for control in reader.controls] == [(9, b"p")]


def test_nothing_counts_after_a_close_frame_not_even_within_a_message() -> None:
    reader = _read(_frame(1, b"half", fin=False), _frame(8, b"\x03\xe8") + _frame(2, b"late") + b"\xff", b"\xff\xff")
    assert not reader.messages
    assert [(control.opcode, control.payload) for control in reader.controls] == [(8, b"\x03\xe8")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x82\x7f\x80" + b"\x00" * 7, "length beyond 63 bits"),
        (_frame(3), "invalid opcode"),
        (_frame(7), "invalid opcode"),
        (_frame(11), "invalid opcode"),
        (_frame(15), "invalid opcode"),
        (_frame(2, rsv=4), "reserved bits must be 0"),
        (_frame(9, rsv=1), "reserved bits must be 0"),
        (b"\x82\x81\x00\x00\x00\x00x", "incorrect masking"),
        (_frame(9, b"x" * 126), "control frame too long"),
        (_frame(9, fin=False), "fragmented control frame"),
        (_frame(0, b"x"), "unexpected continuation frame"),
        (_frame(1, fin=False) + _frame(1), "expected a continuation frame"),
        (_frame(2, fin=False) + _frame(2, b"x"), "expected a continuation frame"),
    ],
)
def test_a_breach_of_the_protocol_is_1002(data: bytes, reason: str) -> None:
    for pieces in ([data], [bytes([byte]) for byte in data]):
        with pytest.raises(FrameError) as caught:
            _read(_frame(2, b"before"), *pieces)
        assert (caught.value.code, caught.value.reason) == (1002, reason)


@pytest.mark.parametrize("data", [b"\xff", "€".encode()[:2], b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_text_that_is_no_utf8_is_1007(data: bytes) -> None:
    for pieces in ([_frame(1, data)], [_frame(1, data[:1], fin=False), _frame(0, data[1:])]):
        with pytest.raises(FrameError) as caught:
            _read(*pieces)
        assert caught.value.code == 1007


@pytest.mark.parametrize(
    "data",
    [
        _frame(2, b"x" * (LIMIT + 1)),
        _frame(2, b"x" * (LIMIT + 1))[:4],
        b"\x82\x7f\x7f" + b"\xff" * 7,
        _frame(2, b"x" * LIMIT, fin=False) + _frame(0, b"y"),
    ],
)
def test_a16_what_is_too_large_is_1009_as_soon_as_its_length_is_known(data: bytes) -> None:
    with pytest.raises(FrameError) as caught:
        _read(data)
    assert caught.value.code == 1009


def test_a_full_message_leaves_room_for_a_ping_within_it() -> None:
    reader = _read(_frame(2, b"x" * LIMIT, fin=False), _frame(9, b"p" * 125), _frame(0))
    assert list(reader.messages) == [b"x" * LIMIT]


def test_what_came_before_a_breach_is_there() -> None:
    reader = FrameReader(LIMIT)
    with pytest.raises(FrameError):
        reader.feed(_frame(2, b"before") + _frame(9) + _frame(3))
    assert list(reader.messages) == [b"before"]
    assert len(reader.controls) == 1
    reader.stop()
    reader.feed(_frame(2, b"after"))
    assert list(reader.messages) == [b"before"]


_FRAMES = st.builds(
    _frame,
    st.sampled_from([0, 0, 1, 2, 9, 10, 3, 8]),
    st.binary(max_size=200) | st.text(max_size=60).map(str.encode),
    st.booleans(),
    st.sampled_from([0, 0, 0, 0, 0, 1]),
)


def _peers_view(data: bytes) -> tuple[list[str | bytes], str]:
    """The messages that the package reads, and the kind of its end."""
    package = Protocol(Side.CLIENT, state=State.OPEN, max_size=LIMIT)
    package.receive_data(data)
    messages: list[str | bytes] = []
    opcode, parts = Opcode.CONT, b""
    for frame in package.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            opcode = frame.opcode if frame.opcode is not Opcode.CONT else opcode
            parts += bytes(frame.data)
            if frame.fin:
                try:
                    messages.append(parts.decode() if opcode is Opcode.TEXT else parts)
                except UnicodeDecodeError:
                    return messages, "1007"
                parts = b""
    if isinstance(package.parser_exc, ProtocolError):
        return messages, "1002"
    if isinstance(package.parser_exc, PayloadTooBig):
        return messages, "1009"
    return messages, ""


@given(st.lists(_FRAMES, max_size=8).filter(lambda frames: not any(frame[0] & 15 == 8 for frame in frames)), st.data())
def test_any_stream_is_read_as_the_package_reads_it(frames: list[bytes], draw: st.DataObject) -> None:
    data = b"".join(frames)
    size = draw.draw(st.integers(1, max(1, len(data))))
    reader, end = FrameReader(LIMIT), ""
    try:
        for start in range(0, len(data), size):
            reader.feed(data[start : start + size])
    except FrameError as error:
        end = str(error.code)
    assert (list(reader.messages), end) == _peers_view(data)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
@pytest.mark.parametrize("step", [1_000_000, 7919])
def test_a_clients_frames_are_unmasked(size: int, step: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    data = encode(2, payload[:size]) + encode(1, "€".encode() * (size // 3)) + encode(9, b"ping")
    reader = FrameReader(size or 1, masked=True)
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    assert list(reader.messages) == [payload[:size], "€" * (size // 3)]
    assert [(control.opcode, control.payload) for control in reader.controls] == [(9, b"ping")]


def test_a_client_must_mask() -> None:
    with pytest.raises(FrameError) as caught:
        FrameReader(LIMIT, masked=True).feed(_frame(1, b"hi"))
    assert (caught.value.code, caught.value.reason) == (1002, "incorrect masking")


@pytest.mark.parametrize("masked", [False, True])
def test_one_short_message_and_nothing_else_is_taken_as_it_is(masked: bool) -> None:
    write = encode if masked else encode_plain
    for size in (0, 125, 126, LIMIT):
        assert FrameReader(LIMIT, masked=masked).whole(write(2, b"x" * size)) == b"x" * size
    others = [write(2, b"x" * (LIMIT + 1)), write(9, b""), write(2, b"ab") + b"\x82", write(2, b"ab")[:-1], b"\x82"]
    assert [FrameReader(LIMIT, masked=masked).whole(data) for data in others] == [None] * len(others)
    begun = FrameReader(LIMIT, masked=masked)
    begun.feed(write(2, b"ab")[:-1])
    assert begun.whole(write(2, b"ab")) is None
