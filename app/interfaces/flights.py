"""Exchanges under way in this worker: finds clients that left, or stopped reading or sending. Not for upstreams.

ASGI tells of a client that left only to whoever is waiting in `receive`. A task that waits there for every request
would cost more than the rest of the hop, so only an exchange older than one sweep gets one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from app.interfaces.asgi import Receive
from app.interfaces.inbound_body import InboundBody

SWEEP: Final = 0.1
"""Seconds between two looks at what is under way."""


Linger = Callable[[], Awaitable[None]]
"""Takes what a client still sends, within limits."""


class Flight:
    """One exchange as the server sees it."""

    __slots__ = (
        "body", "complete", "gone", "head_sent", "linger", "receive", "seen_at", "seen_sends", "sending", "sends",
        "sent", "stalled", "sweeps", "task", "watcher",
    )  # fmt: skip

    def __init__(self, task: "asyncio.Task[object] | None", receive: Receive) -> None:
        self.task = task
        self.receive = receive
        self.body: InboundBody | None = None
        self.linger: Linger | None = None
        self.watcher: asyncio.Task[None] | None = None
        self.sweeps = 0
        self.sent = 0
        """Body bytes given to the server."""
        self.sends = 0
        self.sending = False
        """Whether the server has not taken the last chunk yet."""
        self.seen_sends = -1
        self.seen_at = 0.0
        self.head_sent = False
        self.complete = False
        self.gone = False
        """The client left: the task was cancelled for that."""
        self.stalled = False
        """The client took nothing for too long: the task was cancelled for that."""

    def cancel(self) -> None:
        """End the exchange from outside."""
        if self.task is not None:
            self.task.cancel()


class Flights:
    """All flights of a worker. `write_idle` is how long a client may take nothing of its answer, in seconds."""

    def __init__(self, write_idle: float) -> None:
        # Asked for once: Python 3.11 makes a system call (getpid) each time that it is asked for the running loop.
        self._loop = asyncio.get_running_loop()
        self._write_idle = write_idle
        self._flights: set[Flight] = set()
        self._sweeping = False

    def __len__(self) -> int:
        return len(self._flights)

    def enter(self, receive: Receive) -> Flight:
        """A new flight of the running task."""
        flight = Flight(asyncio.current_task(self._loop), receive)
        self._flights.add(flight)
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(SWEEP, self._sweep)
        return flight

    def leave(self, flight: Flight) -> None:
        """The exchange is over."""
        self._flights.discard(flight)
        if flight.watcher is not None:
            flight.watcher.cancel()

    def _sweep(self) -> None:
        loop = self._loop
        now = loop.time()
        for flight in self._flights:
            flight.sweeps += 1
            if flight.sweeps > 1:
                self._look_at(flight, now, loop)
        self._sweeping = bool(self._flights)
        if self._sweeping:
            loop.call_later(SWEEP, self._sweep)

    def _look_at(self, flight: Flight, now: float, loop: asyncio.AbstractEventLoop) -> None:
        body = flight.body
        if body is not None and not body.ended:
            body.look(now)
        elif flight.watcher is None:
            flight.watcher = loop.create_task(_watch(flight))
        if not flight.sending or flight.sends != flight.seen_sends:
            flight.seen_sends = flight.sends if flight.sending else -1
            flight.seen_at = now
        elif now - flight.seen_at >= self._write_idle and not flight.stalled:
            flight.stalled = True
            flight.cancel()


async def _watch(flight: Flight) -> None:
    while True:
        message = await flight.receive()
        if message["type"] == "http.disconnect":
            break
    if not flight.complete:
        flight.gone = True
        flight.cancel()
