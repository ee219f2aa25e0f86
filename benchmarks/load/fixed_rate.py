"""Sends requests at a fixed rate, and says how long each took from the moment when it was due. For latency, not speed.

An open loop: a request that is due is sent whether or not earlier ones were answered, and one that has to wait for a
free connection has waited since it was due. h2load's `--rps` counts from the sending, and so hides every stall.
One thread over `select`, whose time limit is in microseconds; that of epoll, and so of asyncio, is in milliseconds.
"""

import argparse
import gc
import json
import select
import socket
import sys
import time
from collections import deque
from urllib.parse import urlsplit

CONNECTIONS = 64
DEADLINE = 2.0
"""Seconds after the last request in which answers are waited for."""


class Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=2.0)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = 0.0
        self._received = b""

    def fileno(self) -> int:
        return self.socket.fileno()

    def answered(self) -> bool | None:
        """Read what is there: None while the answer is not whole, then whether it is a 200. Raises OSError."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return None
        fields = head.lower()
        length = int(fields.partition(b"\r\ncontent-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return None
        self._received = b""
        return head.startswith(b"HTTP/1.1 200 ")


class FixedRate:
    """Sends `count` requests, one each `interval` seconds, over `connections`."""

    def __init__(self, connections: list[Connection], request: bytes, count: int, interval: float) -> None:
        self._request = request
        self._free = deque(connections)
        self._busy: set[Connection] = set()
        self._begin = time.perf_counter() + 0.05
        self._count, self._interval = count, interval
        self._sent = 0
        self.latencies: list[float] = []
        self.errors = 0

    def run(self) -> None:
        """Until everything is answered, or nothing more comes."""
        end = self._begin + self._count * self._interval + DEADLINE
        while (now := time.perf_counter()) < end and (self._sent < self._count or self._busy):
            self._send(now)
            if not self._busy and not self._free:
                break
            readable, _, _ = select.select(list(self._busy), [], [], self._pause())
            for connection in readable:
                self._receive(connection)
        self.errors += self._count - self._sent + len(self._busy)

    def _pause(self) -> float:
        """Until the next request is due; without a free connection, or a request left, until an answer comes."""
        if self._sent == self._count or not self._free:
            return DEADLINE / 10
        return max(0.0, self._begin + self._sent * self._interval - time.perf_counter())

    def _send(self, now: float) -> None:
        while self._free and self._sent < self._count and (due := self._begin + self._sent * self._interval) <= now:
            self._sent += 1
            connection = self._free.pop()
            connection.due = due
            try:
                connection.socket.send(self._request)
            except OSError:
                self.errors += 1
                continue
            self._busy.add(connection)

    def _receive(self, connection: Connection) -> None:
        try:
            good = connection.answered()
        except (OSError, ValueError):
            self._busy.remove(connection)
            self.errors += 1
            return
        if good is None:
            return
        self.latencies.append(time.perf_counter() - connection.due)
        self._busy.remove(connection)
        self._free.append(connection)
        self.errors += not good


def percentile(ordered: list[float], percent: float) -> float | None:
    """The nearest rank of values in order; None when there is none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def milliseconds(seconds: float | None) -> float | None:
    """With three digits."""
    return None if seconds is None else round(seconds * 1e3, 3)


def main() -> None:
    """Run it, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--rate", type=float, default=2000.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    url = urlsplit(given.url)
    address = (url.hostname or "127.0.0.1", url.port or 80)
    request = f"GET {url.path or '/'} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
    connections = [Connection(address) for _ in range(CONNECTIONS)]
    load = FixedRate(connections, request, int(given.rate * given.seconds), 1 / given.rate)
    gc.disable()
    load.run()
    ordered = sorted(load.latencies)
    printed = {
        "unit": "requests/s",
        "value": round(len(ordered) / given.seconds, 1),
        "count": len(ordered),
        "seconds": given.seconds,
        "errors": load.errors,
        "p50_ms": milliseconds(percentile(ordered, 50)),
        "p99_ms": milliseconds(percentile(ordered, 99)),
        "p999_ms": milliseconds(percentile(ordered, 99.9)),
    }
    sys.stdout.write(json.dumps(printed) + "\n")


if __name__ == "__main__":
    main()
