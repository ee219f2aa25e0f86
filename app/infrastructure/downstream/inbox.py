"""What a client sent of its exchange, until the application takes it: the `receive` of ASGI. Not for answers (cycle).

`receive` returns a future: no coroutine is made, and whoever waits needs no task for it.
"""

import asyncio
from collections import deque
from typing import Final

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.site import READ_AHEAD, Message, Site

GONE: Final = "http.disconnect"
FAILURE: Final = "gateway.failure"
"""In a message that tells of a departure: the GatewayError with which to answer, since the client is still there."""


class Inbox:
    """A connection puts in, the application takes out."""

    __slots__ = (
        "_chunks",
        "_departed",
        "_failure",
        "_reader",
        "_said_end",
        "_site",
        "body_ended",
        "complete",
        "waiting",
    )

    def __init__(self, site: Site) -> None:
        self._site = site
        self._chunks: deque[bytes] = deque()
        self._reader: asyncio.Future[Message] | None = None
        self._departed = False
        self._failure: DownstreamError | None = None
        self._said_end = False
        """Whether the application was told that the body has ended."""
        self.waiting = 0
        """Bytes of the body that the application has not taken."""
        self.body_ended = False
        """Whether the client has sent its whole request."""
        self.complete = False
        """Whether the whole answer was given to the transport."""

    # What a subclass does.

    def wanted(self) -> None:
        """The application waits for a part of the body: the first time, the client may have to be told to send it."""
        raise NotImplementedError

    def taken(self, size: int) -> None:
        """The application took `size` bytes: the client may send more."""
        raise NotImplementedError

    # What a connection calls.

    def feed(self, chunk: bytes) -> None:
        """A part of the body came."""
        reader = self._reader
        if reader is not None and not reader.done() and not self._chunks:
            self._reader = None
            reader.set_result({"type": "http.request", "body": chunk, "more_body": True})
            self.taken(len(chunk))
        elif chunk:
            self.waiting += len(chunk)
            self._chunks.append(chunk)

    def feed_end(self) -> None:
        """The body is whole."""
        self.body_ended = True
        self._wake()

    def depart(self) -> None:
        """The client sends no more, and seems to leave: the application learns of it from `receive`, once it has taken
        what came before. What it still sends may arrive (P-37)."""
        self._departed = True
        self._wake()

    def fail(self, error: DownstreamError) -> None:
        """What the client sends of its body is none: `receive` tells why, and that nothing more comes (A-31)."""
        self._failure = error
        self.depart()

    def full(self) -> bool:
        """Whether so much of the body waits that the client should not be read from."""
        return self.waiting >= READ_AHEAD

    # What the application calls.

    def receive(self) -> "asyncio.Future[Message]":
        """The next message of the client. One may wait at a time."""
        future: asyncio.Future[Message] = self._site.loop.create_future()
        message = self._next()
        if message is not None:
            future.set_result(message)
        else:
            self._reader = future
            self.wanted()
        return future

    def _wake(self) -> None:
        reader = self._reader
        if reader is not None and not reader.done():
            message = self._next()
            if message is not None:
                self._reader = None
                reader.set_result(message)

    def _next(self) -> Message | None:
        if self._chunks:
            chunk = self._chunks.popleft()
            size = len(chunk)
            self.waiting -= size
            self._said_end = self.body_ended and not self._chunks
            self.taken(size)
            return {"type": "http.request", "body": chunk, "more_body": not self._said_end}
        if self.body_ended and not self._said_end and not self.complete:
            self._said_end = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._departed or self.complete:
            return {"type": GONE} if self._failure is None else {"type": GONE, FAILURE: self._failure}
        return None
