"""Exchanges under way in this worker: finds clients that left, or stopped reading or sending. Not for upstreams.

ASGI tells of a client that left only to whoever is waiting in `receive`. A task that waits there for every request
would cost more than the rest of the hop, so only an exchange older than one sweep gets one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.domain.policies.slow_reading import ReadingPace
from app.interfaces.asgi import Receive
from app.interfaces.inbound_body import InboundBody

SWEEP: Final = 0.1
"""Seconds between two looks at what is under way."""
ASK_EVERY: Final = 10
"""Sweeps between two questions what the client of a response that waits has taken."""


Linger = Callable[[], Awaitable[None]]
"""Takes what a client still sends, within limits."""
Peer = tuple[str, int]
"""A client's end of a connection: address and port."""


class Flight:
    """One exchange as the server sees it."""

    __slots__ = (
        "body", "chunk", "client", "complete", "gone", "head_sent", "linger", "moved_at", "receive", "seen_at",
        "seen_sends", "seen_taken", "sending", "sends", "sent", "stalled", "sweeps", "task", "waited", "watcher",
        "whole",
    )  # fmt: skip

    def __init__(self, task: "asyncio.Task[object] | None", receive: Receive, client: Any = None) -> None:
        self.task = task
        self.receive = receive
        self.client = client
        """As the server names it, if it does: Granian writes the port as text."""
        self.body: InboundBody | None = None
        self.linger: Linger | None = None
        self.watcher: asyncio.Task[None] | None = None
        self.sweeps = 0
        self.sent = 0
        """Body bytes given to the server."""
        self.sends = 0
        self.sending = False
        """Whether the server has not taken the last chunk yet."""
        self.chunk = 0
        """Bytes of that chunk."""
        self.waited = 0.0
        """Seconds in which the server waited for the client, all chunks together."""
        self.seen_sends = -1
        self.seen_at = 0.0
        self.seen_taken = -1
        self.moved_at = 0.0
        """When the client was last seen to take a part of the chunk."""
        self.whole = False
        """Whether the server takes a whole answer in one message."""
        self.head_sent = False
        self.complete = False
        self.gone = False
        """The client left: the task was cancelled for that."""
        self.stalled = False
        """The client took nothing, or too little, for too long: the task was cancelled for that."""

    def cancel(self) -> None:
        """End the exchange from outside."""
        if self.task is not None:
            self.task.cancel()

    def taken(self) -> None:
        """The server has taken a whole answer."""
        if self.sending:
            self.sent = self.chunk
            self.sending = False
            self.complete = True

    def stall(self) -> None:
        """End it because its client does not read."""
        if not self.stalled:
            self.stalled = True
            self.cancel()


class Flights:
    """All flights of a worker. `pace` is how slowly clients may read.

    `taken` tells how many bytes a client's connection has acknowledged, or -1: what shows that a client is at work on
    a chunk that is larger than what it takes within `pace.idle`.
    """

    def __init__(self, pace: ReadingPace, taken: "Callable[[Peer], int] | None" = None) -> None:
        # Asked for once: Python 3.11 makes a system call (getpid) each time that it is asked for the running loop.
        self._loop = asyncio.get_running_loop()
        self._idle = pace.idle
        self._rate = pace.rate
        self._grace = pace.grace
        self._taken = taken or _unknown
        self._flights: set[Flight] = set()
        self._sweeping = False
        self.sessions: dict[int, Any] = {}
        """Clients of open WebSockets, by what tells these apart."""

    def __len__(self) -> int:
        return len(self._flights)

    def enter(self, receive: Receive, client: Any = None) -> Flight:
        """A new flight of the running task."""
        flight = Flight(asyncio.current_task(self._loop), receive, client)
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

    def clients(self) -> set[Peer]:
        """Who has something under way, WebSockets too."""
        found = [flight.client for flight in self._flights if flight.client is not None]
        found += self.sessions.values()
        return {_exact(client) for client in found}

    def give_up(self, clients: set[Peer]) -> None:
        """End the answers to `clients`, which read too slowly."""
        for flight in self._flights:
            if flight.client is not None and flight.head_sent and _exact(flight.client) in clients:
                flight.stall()

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
        else:
            self._look_at_reader(flight, now)

    def _look_at_reader(self, flight: Flight, now: float) -> None:
        """A chunk waits for the client: it may stand still for `idle`, and must not last longer than its rate says."""
        flight.waited += SWEEP
        if flight.sweeps % ASK_EVERY == 0 and flight.client is not None:
            taken = self._taken(_exact(flight.client))
            if taken > flight.seen_taken:
                if flight.seen_taken >= 0:
                    flight.moved_at = now
                flight.seen_taken = taken
        rate, began = self._rate, flight.seen_at
        if now - max(began, flight.moved_at) >= self._idle:
            flight.stall()
        elif rate and flight.waited > self._grace:
            late = now - began > self._grace + flight.chunk / rate
            if late or flight.sent + flight.chunk < rate * flight.waited:
                flight.stall()


def _unknown(client: Peer) -> int:
    return -1


def _exact(client: Any) -> Peer:
    return client[0], int(client[1])


async def _watch(flight: Flight) -> None:
    while True:
        message = await flight.receive()
        if message["type"] == "http.disconnect":
            break
    if not flight.complete:
        flight.gone = True
        flight.cancel()
