"""The body of a response that is still arriving. Not for parsing: the connection feeds it.

The body owns the lease of its connection: when the last byte is here the connection goes back to its pool, when
the body is closed early the connection is closed (a half-read connection can never be used again).
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from app.domain.entities.headers import Headers
from app.domain.errors import GatewayError

HIGH_WATER: Final = 256 * 1024
"""Bytes that may wait for the client before the connection stops reading: what uvloop reads at most at a time, so that
a client that keeps up never stops it."""
LARGE: Final = 64 * 1024
"""A piece of so many bytes is passed on by itself: servers bound what they hold by the number of pieces."""


class Source(Protocol):
    """What fills the body."""

    def pause(self) -> None:
        """Read no more."""
        ...

    def resume(self) -> None:
        """Read on."""
        ...

    def abandon(self) -> None:
        """Nobody wants the rest."""
        ...


class Http1Body:
    """A ResponseBody: iterate to read, `aclose` to give up. One reader at a time."""

    __slots__ = ("_chunks", "_ended", "_error", "_loop", "_source", "_waiter", "on_close", "paused", "trailers")

    def __init__(self, source: Source, chunks: list[bytes], trailers: Headers) -> None:
        """`chunks` and `trailers` are shared with the source, which appends to them and calls `fed`."""
        self._source: Source | None = source
        self._chunks = chunks
        self._loop = asyncio.get_running_loop()
        self._ended = False
        self.paused = False
        """Whether the source was told to read no more."""
        self._error: GatewayError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.on_close: Callable[[], None] | None = None
        self.trailers = trailers
        self.fed()

    def fed(self) -> None:
        """The source has added chunks."""
        source = self._source
        if source is not None and not self.paused and sum(map(len, self._chunks)) > HIGH_WATER:
            self.paused = True
            source.pause()
        self._wake()

    def end(self, error: GatewayError | None = None) -> None:
        """No more will come; `error` when the body is incomplete. The source has let go of the body."""
        self._ended = True
        self._error = error
        self._source = None
        self._wake()

    def __aiter__(self) -> "Http1Body":
        return self

    async def __anext__(self) -> bytes:
        chunks = self._chunks
        while not chunks:
            if self._ended:
                self._closed()
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._waiter = self._loop.create_future()
            await self._waiter
        if len(chunks) == 1 or len(chunks[0]) >= LARGE:
            chunk = chunks.pop(0)
        else:
            chunk = b"".join(chunks)
            chunks.clear()
        if self.paused and not chunks and self._source is not None:
            self.paused = False
            self._source.resume()
        return chunk

    async def aclose(self) -> None:
        """Give up what has not been read; harmless when the body has ended."""
        source, self._source = self._source, None
        if source is not None:
            self._ended = True
            source.abandon()
        self._chunks.clear()
        self._closed()

    def _closed(self) -> None:
        callback, self.on_close = self.on_close, None
        if callback is not None:
            callback()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
