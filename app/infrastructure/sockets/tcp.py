"""What the kernel knows of a TCP connection that other code of this process owns, and how to end it. Linux only.

A descriptor may be closed by its owner, and its number be used for something else, at any time: whatever is done here
is done to a duplicate, which lives for some microseconds and is compared with what was meant.
"""

import errno
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

_TCP_INFO: Final = 11
_INFO_BYTES: Final = 160
_AGES: Final = struct.Struct("@44xI4xI")
"""tcpi_last_data_sent and tcpi_last_data_recv (linux/tcp.h), in milliseconds."""
_ACKNOWLEDGED_AT: Final = 120
_QUEUED: Final = 0x5411
"""SIOCOUTQ of tcp(7): bytes that the peer has not acknowledged."""
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of socket(7) that ends a connection by a reset, and throws away what is queued."""


class Facts(NamedTuple):
    """A connection at one moment."""

    quiet: float
    """Seconds since data was received or sent, or since it was accepted."""
    taken: int
    """Bytes that the peer has acknowledged."""


def duplicate(descriptor: int, inode: int) -> socket.socket:
    """The socket behind a descriptor, if it is still the one of that inode. Raises OSError when it is not."""
    number = os.dup(descriptor)
    if os.fstat(number).st_ino != inode:
        os.close(number)
        raise OSError(errno.EBADF, "the descriptor is another file's by now")
    return socket.socket(fileno=number)


@contextmanager
def borrowed(descriptor: int, inode: int) -> Iterator[socket.socket]:
    """A duplicate for a moment. Raises OSError as `duplicate` does."""
    sock = duplicate(descriptor, inode)
    try:
        yield sock
    finally:
        sock.close()


def facts(descriptor: int, inode: int) -> Facts:
    """What there is to know now. Raises OSError when it is gone."""
    with borrowed(descriptor, inode) as sock:
        info = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _INFO_BYTES)
    sent, received = _AGES.unpack_from(info)
    return Facts(min(sent, received) / 1000, int.from_bytes(info[_ACKNOWLEDGED_AT : _ACKNOWLEDGED_AT + 8], "little"))


def queued(descriptor: int) -> int:
    """Bytes that the peer has not acknowledged. Raises OSError. Asked for every connection: it makes no duplicate."""
    return int.from_bytes(fcntl.ioctl(descriptor, _QUEUED, bytes(4)), "little")


def close(descriptor: int, inode: int, *, reset: bool) -> bool:
    """End a connection; its owner notices, and closes. Whether it was still there.

    With `reset` the peer gets no more of what is queued, and the kernel keeps nothing of it.
    """
    with suppress(OSError), borrowed(descriptor, inode) as sock:
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        sock.shutdown(socket.SHUT_RDWR)
        return True
    return False
