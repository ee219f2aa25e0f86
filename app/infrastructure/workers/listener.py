"""The listening sockets, bound once by the supervisor and inherited by the workers. Not for accepting connections.

On Linux every worker has a socket of its own (SO_REUSEPORT), so that the kernel spreads connections evenly: from one
shared queue, the worker that wakes first takes a whole burst. The supervisor keeps all of them open, so connections
that wait for a worker that died are served by its successor.
"""

import errno
import socket
import sys
from typing import Final

from app.infrastructure.workers.options import ServerOptions, StartError

_REASONS: Final = {
    errno.EADDRINUSE: "the port is in use",
    errno.EACCES: "no permission to use that port",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}
_QUIET: Final = 60
"""Seconds of silence after which the kernel asks whether the peer is still there."""
_OWN_SOCKETS: Final = sys.platform == "linux"


def listen(address: str, workers: int, options: ServerOptions) -> list[socket.socket]:
    """One listening socket for each worker, all at `address` (`host:port`; port 0 picks a free one).

    Raises StartError when that cannot be.
    """
    host, port = split_address(address)
    try:
        family, kind, proto, _, place = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise StartError(f"cannot listen on {address}: the host is unknown ({error})") from None
    sockets: list[socket.socket] = []
    try:
        # Alone first: a socket that shares its port would also share it with another gateway of the same user.
        with socket.socket(family, kind, proto) as probe:
            _bind(probe, place)
            place = (place[0], probe.getsockname()[1], *place[2:])
            if _OWN_SOCKETS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            for _ in range(workers if _OWN_SOCKETS else 1):
                sock = socket.socket(family, kind, proto)
                sockets.append(sock)
                if _OWN_SOCKETS:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                _bind(sock, place)
    except OSError as error:
        for sock in sockets:
            sock.close()
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise StartError(f"cannot listen on {address}: {reason}") from None
    for sock in sockets:
        _prepare(sock, options)
    return sockets * (workers // len(sockets))


def split_address(address: str) -> tuple[str, int]:
    """Host (empty for every address of the machine) and port of `host:port`, `[v6]:port` or `:port`.

    Raises StartError.
    """
    host, colon, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise StartError(f"cannot listen on {address!r}: expected host:port, such as 127.0.0.1:8000 or [::]:8000")
    return host, int(port)


def place_of(sock: socket.socket) -> str:
    """`host:port` as it stands in a URL."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bind(sock: socket.socket, place: object) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(place)  # type: ignore[arg-type]  # what getaddrinfo gives, bind takes


def _prepare(sock: socket.socket, options: ServerOptions) -> None:
    """What connections inherit.

    A reader that stalls for ever keeps megabytes of the kernel's memory (A-04); a peer that vanished is never missed.
    TCP_USER_TIMEOUT also ends readers whose window is smaller than what the kernel would send at once, though they
    read: while it is, no progress resets its clock.
    """
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if _OWN_SOCKETS:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _QUIET)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _QUIET)
        if not options.watched:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(options.write_idle * 1000))
    sock.setblocking(False)
    sock.listen(options.backlog)
