"""One client connection, as the warden keeps it, and how it is recognised among the open files of this process."""

import os
import socket
from stat import S_ISSOCK
from typing import Final

from app.domain.policies.slow_reading import Taking
from app.infrastructure.sockets.tcp import borrowed

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)

Peer = tuple[str, int]


class Connection:
    """A connection of a client."""

    __slots__ = ("counted", "descriptor", "inode", "look_at", "peer", "round", "silent_at", "taking")

    def __init__(self, descriptor: int, inode: int, peer: Peer, counted: str) -> None:
        self.descriptor = descriptor
        self.inode = inode
        self.peer = peer
        self.counted = counted
        """What its address counts as; empty when it is not counted."""
        self.round = 0
        """The last round that saw it."""
        self.look_at = 0.0
        self.silent_at = 0.0
        """When it may have been silent for too long, at the earliest."""
        self.taking: Taking | None = None
        """How the client takes what is queued for it."""


class Recogniser:
    """Knows this process's listening ports, once it has seen their sockets: what was accepted there is a client's."""

    def __init__(self) -> None:
        self._ports: set[int] = set()

    def client_of(self, descriptor: int, status: os.stat_result) -> Peer | None:
        """The client behind a descriptor; None when it is no client's connection. Raises OSError when it is gone."""
        if not S_ISSOCK(status.st_mode):
            return None
        with borrowed(descriptor, status.st_ino) as sock:
            if sock.family not in _INTERNET or sock.type != socket.SOCK_STREAM:
                return None
            port = sock.getsockname()[1]
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                self._ports.add(port)
                return None
            if port not in self._ports:
                return None
            address, number = sock.getpeername()[:2]
            return address, number
