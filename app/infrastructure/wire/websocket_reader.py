"""Reads frames: bytes in, messages and control frames out. Not for sockets, time or closing handshakes."""

from collections import deque
from typing import Final

from app.domain.policies.websocket import INVALID_DATA, PROTOCOL_ERROR, TOO_BIG
from app.infrastructure.wire.websocket_frames import (
    BINARY,
    CLOSE,
    FINAL,
    MASKED,
    MAX_CONTROL,
    PONG,
    RESERVED,
    TEXT,
    FrameError,
    apply_mask,
)

_LENGTH: Final = 0x7F
_MASK: Final = 4
"""Bytes of a mask."""


class Control:
    """A control frame as it came."""

    __slots__ = ("opcode", "payload")

    def __init__(self, opcode: int, payload: bytes) -> None:
        self.opcode = opcode
        self.payload = payload


class FrameReader:
    """Collects whole messages in `messages` and control frames in `controls`; takes nothing after a close frame."""

    __slots__ = ("_buffer", "_closed", "_masked", "_max_message", "_opcode", "_parts", "controls", "messages")

    def __init__(self, max_message: int, *, masked: bool = False) -> None:
        """`max_message` in bytes, of all fragments together; `masked` is what the frames of a client must be."""
        self.messages: deque[str | bytes] = deque()
        self.controls: list[Control] = []
        self._max_message = max_message
        self._masked = MASKED if masked else 0
        self._buffer = bytearray()
        """The beginning of a frame."""
        self._parts = bytearray()
        """The fragments of a message so far."""
        self._opcode = 0
        """What that message is; 0 when there is none."""
        self._closed = False

    def feed(self, data: bytes) -> None:
        """Read a piece. Raises FrameError: 1002, 1007 for text that is no UTF-8, 1009 for what is too large."""
        if self._closed:
            return
        buffer = self._buffer
        if not buffer:
            payload = self.whole(data)
            if payload is not None:
                self._message(data[0] & 0x0F, payload)
                return
            taken = self._frames(memoryview(data))
            if taken < len(data):
                buffer += data[taken:]
            return
        buffer += data
        with memoryview(buffer) as view:
            taken = self._frames(view)
        if taken:
            del buffer[:taken]

    def stop(self) -> None:
        """Take nothing more."""
        self._closed = True
        self._buffer, self._parts = bytearray(), bytearray()

    def whole(self, data: bytes) -> bytes | None:
        """The payload when `data` is one whole message in one short frame, and nothing else: the way of most messages.

        Its opcode is in the first byte; whether text is UTF-8 is not looked at."""
        size = len(data)
        if size < 2 or self._opcode or self._closed or self._buffer:
            return None
        first = data[0]
        length = data[1] ^ self._masked
        head = 2
        if first not in (FINAL | TEXT, FINAL | BINARY):
            return None
        if length == 126 and size >= 4:
            length = data[2] << 8 | data[3]
            head = 4
        elif length > MAX_CONTROL:
            return None
        body = head + _MASK if self._masked else head
        if size != body + length or length > self._max_message:
            return None
        if self._masked:
            return apply_mask(data[body:], data[head:body])
        return data[head:]

    def _frames(self, view: memoryview) -> int:
        """Take every whole frame; the bytes taken."""
        start = 0
        while not self._closed:
            size = self._frame(view, start)
            if not size:
                return start
            start += size
        return len(view)

    def _frame(self, view: memoryview, start: int) -> int:
        """Take the frame at `start`; its size, or 0 when it is not all here. What is wrong is said at its head."""
        here = len(view) - start
        if here < 2:
            return 0
        first: int = view[start]
        length: int = view[start + 1]
        self._check(first, length)
        length &= _LENGTH
        head = 2
        if length > MAX_CONTROL:
            head = 4 if length == 126 else 10
            if here < head:
                return 0
            length = int.from_bytes(view[start + 2 : start + head], "big")
            if length >> 63:
                raise FrameError(PROTOCOL_ERROR, "length beyond 63 bits")
        if first & 0x0F < CLOSE and length > self._max_message - len(self._parts):
            raise FrameError(TOO_BIG, f"message larger than {self._max_message} bytes")
        body = head + _MASK if self._masked else head
        if here < body + length:
            return 0
        payload: bytes | memoryview = view[start + body : start + body + length]
        if self._masked:
            payload = apply_mask(bytes(payload), bytes(view[start + head : start + body]))
        self._take(first & 0x0F, bool(first & FINAL), bytes(payload))
        return body + length

    def _check(self, first: int, second: int) -> None:
        """Whether a frame may begin with these bytes now. Raises FrameError."""
        opcode = first & 0x0F
        if first & RESERVED:
            raise FrameError(PROTOCOL_ERROR, "reserved bits must be 0")
        if opcode > PONG or BINARY < opcode < CLOSE:
            raise FrameError(PROTOCOL_ERROR, "invalid opcode")
        if second & MASKED != self._masked:
            raise FrameError(PROTOCOL_ERROR, "incorrect masking")
        if opcode < CLOSE:
            if bool(opcode) is bool(self._opcode):
                what = "expected a continuation frame" if opcode else "unexpected continuation frame"
                raise FrameError(PROTOCOL_ERROR, what)
        elif second & _LENGTH > MAX_CONTROL:
            raise FrameError(PROTOCOL_ERROR, "control frame too long")
        elif not first & FINAL:
            raise FrameError(PROTOCOL_ERROR, "fragmented control frame")

    def _take(self, opcode: int, final: bool, payload: bytes) -> None:
        if opcode >= CLOSE:
            self.controls.append(Control(opcode, payload))
            # A close frame may come within a message, whose rest then never comes (RFC 6455 section 5.4).
            self._closed = opcode == CLOSE
        elif final and not self._opcode:
            self._message(opcode, payload)
        else:
            self._opcode = self._opcode or opcode
            self._parts += payload
            if final:
                whole, opcode = bytes(self._parts), self._opcode
                self._parts, self._opcode = bytearray(), 0
                self._message(opcode, whole)

    def _message(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            self.messages.append(payload)
            return
        try:
            self.messages.append(payload.decode())
        except UnicodeDecodeError as error:
            raise FrameError(INVALID_DATA, f"{error.reason} at position {error.start}") from None
