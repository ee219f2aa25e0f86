"""Ends client connections that are silent, read too slowly, or are too many. Not for requests: ASGI never sees these.

It looks at this process's own sockets, whichever server opened them, TLS or not (docs/decisions/0017). Linux only.
"""

import asyncio
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Final

import msgspec

from app.domain.policies.occasions import Occasions
from app.domain.policies.slow_reading import ReadingPace, Taking
from app.infrastructure.sockets import tcp
from app.infrastructure.sockets.connection import Connection, Peer, Recogniser
from app.infrastructure.sockets.crowds import Crowds
from app.infrastructure.sockets.leftovers import MOST, Leftovers
from app.infrastructure.sockets.rounds import Rounds

PAUSE: Final = 0.4
"""Seconds between two rounds."""
BREATH: Final = 0.005
"""Seconds between two pieces of a round."""
PAUSE_IN_A_CROWD: Final = 0.02
BREATH_IN_A_CROWD: Final = 0.001
"""The same while connections are too many: a flood fills what is there between two rounds."""
PAUSE_FOR_EACH: Final = 0.000_1
"""Seconds of that pause for each connection, where these are many: rounds take a thirtieth of the time at most."""
LOOK_EVERY: Final = 0.8
"""Seconds between two looks at what a client has not taken."""
CLOSE_AT_ONCE: Final = 50
"""Connections that are closed in one piece."""


SLOW: Final = "slow readers cut off (write_idle, write_rate)"
TOO_MANY: Final = "too many connections of one address closed (client_connections)"
TOO_MANY_IN_TOTAL: Final = "too many connections in total: some closed (max_connections)"


class WardenLimits(msgspec.Struct, frozen=True):
    """What client connections may do. 0 sets no limit."""

    of_one: int = 0
    """Connections of one address."""
    in_total: int = 0
    silent: float = 0.0
    """Seconds without a byte, when no request is under way."""
    reading: ReadingPace = ReadingPace()


class Clients(msgspec.Struct, frozen=True):
    """What others know of clients, and what is to be done to them."""

    under_way: Callable[[], set[Peer]]
    """Whose requests are being answered."""
    give_up: Callable[[set[Peer]], None]
    """End the answers to these."""
    counted_as: Callable[[str], str]
    """What an address counts as; empty when it is not counted."""


