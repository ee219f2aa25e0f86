"""Answers that the kernel still sends after the server has closed their connection. Not for open connections.

Without a descriptor nobody could see or end them, and a client that reads a byte a minute would keep megabytes of the
kernel's memory for days: so a duplicate is kept while there is something to send.
"""

import socket
from typing import Final

from app.domain.policies.slow_reading import ReadingPace
from app.infrastructure.sockets import tcp
from app.infrastructure.sockets.connection import Connection

MOST: Final = 4096
"""Duplicates at a time. They are open files: no more are kept than clients could open connections."""


class Leftovers:
    """`own` are the descriptors of the duplicates."""

    def __init__(self, pace: ReadingPace) -> None:
        self._pace = pace
        self._kept: dict[Connection, socket.socket] = {}
        self._left: set[Connection] = set()
        self.own: set[int] = set()

    def keep(self, connection: Connection, room: int) -> None:
        """Something waits for the client of `connection`. Keep that in sight, while there is `room` for more than what
        is kept already. Raises OSError when it is gone."""
        if connection not in self._kept and len(self._kept) < min(room, MOST):
            self._kept[connection] = duplicate = tcp.duplicate(connection.descriptor, connection.inode)
            self.own.add(duplicate.fileno())

    def forget(self, connection: Connection) -> None:
        """Nothing waits any more. A server that has closed meanwhile has its FIN sent now."""
        duplicate = self._kept.pop(connection, None)
        if duplicate is not None:
            self._left.discard(connection)
            self.own.discard(duplicate.fileno())
            duplicate.close()

    def leave(self, connection: Connection) -> None:
        """The server has closed `connection`."""
        if connection in self._kept:
            self._left.add(connection)

    def judge(self, now: float) -> list[Connection]:
        """End what is read too slowly; let go of what is sent. What was ended."""
        ended = []
        for connection in list(self._left):
            duplicate = self._kept[connection].fileno()
            try:
                waiting = tcp.queued(duplicate)
                slow = waiting > 0 and self._is_slow(connection, duplicate, waiting, now)
            except OSError:
                waiting, slow = 0, False
            if slow:
                tcp.close(duplicate, connection.inode, reset=True)
                ended.append(connection)
            if slow or not waiting:
                self.forget(connection)
        return ended

    def close(self) -> None:
        """Let go of everything."""
        for connection in list(self._kept):
            self.forget(connection)

    def _is_slow(self, connection: Connection, duplicate: int, waiting: int, now: float) -> bool:
        taken = tcp.facts(duplicate, connection.inode).taken
        return connection.taking is not None and connection.taking.is_too_slow(taken, waiting, now, self._pace)
