"""Holds connections the way slow clients do, and sees when each is dropped. Blocks: it is for a thread or a process.

`python -m tests.attacks.holding KIND PORT COUNT SECONDS [TLS]` prints the ages at which connections were dropped, as
JSON; null for those that were not.
"""

import json
import socket
import ssl
import sys
import time

TCP_INFO = 11

TICK = 0.1
EVERY = 1.0
"""Seconds between two drops of a drip."""
ESTABLISHED = 1
FIRST = {
    "head": b"GET / HTTP/1.1\r\nHost: a\r\n",
    "body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n",
    "read": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "silent": b"",
    "nothing": b"GET /huge HTTP/1.1\r\nHost: a\r\n\r\n",
}
"""What each kind begins with. `read` then reads some bytes a second, `nothing` none."""
DRIP = {"head": b"X-A: b\r\n", "body": b"z"}
READ_EACH = 64


class Held:
    """One connection."""

    def __init__(self, kind: str, port: int, tls: ssl.SSLContext | None, source: str) -> None:
        self.kind = kind
        sock = socket.socket()
        if kind in ("read", "nothing"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.bind((source, 0))
        sock.settimeout(10)
        sock.connect(("127.0.0.1", port))
        self.sock = tls.wrap_socket(sock, server_hostname="localhost") if tls else sock
        self.born = time.monotonic()
        self.dropped: float | None = None
        self.dripped = self.born
        if FIRST[kind]:
            self.sock.sendall(FIRST[kind])
        self.sock.setblocking(False)

    def look(self, now: float, drip: int) -> None:
        """Notice the end, or do the next small thing: at most `drip` bytes of an answer are read at a time."""
        if self.dropped is not None:
            return
        if self.sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 1)[0] != ESTABLISHED:
            self.dropped = now - self.born
            return
        if now - self.dripped >= EVERY:
            self.dripped = now
            try:
                if self.kind in DRIP:
                    self.sock.send(DRIP[self.kind])
                elif self.kind == "read":
                    self.sock.recv(drip)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError:
                self.dropped = now - self.born


def hold(
    kind: str,
    port: int,
    count: int,
    seconds: float,
    tls: ssl.SSLContext | None = None,
    source: str = "127.0.0.1",
    drip: int = READ_EACH,
) -> list[float | None]:
    """Hold `count` connections until all are dropped, for `seconds` at most; the age of each at its end."""
    held: list[Held] = []
    end = time.monotonic() + seconds
    try:
        held.extend(Held(kind, port, tls, source) for _ in range(count))
        while any(one.dropped is None for one in held) and (now := time.monotonic()) < end:
            for one in held:
                one.look(now, drip)
            time.sleep(TICK)
        return [one.dropped for one in held]
    finally:
        for one in held:
            one.sock.close()


def anyone() -> ssl.SSLContext:
    """TLS that asks for HTTP/2, and trusts whoever answers."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


if __name__ == "__main__":
    print(
        json.dumps(
            hold(
                sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), anyone() if sys.argv[5:] else None
            )
        )
    )