class Warden:
    """Goes its rounds from `start` to `stop`."""

    def __init__(self, limits: WardenLimits, clients: Clients, occasions: Occasions) -> None:
        self._limits = limits
        self._clients = clients
        self._occasions = occasions
        self._crowds = Crowds(limits.of_one, limits.in_total)
        self._leftovers = Leftovers(limits.reading)
        self._rounds = Rounds(Recogniser(), clients.counted_as, self, self._leftovers.own)
        self._by_peer: dict[Peer, Connection] = {}
        self._slow: list[Connection] = []
        self._silent: list[Connection] = []
        self._timer: asyncio.TimerHandle | None = None
        self._pieces: Generator[None, None, None] | None = None
        self._now = 0.0
        self._crowded = False

    def start(self) -> None:
        """Begin; does nothing where the system has no such files."""
        if sys.platform == "linux":
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PAUSE, self._begin, loop)

    def stop(self) -> None:
        """Go home."""
        if self._timer is not None:
            self._timer.cancel()
        if self._pieces is not None:
            self._pieces.close()
        self._leftovers.close()

    def taken(self, client: Peer) -> int:
        """Bytes that a client's connection has acknowledged; -1 when it is not known."""
        connection = self._by_peer.get(client)
        if connection is not None:
            try:
                return tcp.facts(connection.descriptor, connection.inode).taken
            except OSError:
                return -1
        return -1

    def turned_away(self, address: str, alone: bool) -> None:
        """Tell of a connection that the server did not take, because the address has too many, or all have."""
        self._occasions.add(TOO_MANY if alone else TOO_MANY_IN_TOTAL, address=address)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._pieces = self._round()
        self._go_on(loop, self._pieces)

    def _go_on(self, loop: asyncio.AbstractEventLoop, pieces: Iterator[None]) -> None:
        self._now = loop.time()
        for _ in pieces:
            breath = BREATH_IN_A_CROWD if self._crowded else BREATH
            self._timer = loop.call_later(breath, self._go_on, loop, pieces)
            return
        pause = max(PAUSE_IN_A_CROWD if self._crowded else PAUSE, PAUSE_FOR_EACH * len(self._rounds))
        self._timer = loop.call_later(pause, self._begin, loop)

    def _round(self) -> Generator[None, None, None]:
        yield from self._rounds.walk()
        yield from self._judge()

    def met(self, connection: Connection) -> None:
        """See the port."""
        self._by_peer[connection.peer] = connection
        self._crowds.add(connection)
        connection.look_at = self._now + LOOK_EVERY
        connection.silent_at = self._now + self._limits.silent - 2 * PAUSE

    def gone(self, connection: Connection) -> None:
        """See the port."""
        self._leftovers.leave(connection)
        if self._by_peer.get(connection.peer) is connection:
            del self._by_peer[connection.peer]
        self._crowds.remove(connection)

    def seen(self, connection: Connection) -> None:
        """See the port."""
        if self._now >= connection.look_at:
            connection.look_at = self._now + LOOK_EVERY
            self._look_at_reader(connection)
        if self._limits.silent and self._now >= connection.silent_at:
            self._look_at_silence(connection)

    def _look_at_reader(self, connection: Connection) -> None:
        waiting = tcp.queued(connection.descriptor)
        if not waiting:
            connection.taking = None
            self._leftovers.forget(connection)
            return
        self._leftovers.keep(connection, (self._limits.in_total or 2 * MOST) - len(self._rounds))
        connection.silent_at = self._now + self._limits.silent
        taken = tcp.facts(connection.descriptor, connection.inode).taken
        if connection.taking is None:
            connection.taking = Taking(taken, waiting, self._now)
        elif connection.taking.is_too_slow(taken, waiting, self._now, self._limits.reading):
            self._slow.append(connection)

    def _look_at_silence(self, connection: Connection) -> None:
        quiet = tcp.facts(connection.descriptor, connection.inode).quiet
        connection.silent_at = self._now + self._limits.silent
        if quiet < self._limits.silent:
            connection.silent_at -= quiet
        else:
            self._silent.append(connection)

    def _judge(self) -> Iterator[None]:
        """What a round found; who has a request under way is asked only when it matters."""
        silent, slow = self._silent, self._slow
        self._silent, self._slow = [], []
        left = self._leftovers.judge(self._now)
        if left:
            self._tell(SLOW, left)
        self._crowded = self._crowds.are_too_many()
        if not silent and not slow and not self._crowded:
            return
        busy = self._clients.under_way()
        silent = [connection for connection in silent if connection.peer not in busy]
        many = self._crowds.too_many_of_one(busy)
        rest = self._crowds.too_many(busy, {*silent, *slow, *many})
        self._clients.give_up({connection.peer for connection in slow})
        yield from self._end("silent connections closed (silent_timeout)", silent, reset=False)
        yield from self._end(SLOW, slow, reset=True)
        yield from self._end(TOO_MANY, many, reset=True)
        yield from self._end(TOO_MANY_IN_TOTAL, rest, reset=True)

    def _end(self, message: str, connections: list[Connection], *, reset: bool) -> Iterator[None]:
        for at in range(0, len(connections), CLOSE_AT_ONCE):
            piece = connections[at : at + CLOSE_AT_ONCE]
            closed = [one for one in piece if tcp.close(one.descriptor, one.inode, reset=reset)]
            if closed:
                self._tell(message, closed)
            yield

    def _tell(self, message: str, closed: list[Connection]) -> None:
        self._occasions.add(message, len(closed), address=closed[-1].peer[0])
