"""Rounds through the open files of this process, in pieces that are short for the event loop. Not for any verdict.

/proc/self/fd in pieces, with one fstat each, costs 3 us a connection; a netlink dump blocks for as long as all of them.
"""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, Protocol

from app.infrastructure.sockets.connection import Connection, Recogniser

FILES: Final = "/proc/self/fd"
PIECE: Final = 100
"""Files of one piece: about half a millisecond."""


class Watcher(Protocol):
    """Who is told of each connection in a round."""

    def met(self, connection: Connection) -> None:
        """It is new."""
        ...

    def seen(self, connection: Connection) -> None:
        """It is still there. May raise OSError when it is not."""
        ...

    def gone(self, connection: Connection) -> None:
        """It is closed."""
        ...


class Rounds:
    """Tells `watcher`; `own` are descriptors that the warden itself holds."""

    def __init__(
        self, recogniser: Recogniser, counted_as: Callable[[str], str], watcher: Watcher, own: set[int]
    ) -> None:
        self._recogniser = recogniser
        self._counted_as = counted_as
        self._watcher = watcher
        self._others: dict[int, int] = {}
        """Descriptor to inode of what is no client's connection."""
        self._known: dict[int, Connection] = {}
        self._own = own
        self._round = 0

    def __len__(self) -> int:
        return len(self._known)

    def walk(self) -> Iterator[None]:
        """One round; yields between two pieces."""
        self._round += 1
        with os.scandir(FILES) as files:
            while piece := list(islice(files, PIECE)):
                for file in piece:
                    try:
                        self._look_at(int(file.name))
                    except OSError:
                        continue
                yield
        for connection in [known for known in self._known.values() if known.round != self._round]:
            self._forget(connection)

    def _look_at(self, descriptor: int) -> None:
        """Raises OSError for a file that was closed meanwhile."""
        if descriptor in self._own:
            return
        status = os.fstat(descriptor)
        known = self._known.get(descriptor)
        if known is not None:
            if known.inode == status.st_ino:
                known.round = self._round
                self._watcher.seen(known)
                return
            self._forget(known)
        if self._others.get(descriptor) == status.st_ino:
            return
        client = self._recogniser.client_of(descriptor, status)
        if client is None:
            self._others[descriptor] = status.st_ino
            return
        self._others.pop(descriptor, None)
        self._meet(Connection(descriptor, status.st_ino, client, self._counted_as(client[0])))

    def _meet(self, connection: Connection) -> None:
        connection.round = self._round
        self._known[connection.descriptor] = connection
        self._watcher.met(connection)

    def _forget(self, connection: Connection) -> None:
        del self._known[connection.descriptor]
        self._watcher.gone(connection)
