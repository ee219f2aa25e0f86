"""Takes what a client sends over HTTP/2 apart into frames, and each to whom it is for. Not for streams (http2_streams).

A field block is bounded in its bytes and frames (A-11).
"""

from typing import Final

from app.infrastructure.downstream.hpack_decoder import HeaderDecoder
from app.infrastructure.downstream.hpack_errors import HeaderListTooLarge, HpackError
from app.infrastructure.downstream.http2_controls import Http2Controls
from app.infrastructure.downstream.http2_frames import (
    ACK,
    COMPRESSION_ERROR,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    FRAME_HEAD,
    FRAME_SIZE_ERROR,
    GOAWAY,
    HEADERS,
    MAX_FRAME,
    PADDED,
    PING,
    PREFACE,
    PRIORITIZED,
    PRIORITY,
    PROTOCOL_ERROR,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Http2Error,
    StreamError,
    check_dependency,
    unpadded,
)
from app.infrastructure.downstream.http2_settings import TABLE
from app.infrastructure.downstream.site import Limits, Site

MAX_CONTINUATIONS: Final = 64
MOST_OF_A_BLOCK: Final = 4
"""How many times as large as the fields of a head a block may be before nobody decodes it."""
_STREAMLESS: Final = frozenset({SETTINGS, PING, GOAWAY})
_OF_STREAMS: Final = frozenset({DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION})


def max_list(limits: Limits) -> int:
    """Bytes of the fields of a head, each with the 32 that RFC 9113 section 6.5.2 adds; the application is stricter."""
    return limits.max_head + 32 * limits.max_headers


class FrameReader(Http2Controls):
    """Raises Http2Error for what ends the connection."""

    __slots__ = ("_block", "_block_ends", "_block_frames", "_block_of", "_block_size", "_decoder")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._decoder = HeaderDecoder(TABLE, max_list(site.limits))
        self._block: list[bytes] = []
        self._block_of = 0
        """The stream whose field block goes on; 0 for none."""
        self._block_ends = False
        self._block_size = 0
        self._block_frames = 0

    def block_open(self) -> bool:
        """Whether CONTINUATION must come."""
        return self._block_of != 0

    def preface(self, data: bytes) -> bytes | None:
        """What is after the preface; None while it is not whole (RFC 9113 section 3.4)."""
        if data.startswith(PREFACE):
            return data[len(PREFACE) :]
        if not PREFACE.startswith(data):
            raise Http2Error(PROTOCOL_ERROR, "the preface is none")
        return None

    def frames(self, data: bytes) -> bytes:
        """Take every whole frame; what is left."""
        at = 0
        end = len(data)
        while end - at >= FRAME_HEAD:
            size = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
            if size > MAX_FRAME:
                raise Http2Error(FRAME_SIZE_ERROR, "a frame larger than was allowed")
            start = at + FRAME_HEAD
            at_end = start + size
            if at_end > end:
                break
            number = (data[at + 5] & 0x7F) << 24 | data[at + 6] << 16 | data[at + 7] << 8 | data[at + 8]
            try:
                self._frame(data[at + 3], data[at + 4], number, data[start:at_end])
            except StreamError as error:
                self.reset(error.stream, error.code)
            at = at_end
        return data[at:] if at else data

    def _frame(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        if self._block_of and (kind != CONTINUATION or number != self._block_of):
            raise Http2Error(PROTOCOL_ERROR, "a field block goes on, and this is no part of it")
        if not self.greeted and (kind != SETTINGS or flags & ACK):
            raise Http2Error(PROTOCOL_ERROR, "the first frame is SETTINGS")
        if (number == 0 and kind in _OF_STREAMS) or (number and kind in _STREAMLESS):
            raise Http2Error(PROTOCOL_ERROR, "a frame of the wrong stream")
        if kind == HEADERS:
            self._headers(flags, number, payload)
        elif kind == DATA:
            self._data(flags, number, payload)
        elif kind == WINDOW_UPDATE:
            self.take_window(number, payload)
        elif kind == CONTINUATION:
            self._continuation(flags, payload)
        else:
            self.take_control(kind, flags, number, payload)

    def _headers(self, flags: int, number: int, payload: bytes) -> None:
        self.check_head(number)
        block = unpadded(payload, flags) if flags & PADDED else payload
        if flags & PRIORITIZED:
            check_dependency(block, number)
            block = block[5:]
        if flags & END_HEADERS:
            self._fields(number, block, ended=flags & END_STREAM != 0)
            return
        self._block_of = number
        self._block_ends = flags & END_STREAM != 0
        self._block.append(block)
        self._block_size = len(block)
        self._block_frames = 0

    def _continuation(self, flags: int, payload: bytes) -> None:
        number = self._block_of
        if not number:
            raise Http2Error(PROTOCOL_ERROR, "CONTINUATION of nothing")
        self._block.append(payload)
        self._block_size += len(payload)
        self._block_frames += 1
        if self._block_frames > MAX_CONTINUATIONS or self._block_size > MOST_OF_A_BLOCK * self.site.limits.max_head:
            raise Http2Error(ENHANCE_YOUR_CALM, "a field block without end")
        if flags & END_HEADERS:
            block = b"".join(self._block)
            self._block.clear()
            self._block_of = 0
            self._fields(number, block, ended=self._block_ends)

    def _fields(self, number: int, block: bytes, *, ended: bool) -> None:
        """Every block is decoded, whatever becomes of its stream: the table of the next ones depends on it."""
        try:
            fields = self._decoder.decode(block)
        except HpackError:
            raise Http2Error(COMPRESSION_ERROR, "a field block that is not sound") from None
        except HeaderListTooLarge:
            self.take_head(number, None, ended=ended)
        else:
            self.take_head(number, fields, ended=ended)

    def _data(self, flags: int, number: int, payload: bytes) -> None:
        data = unpadded(payload, flags) if flags & PADDED else payload
        ended = flags & END_STREAM != 0
        if not data and not ended:
            self.idle_frame()
        self.take_data(number, data, len(payload) - len(data), ended=ended)
