"""Which connections are too many: of one address, and of all. Not for closing them."""

import heapq
from collections.abc import Iterable

from app.infrastructure.sockets.connection import Connection, Peer


class Crowds:
    """Connections by what their address counts as, oldest first. 0 sets no limit."""

    def __init__(self, most_of_one: int, most: int) -> None:
        self._most_of_one = most_of_one
        self._most = most
        self._crowds: dict[str, dict[Connection, None]] = {}
        self._large: set[str] = set()
        self._size = 0

    def add(self, connection: Connection) -> None:
        """One more."""
        self._size += 1
        crowd = self._crowds.setdefault(connection.counted, {})
        crowd[connection] = None
        if connection.counted and 0 < self._most_of_one < len(crowd):
            self._large.add(connection.counted)

    def remove(self, connection: Connection) -> None:
        """One less."""
        self._size -= 1
        crowd = self._crowds[connection.counted]
        del crowd[connection]
        if len(crowd) <= self._most_of_one:
            self._large.discard(connection.counted)
        if not crowd:
            del self._crowds[connection.counted]

    def are_too_many(self) -> bool:
        """Whether there is anything to select."""
        return bool(self._large) or 0 < self._most < self._size

    def too_many_of_one(self, busy: set[Peer]) -> list[Connection]:
        """What every address has too many: its newest, first those without anything under way."""
        return [
            connection
            for address in self._large
            for connection in _order(self._crowds[address], busy)[self._most_of_one :]
        ]

    def too_many(self, busy: set[Peer], closed: set[Connection]) -> list[Connection]:
        """What is too many in total beside `closed`: first what is idle, of the addresses that have the most."""
        excess = self._size - len(closed) - self._most
        if excess <= 0 or not self._most:
            return []
        ranked = (
            (connection.peer not in busy, rank if address else 0, connection.inode, connection)
            for address, crowd in self._crowds.items()
            for rank, connection in enumerate(crowd)
            if connection not in closed
        )
        return [connection for *_, connection in heapq.nlargest(excess, ranked)]


def _order(crowd: Iterable[Connection], busy: set[Peer]) -> list[Connection]:
    """Those with something under way first; the older ones before the newer ones."""
    return sorted(crowd, key=lambda connection: connection.peer not in busy)
