"""Reads the requests of one HTTP/1 connection out of its bytes: head, body, head, ... Does no I/O, and answers nothing.

What it says of a stream does not depend on how that is cut into pieces.
"""

from typing import Final

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_chunks import ChunkReader
from app.infrastructure.downstream.http1_fields import fields_too_large
from app.infrastructure.downstream.http1_head import check_lines, guess_head, parse_head
from app.infrastructure.downstream.request_head import UNTIL_END, RequestHead

_CR: Final = 13
_MOST_EMPTY_LINES: Final = 4
"""Before a request line: some clients send one after a body (RFC 9112 section 2.2)."""


class RequestReader:
    """Of no use any more once it has raised."""

    __slots__ = (
        "_at", "_checked", "_chunks", "_data", "_empty_lines", "_later", "_left", "_line", "_max_head", "_max_headers",
        "_waiting", "ended", "refused",
    )  # fmt: skip

    def __init__(self, max_head: int, max_headers: int) -> None:
        self._max_head = max_head
        """Bytes of a head from the request line to the empty line, and of the trailers of a body."""
        self._max_headers = max_headers
        self._data = b""
        self._at = 0
        """What precedes it in `_data` was read."""
        self._later: list[bytes] = []
        """What came after `_data`."""
        self._waiting = 0
        """Bytes in `_later`."""
        self._checked = 0
        """Bytes of a head that is not whole: its lines up to there are good."""
        self._line = 0
        """How many lines that are."""
        self._empty_lines = 0
        self._left = 0
        """Bytes of the body that have not been handed out, when Content-Length told."""
        self._chunks: ChunkReader | None = None
        self.ended = True
        """Whether the body of the current request is whole, so that the next head may be asked for."""
        self.refused = RequestHead("GET", b"/", "1.1", [])
        """What can be told of the head that was refused."""

    @property
    def buffered(self) -> int:
        """Bytes that nothing was made of yet."""
        return len(self._data) - self._at + self._waiting

    @property
    def started(self) -> bool:
        """Whether the beginning of a head is here that is not whole."""
        return self.ended and self.buffered > 0

    def feed(self, data: bytes) -> None:
        """Bytes came."""
        if self._at >= len(self._data) and not self._later:
            self._data = data
            self._at = 0
        elif data:
            self._later.append(data)
            self._waiting += len(data)

    def head(self) -> RequestHead | None:
        """The next head; None when it is not whole. To be asked for when `ended`.

        Raises DownstreamError as soon as what is here can be no part of a good one; then `refused` is set."""
        if self._later:
            self._gather()
        try:
            return self._read_head()
        except DownstreamError:
            self.refused = guess_head(self._data, self._at, self._at + self._max_head)
            raise

    def body(self) -> bytes:
        """The next piece of the body, as it came where that is possible; b"" when none is here or it is whole.

        Raises DownstreamError for chunks that are none."""
        if self.ended:
            return b""
        if self._at >= len(self._data):
            self._gather()
        if self._chunks is not None:
            return self._read_chunks(self._chunks)
        data = self._data
        at = self._at
        left = self._left
        size = min(len(data) - at, left)
        self._take(at + size)
        self._left = left - size
        self.ended = size == left
        return data if size == len(data) else data[at : at + size]

    def rest(self) -> bytes:
        """All that came and was not read, which is no business of HTTP/1 any more."""
        self._gather()
        rest = self._data[self._at :]
        self._data = b""
        self._at = 0
        return rest

    def _take(self, until: int) -> None:
        """What precedes `until` was read. An idle connection keeps nothing."""
        if until == len(self._data):
            self._data = b""
            self._at = 0
        else:
            self._at = until

    def _gather(self) -> None:
        """Make one piece of what is unread. It is the one that came, when only that is."""
        later = self._later
        if self._at < len(self._data):
            later.insert(0, self._data[self._at :])
        self._data = later[0] if len(later) == 1 else b"".join(later)
        self._at = 0
        self._waiting = 0
        later.clear()

    def _read_head(self) -> RequestHead | None:
        data = self._data
        at = self._at
        if at < len(data) and data[at] == _CR and not self._checked:
            at = self._skip_empty_lines()
        end = data.find(b"\r\n\r\n", at + max(self._checked - 2, 0), at + self._max_head)
        if end < 0:
            self._look_at_part(data, at)
            return None
        head = parse_head(data[at:end], self._max_headers)
        self._take(end + 4)
        self._checked = self._line = self._empty_lines = 0
        length = head.length
        if length:
            self.ended = False
            if length == UNTIL_END:
                self._chunks = ChunkReader(self._max_head, self._max_headers)
            else:
                self._left = length
        return head

    def _skip_empty_lines(self) -> int:
        while self._data.startswith(b"\r\n", self._at):
            if self._empty_lines == _MOST_EMPTY_LINES:
                raise DownstreamError("too many empty lines before a request", code="bad_request", close=True)
            self._empty_lines += 1
            self._at += 2
        return self._at

    def _look_at_part(self, data: bytes, at: int) -> None:
        """Raises DownstreamError when the head that begins at `at` can become no good one."""
        most = self._max_head
        size = len(data) - at
        after, self._line = check_lines(data, at + self._checked, at + min(size, most), self._line, self._max_headers)
        self._checked = after - at
        if size < most:
            return
        if self._line == 0:
            raise DownstreamError(
                f"the target is longer than {most} bytes",
                status=414, code="target_too_long", title="URI too long", close=True,
            )  # fmt: skip
        raise fields_too_large(f"a head of more than {most} bytes")

    def _read_chunks(self, chunks: ChunkReader) -> bytes:
        while True:
            piece = chunks.read(self._data, self._at)
            self._take(chunks.at)
            if chunks.ended:
                self.ended = True
                self._chunks = None
            elif not piece and self._later:
                self._gather()
                continue
            return piece
