"""One exchange over HTTP/1: writes the answer, asks for the body. Not for what comes before or after it."""

import asyncio
from typing import Final

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.cycle import Cycle
from app.infrastructure.downstream.http1_answer import (
    CHUNKED,
    CONTINUE,
    LAST_CHUNK,
    LENGTH,
    NO_BODY,
    UNTIL_CLOSE,
    AnswerHead,
    trailer_section,
)
from app.infrastructure.downstream.http1_line import Line
from app.infrastructure.downstream.request_head import RequestHead

_BIG: Final = 16 * 1024
"""Bytes from which on copying a body into one piece with what frames it costs more than another write."""


class Http1Cycle(Cycle):
    """`close` tells, when it is over, whether the connection must end."""

    __slots__ = ("_answer", "_head", "_left", "_line", "_owed_continue", "close")

    def __init__(self, line: Line, head: RequestHead, *, close: bool) -> None:
        super().__init__(line.site)
        self._line = line
        self._head = head
        self._owed_continue = head.expects
        """Whether the client waits for 100 Continue."""
        self._answer: AnswerHead | None = None
        self._left = 0
        """Bytes of the body that Content-Length still promises."""
        self.close = close

    def write_head(self, status: int, headers: Headers) -> None:
        """See Cycle."""
        data = self._encode(status, headers, -1)
        answer = self._answer
        if answer is not None and answer.framing == LENGTH:
            self._left = answer.length
        self._line.transport.write(data)

    def write_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """See Cycle. Whatever Content-Length an answer to HEAD names, it has no body."""
        data = self._encode(status, headers, len(body))
        answer = self._answer
        if answer is not None and answer.framing != NO_BODY and body:
            if len(body) >= _BIG:
                self._line.transport.write(data)
                data = body
            else:
                data += body
        self._line.transport.write(data)

    def write_body(self, data: bytes, *, more: bool) -> None:
        """See Cycle. More bytes than Content-Length promised are a mistake of the application."""
        answer = self._answer
        framing = NO_BODY if answer is None else answer.framing
        last = not more and not self.trailers
        if framing == LENGTH:
            self._left -= len(data)
            if self._left < 0:
                raise RuntimeError("the body is longer than its Content-Length")
        if framing == CHUNKED:
            self._write_chunk(data, last=last)
        elif framing != NO_BODY and data:
            self._line.transport.write(data)
        self.complete = last and (framing != LENGTH or self._left == 0)

    def write_trailers(self, headers: Headers) -> None:
        """See Cycle. A client that has not said that it takes them gets none (RFC 9110 section 6.5.1)."""
        answer = self._answer
        if answer is not None and answer.framing == CHUNKED:
            self._line.transport.write(trailer_section(headers) if self._head.takes_trailers() else LAST_CHUNK)
        self.complete = answer is not None and (answer.framing != LENGTH or self._left == 0)

    def write_hints(self, links: Headers) -> None:
        """See Cycle. Too many clients of HTTP/1.1 take a 103 for the answer: none is written (RFC 8297 section 3)."""

    def room(self) -> "asyncio.Future[None] | None":
        """See Cycle."""
        return self._line.room()

    def wanted(self) -> None:
        """See Cycle."""
        if self._owed_continue:
            self._owed_continue = False
            if not self.head_sent and not self.body_ended:
                self._line.transport.write(CONTINUE)
        self._line.more_wanted()

    def taken(self, size: int) -> None:
        """See Cycle."""
        if not self.full():
            self._line.more_wanted()

    def over(self) -> None:
        """See Cycle."""
        self._line.exchange_over()

    def ends_by_close(self) -> bool:
        """Whether the client knows by the end of the connection alone that the answer has ended."""
        return self._answer is not None and self._answer.framing == UNTIL_CLOSE

    def unsure(self) -> bool:
        """Whether a client that was not told to go on may send its body, or its next request (RFC 9110 10.1.1)."""
        return self._owed_continue and not self.body_ended

    def _encode(self, status: int, headers: Headers, length: int) -> bytes:
        head = self._head
        close = self.close or not head.keep_alive or self._site.draining or self.unsure()
        answer = AnswerHead(status, head_only=head.method == "HEAD", close=close)
        data = answer.encode(headers, head.version, length)
        self._answer = answer
        self.close = answer.close
        return data

    def _write_chunk(self, data: bytes, *, last: bool) -> None:
        transport = self._line.transport
        end = LAST_CHUNK if last else b""
        if not data:
            if last:
                transport.write(end)
        elif len(data) >= _BIG:
            transport.write(b"%x\r\n" % len(data))
            transport.write(data)
            transport.write(b"\r\n" + end)
        else:
            transport.write(b"".join((b"%x\r\n" % len(data), data, b"\r\n", end)))
