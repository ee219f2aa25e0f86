"""One connection to a Redis for scripts: commands go out as they come, answers are given to who asked.

Not for which servers there are, nor for what happens when it breaks: `redis_link`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

import hiredis

from app.domain.ports import Clock

Word = bytes | str | int
Command = tuple[Word, ...]

_SECOND_LOOK: Final = 0.003
"""Some event loops fire timers before they read: an answer that is here already must not count as late."""
_MOST_BYTES: Final = 1024 * 1024
"""Of one answer: a server gone mad must not fill the memory."""


class WireLost(Exception):
    """No more answers come; the text is for people."""


class Asker(Protocol):
    """Who asked something."""

    def answered(self, answer: Any, sent: float, received: float) -> None:
        """The answer, which may be a `hiredis.ReplyError`, and between which times it was made."""
        ...

    def failed(self) -> None:
        """There will be none."""
        ...


class RedisWire(asyncio.Protocol):
    """`lost` is told once why there are no answers any more; `timeout` (seconds) is how long one may take."""

    def __init__(self, timeout: float, clock: Clock, lost: Callable[[str], None]) -> None:
        self._timeout = timeout
        self._clock = clock
        self._lost: Callable[[str], None] | None = lost
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(notEnoughData=Ellipsis)
        self._bytes = 0
        self._asked: deque[tuple[Asker, float]] = deque()
        self._unsent: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)

    def hurry(self, timeout: float) -> None:
        """From now on answers may take no longer than this; nothing must be open."""
        self._timeout = timeout
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def ask(self, command: Command, asker: Asker) -> None:
        """Send a command; what is asked in one turn of the event loop goes out together."""
        if self._lost is None:
            asker.failed()
            return
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(hiredis.pack_command(command))  # type: ignore[arg-type]  # declared for one argument
        self._asked.append((asker, self._clock()))
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout, self._look, False)

    def data_received(self, data: bytes) -> None:
        """Bytes from the server."""
        received = self._clock()
        self._bytes += len(data)
        self._reader.feed(data)
        try:
            while self._lost is not None and (answer := self._reader.gets()) is not Ellipsis:
                self._bytes = 0
                if not isinstance(answer, hiredis.PushNotification):
                    asker, sent = self._asked.popleft()
                    asker.answered(answer, sent, received)
        except (hiredis.ProtocolError, IndexError):
            self.close("does not speak the protocol of Redis")
        if self._bytes > _MOST_BYTES:
            self.close(f"sent an answer of more than {_MOST_BYTES} bytes")

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.close("the connection was closed")

    def close(self, why: str = "") -> None:
        """End it: whoever waits is told, and so is the owner unless this was its wish (no `why`)."""
        lost, self._lost = self._lost, None
        if self._transport is not None:
            self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        self._unsent.clear()
        if lost is not None and why:
            lost(why)
        while self._asked:
            self._asked.popleft()[0].failed()

    def _flush(self) -> None:
        if self._unsent and self._transport is not None:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _look(self, again: bool) -> None:
        """Whether the oldest question has been open for too long."""
        self._timer = None
        if not self._asked:
            return
        left = self._asked[0][1] + self._timeout - self._clock()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look, False)
        elif not again:
            self._timer = self._loop.call_later(_SECOND_LOOK, self._look, True)
        else:
            self.close(f"no answer within {self._timeout:g} s")


class Waiter:
    """Asks for one who waits, outside of requests."""

    def __init__(self) -> None:
        self._future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def answered(self, answer: Any, sent: float, received: float) -> None:
        """See Asker."""
        if not self._future.done():
            self._future.set_result(answer)

    def failed(self) -> None:
        """See Asker."""
        if not self._future.done():
            self._future.set_exception(WireLost("the connection was closed"))

    async def answer(self) -> Any:
        """Raises WireLost, also for an answer that is an error."""
        answer = await self._future
        if isinstance(answer, hiredis.ReplyError):
            raise WireLost(str(answer))
        return answer


async def asked(wire: RedisWire, *command: Word) -> Any:
    """The answer to one command. Raises WireLost."""
    waiter = Waiter()
    wire.ask(command, waiter)
    return await waiter.answer()
