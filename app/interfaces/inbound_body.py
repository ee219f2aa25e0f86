"""The body of a request as ASGI delivers it, counted. Not for how large it may be: filters say that."""

import asyncio
from functools import partial
from typing import Final

from app.domain.errors import BodyTimeout, ClientGone
from app.domain.refusals import BodyTooLarge
from app.interfaces.asgi import FAILURE, Message, Receive
from app.interfaces.limits import Pace

UNLIMITED: Final = 1 << 60
"""Bytes of a body that nobody limits."""


class InboundBody:
    """A BodyStream over `receive`. Nothing is asked of the server before somebody iterates (P-29: only then is
    `100 Continue` sent).

    A `receive` that waits when its reader is cancelled is kept for the next reader: a server may have taken a part off
    the connection for it already, which would be lost, and the body with it stuck.

    Whether the client is late is for `Flights` to ask, by `look`: a timer for each part would cost more than the part.
    """

    __slots__ = (
        "_ending", "_length", "_loop", "_most", "_pace", "_pending", "_reader", "_receive", "_since", "_waited",
        "received",
    )  # fmt: skip

    def __init__(self, receive: Receive, pace: Pace, length: int | None = None) -> None:
        """`length` is what the client says that it sends, in bytes; None when only the end tells."""
        self._receive = receive
        self._length = length
        self._most = UNLIMITED
        self._pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pending: asyncio.Future[Message] | None = None
        self._reader: asyncio.Future[None] | None = None
        """Who waits for the next part."""
        self._since = 0.0
        """Since when, in seconds of the loop."""
        self._ending = False
        self._waited = 0.0
        self.received = 0
        """Body bytes taken so far."""

    @property
    def ended(self) -> bool:
        """Whether the client has sent everything."""
        return self._ending

    def limit_to(self, most: int) -> None:
        """Allow no more bytes than `most`, nor than an earlier limit."""
        if most < self._most:
            self._most = most

    def __aiter__(self) -> "InboundBody":
        return self

    async def __anext__(self) -> bytes:
        """The next piece. Raises ClientGone when the client left, BodyTimeout when it is too slow (P-62), and
        BodyTooLarge in the place of the piece with which there is too much."""
        if self._ending:
            raise StopAsyncIteration
        message = await self._next_message()
        if message["type"] == "http.disconnect":
            if FAILURE in message:
                self._ending = True
                raise message[FAILURE]
            raise ClientGone("the client left before its request was complete")
        chunk: bytes = message.get("body", b"")
        self.received += len(chunk)
        # Servers tell of the end in a message of its own, which nobody may ever ask for.
        self._ending = not message.get("more_body", False) or self.received == self._length
        if self.received > self._most:
            raise BodyTooLarge(f"the request body has more than {self._most} bytes")
        pace = self._pace
        if not self._ending and self._waited > pace.grace and self.received < self._waited * pace.rate:
            raise BodyTimeout(f"the request body comes at less than {pace.rate:d} bytes a second", close=True)
        return chunk

    async def _next_message(self) -> Message:
        loop = self._loop
        if loop is None:
            # Asked for once: Python 3.11 makes a system call (getpid) each time that it is asked for the running loop.
            loop = self._loop = asyncio.get_running_loop()
        while True:
            if self._pending is None:
                self._pending = asyncio.ensure_future(self._receive(), loop=loop)
            pending = self._pending
            if pending.done():
                self._pending = None
                return pending.result()
            await self._wait(pending, loop)

    async def _wait(self, pending: "asyncio.Future[Message]", loop: asyncio.AbstractEventLoop) -> None:
        """Until `pending` is done. For a moment there may be two who wait: one that was cancelled, and the next one."""
        reader = self._reader = loop.create_future()
        since = self._since = loop.time()
        wake = partial(_wake, reader)
        pending.add_done_callback(wake)
        try:
            await reader
        finally:
            if self._reader is reader:
                self._reader = None
            self._waited += loop.time() - since
            pending.remove_done_callback(wake)

    def look(self, now: float) -> None:
        """End the wait for the next part with BodyTimeout when it is too long; `now` is the loop's time."""
        reader = self._reader
        if reader is not None and not reader.done() and now - self._since >= self._pace.idle:
            reader.set_exception(BodyTimeout(f"no part of the request body came for {self._pace.idle:g} s", close=True))

    async def aclose(self) -> None:
        """This reader wants no more; another may go on (`drain`)."""

    def release(self) -> None:
        """The exchange is over: nobody will ask the server for more."""
        if self._pending is not None:
            self._pending.cancel()

    async def drain(self, limit: int, seconds: float, quiet: float | None = None) -> None:
        """Throw away at most `limit` bytes for at most `seconds`, so that a client that still writes can read
        the answer (RFC 9112 section 9.6, P-35). Stops when nothing comes for `quiet` seconds, if that is given."""
        until = self.received + limit
        self._most = UNLIMITED
        try:
            async with asyncio.timeout(seconds):
                while not self._ending and self.received < until:
                    async with asyncio.timeout(quiet):
                        await anext(self, b"")
        except (TimeoutError, BodyTimeout, ClientGone):
            return


def _wake(reader: "asyncio.Future[None]", pending: "asyncio.Future[Message]") -> None:
    if not reader.done():
        reader.set_result(None)
