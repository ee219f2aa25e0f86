"""Reads the responses of one HTTP/1.1 connection with llhttp, strictly. No socket, no time: bytes in, attributes out.

llhttp refuses by itself: obs-fold, bare LF or CR, controls, both framing fields, repeated or odd Content-Length, odd
sizes of chunks, bytes after `Connection: close` (P-12, P-22, P-23, P-31, P-32). Here is what it leaves to its user.
"""

from typing import Final

import httptools

from app.domain.entities.headers import Headers
from app.domain.errors import MalformedResponse

MAX_INTERIM: Final = 16
"""How many 1xx answers a target may send before the final one (P-28)."""
_VERSIONS: Final = frozenset({"1.1", "1.0"})


class _Refused(Exception):
    """Stops the parser from inside a callback; the reason is kept by the reader."""


class ResponseReader:
    """Call `expect` for each request, `feed` for each piece of the answer; then look at the attributes."""

    def __init__(self, head_limit: int) -> None:
        self._head_limit = head_limit
        self._parser = httptools.HttpResponseParser(self)
        self.done = True
        self.dirty = False
        """Whether bytes came that belong to no answer we asked for: the connection must not be used again."""
        self._reset(head_only=False)

    def expect(self, method: str) -> None:
        """Get ready for the answer to a request with `method`."""
        if self._head_only:
            self._parser = httptools.HttpResponseParser(self)
        self._reset(head_only=method == "HEAD")
        self.done = False

    def _reset(self, *, head_only: bool) -> None:
        self._head_only = head_only
        self.started = False
        """Whether any byte of the answer is here."""
        self.head_done = False
        self.status = 0
        self.headers: Headers = []
        self.trailers: Headers = []
        self.chunks: list[bytes] = []
        """Body bytes that nobody has taken yet."""
        self.interim: list[tuple[int, Headers]] = []
        """1xx answers that nobody has taken yet."""
        self.keep_alive = False
        self._interim_count = 0
        self._raw_head = 0
        self._bare = 0
        """Bytes since the last part of the body."""
        self._framed = False
        self._chunked = False
        self._ahead = 0
        """Bytes of a body that still come, and go round the parser."""
        self._refusal = ""

    def feed(self, data: bytes) -> None:
        """Read a piece. Raises MalformedResponse; what was complete before the mistake stays valid."""
        if self._ahead:
            self._go_round(data)
            return
        if self.done:
            self.dirty = True
            return
        self.started = True
        taken = len(self.chunks) if self.head_done else -1
        if taken < 0:
            self._raw_head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.on_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._on_mistake(error)
        if not self.done:
            self._check_size(len(data), taken)
            if taken < 0 and self.head_done and self._framed and not self._chunked:
                length = next(int(value) for name, value in self.headers if name == b"content-length")
                self._ahead = length - sum(map(len, self.chunks))
                self.keep_alive = self._parser.should_keep_alive()

    def _go_round(self, data: bytes) -> None:
        """Take the rest of a body whose length is known as it came: the parser would only count it, and copy it."""
        self._ahead -= len(data)
        self.chunks.append(data if self._ahead >= 0 else data[: self._ahead])
        if self._ahead <= 0:
            self.dirty = self._ahead < 0
            self._ahead = 0
            self.done = True
            self._parser = httptools.HttpResponseParser(self)  # the old one waits for the body in vain

    def _check_size(self, size: int, taken: int) -> None:
        """Bound what the parser would take without end: heads, and what frames a body (chunk sizes, trailers)."""
        if not self.head_done:
            if self._raw_head > self._head_limit:
                raise MalformedResponse(self._too_large())
        elif taken >= 0:
            self._bare = self._bare + size if len(self.chunks) == taken else 0
            if self._bare > self._head_limit:
                raise MalformedResponse(f"more than {self._head_limit} bytes of chunk sizes or trailer fields in a row")

    def take_interim(self) -> list[tuple[int, Headers]]:
        """The 1xx answers that nobody has taken yet."""
        interim, self.interim = self.interim, []
        return interim

    def _on_mistake(self, error: httptools.HttpParserError) -> None:
        if not self.done:
            raise MalformedResponse(self._refusal or f"the target's answer breaks HTTP/1.1: {error}") from None
        self.dirty = True

    def end(self) -> bool:
        """The target closed the connection: whether the answer is complete all the same (RFC 9112 section 6.3)."""
        if self.head_done and not self._framed and not self.done:
            self.done = True
        return self.done

    def on_upgrade(self, rest: bytes) -> None:
        """The target switched protocols; `rest` came after its answer. Only a WebSocket handshake asks for this."""
        raise MalformedResponse("the target switched protocols without being asked (101)")

    def on_message_begin(self) -> None:
        if self.done:
            self.dirty = True
            raise _Refused
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if self.done:
            return
        if self.head_done:
            self.trailers.append((name, value.rstrip()))
            return
        if name == b"transfer-encoding":
            if value.strip().lower() != b"chunked" or self._chunked:
                self._refuse(f"transfer-encoding {value.decode('latin-1')!r} is not supported")
            self._framed = self._chunked = True
        elif name == b"content-length":
            self._framed = True
        self.headers.append((name, value.rstrip()))

    def on_headers_complete(self) -> None:
        if self.head_done or self.done:
            return
        status = self._parser.get_status_code()
        version = self._parser.get_http_version()
        if not 100 <= status <= 599:
            self._refuse(f"status {status} is outside 100-599")
        if version not in _VERSIONS or (self._chunked and version == "1.0"):
            self._refuse(f"HTTP/{version} with these fields is not supported")
        if self._raw_head > self._head_limit and self._head_size() > self._head_limit:
            self._refuse(self._too_large())
        if status < 200:
            self._on_interim(status)
            return
        self.status = status
        self.head_done = True
        if self._head_only:
            self.keep_alive = version == "1.1" and not self._says_close()
            self.done = True

    def on_body(self, chunk: bytes) -> None:
        if self.done:
            self.dirty = True
        else:
            self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        if self.head_done and not self.done:
            self.keep_alive = self._parser.should_keep_alive()
            self.done = True

    def _on_interim(self, status: int) -> None:
        self._interim_count += 1
        if self._interim_count > MAX_INTERIM:
            self._refuse(f"more than {MAX_INTERIM} interim answers")
        if self._framed:
            self._refuse(f"interim answer {status} with a body")
        self.interim.append((status, self.headers))

    def _head_size(self) -> int:
        return sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _says_close(self) -> bool:
        return any(name == b"connection" and b"close" in value.lower() for name, value in self.headers)

    def _too_large(self) -> str:
        return f"the head of the target's answer is larger than {self._head_limit} bytes"

    def _refuse(self, reason: str) -> None:
        self._refusal = reason
        raise _Refused(reason)
