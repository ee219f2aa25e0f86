"""The connections to one target: idle ones for use again, a limit, and a bounded queue. Not for what they carry.

The connection used last is used first (LIFO), so that a pool shrinks when traffic does. A slot is given to the
longest-waiting request the moment one comes back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from app.domain.entities.service import Breaker, KeepAlive, Timeouts
from app.domain.errors import TotalTimeout, UpstreamOverload
from app.infrastructure.transport.http1_connection import Http1Connection, State

Open = Callable[[Timeouts, float], Awaitable[Http1Connection]]
"""Opens one connection within its connect timeout and a deadline (absolute, 0 for none); raises UpstreamError."""


class Pool:
    """`take` or `acquire` a connection; it comes back by itself through `free` or `lost`."""

    def __init__(
        self, open_connection: Open, keep_alive: KeepAlive, breaker: Breaker, drained: Callable[[], None]
    ) -> None:
        """`drained` is called when the pool is retired and its last connection is gone."""
        self._loop = asyncio.get_running_loop()
        self._open = open_connection
        self._keep_alive = keep_alive
        self._breaker = breaker
        self._drained = drained
        self._idle: deque[Http1Connection] = deque()
        self._waiters: deque[asyncio.Future[Http1Connection | None]] = deque()
        self._reaper: asyncio.TimerHandle | None = None
        self._members: set[Http1Connection] = set()
        self._retired = False
        self.size = 0
        """Connections that are open, and slots in which one is being opened."""

    def __repr__(self) -> str:
        busy = self.size - len(self._idle)
        return f"<Pool {busy} busy, {len(self._idle)} idle, {len(self._waiters)} waiting>"

    def take(self) -> Http1Connection | None:
        """An idle connection, or None."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable():
                return connection
            connection.close()
        return None

    async def acquire(self, timeouts: Timeouts, deadline: float) -> Http1Connection:
        """A connection, opened if need be. Raises UpstreamError when none can be had in time."""
        while self.size >= self._breaker.max_requests:
            kept = await self._wait(timeouts, deadline)
            if kept is None:
                break
            if kept.usable():
                return kept
            # The target closed it between its release and our turn: its slot is back, or about to be.
            kept.close()
        else:
            self.size += 1
        try:
            connection = await self._open(timeouts, deadline)
        except BaseException:
            self._give_slot_back()
            raise
        self._members.add(connection)
        if connection.state is State.CLOSED:
            self.lost(connection)
        return connection

    async def _wait(self, timeouts: Timeouts, deadline: float) -> Http1Connection | None:
        """Queue for a connection, or for a slot to open one in (None)."""
        if len(self._waiters) >= self._breaker.max_pending:
            raise UpstreamOverload(
                f"{self.size} requests are under way to the target and {len(self._waiters)} wait", retry_after=1
            )
        waiter: asyncio.Future[Http1Connection | None] = self._loop.create_future()
        self._waiters.append(waiter)
        until = self._loop.time() + timeouts.queue
        try:
            async with asyncio.timeout_at(min(until, deadline) if deadline else until):
                return await waiter
        except BaseException as error:
            self._forget(waiter)
            if not isinstance(error, TimeoutError):
                raise
        if deadline and deadline < until:
            raise TotalTimeout("the exchange took longer than its total timeout while it waited for a connection")
        raise UpstreamOverload(f"no connection to the target came free within {timeouts.queue:g} s", retry_after=1)

    def _forget(self, waiter: "asyncio.Future[Http1Connection | None]") -> None:
        if not waiter.done() or waiter.cancelled():
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            return
        connection = waiter.result()
        if connection is None:
            self._give_slot_back()
        else:
            self.free(connection)

    def free(self, connection: Http1Connection) -> None:
        """`connection` is idle again."""
        if self._retired or not connection.usable():
            connection.close()
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if len(self._idle) >= self._keep_alive.max_idle:
            connection.close()
            return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        if self._reaper is None:
            self._reaper = self._loop.call_later(self._keep_alive.idle, self._reap)

    def lost(self, connection: Http1Connection) -> None:
        """The socket of `connection` is gone."""
        if connection not in self._members:
            return
        self._members.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._give_slot_back()

    def close(self) -> None:
        """Close everything, also what is busy."""
        self.retire()
        for connection in list(self._members):
            connection.close()

    def retire(self) -> None:
        """Close what is idle, keep nothing more."""
        self._retired = True
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
        while self._idle:
            self._idle.pop().close()
        if not self.size:
            self._drained()

    def _give_slot_back(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.size -= 1
        if self._retired and not self.size:
            self._drained()

    def _reap(self) -> None:
        """Close what has been idle for too long; the left end is the oldest."""
        self._reaper = None
        now = self._loop.time()
        while self._idle and now - self._idle[0].idle_since >= self._keep_alive.idle:
            self._idle.popleft().close()
        if self._idle:
            wait = self._idle[0].idle_since + self._keep_alive.idle - now
            self._reaper = self._loop.call_later(max(wait, 0.05), self._reap)
