"""Accepted connections of this process, for tests that look at its own sockets."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

Ends = tuple[socket.socket, socket.socket]
"""The client's end and the accepted one."""


class Listening:
    """A listening socket of this process, and clients of it."""

    def __init__(self, stack: ExitStack, address: str) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._stack = stack
        self.sock = stack.enter_context(
            socket.create_server((address, 0), family=family, backlog=128, dualstack_ipv6=":" in address)
        )
        self.port: int = self.sock.getsockname()[1]

    def accept(self, source: str = "127.0.0.1", small: bool = False) -> Ends:
        """One more connection; a `small` client has little room for what it does not read."""
        client = self._stack.enter_context(socket.socket())
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.bind((source, 0))
        client.settimeout(5)
        client.connect(("127.0.0.1", self.port))
        accepted = self._stack.enter_context(self.sock.accept()[0])
        accepted.setblocking(False)
        return client, accepted


@contextmanager
def listening(address: str = "127.0.0.1") -> Iterator[Listening]:
    """Everything is closed at the end."""
    with ExitStack() as stack:
        yield Listening(stack, address)


def inode(sock: socket.socket) -> int:
    """What tells a socket from all others."""
    return os.fstat(sock.fileno()).st_ino


def fill(sock: socket.socket, size: int = 256 * 1024) -> None:
    """Give the kernel more than a small client has room for."""
    sock.send(b"x" * size)


def read_all(client: socket.socket) -> int:
    """Read to the end; how many bytes came. Raises ConnectionResetError."""
    seen = 0
    while data := client.recv(65536):
        seen += len(data)
    return seen
