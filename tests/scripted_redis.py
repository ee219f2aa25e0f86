"""A server that answers commands by a script, for unit tests of what talks to Redis. Not a Redis: `redis_server`."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import hiredis

from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import RedisPlace

Answer = Callable[[list[str]], bytes | None]
"""What to send for a command; None closes the connection."""

OK = b"+OK\r\n"


def bulk(*texts: str) -> bytes:
    """A list of texts."""
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(text.encode()), text.encode()) for text in texts)


class ScriptedRedis:
    """Listens on loopback; `commands` is what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.commands: list[list[str]] = []
        self._answer = answer
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def options(self, **more: object) -> RedisOptions:
        """Leads here."""
        place = RedisPlace("standalone", (("127.0.0.1", self.port),))
        return RedisOptions(**({"place": place, "read_timeout": 0.5} | more))  # type: ignore[arg-type]

    def push(self, message: bytes) -> None:
        """Say something unasked on every connection."""
        for connection in self._open:
            with suppress(OSError):
                connection.sendall(message)

    def close(self) -> None:
        """Stop listening and wait for the connections to end: close them first."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        reader = hiredis.Reader(encoding="utf-8", errors="replace")
        with connection, suppress(OSError, hiredis.ProtocolError):
            self._open.append(connection)
            while data := connection.recv(65536):
                reader.feed(data)
                while (command := reader.gets()) is not False:
                    self.commands.append(command)
                    answer = self._answer(command)
                    if answer is None:
                        return
                    connection.sendall(answer)


@contextmanager
def scripted(answer: Answer | dict[str, bytes]) -> Iterator[ScriptedRedis]:
    """By a function, or by the command's name; what is not named there is answered OK."""
    by_name = answer if isinstance(answer, dict) else {}
    server = ScriptedRedis((lambda command: by_name.get(command[0], OK)) if isinstance(answer, dict) else answer)
    try:
        yield server
    finally:
        server.close()


def invalidated(key: str) -> bytes:
    """What a server says when a key has changed."""
    return b">2\r\n" + bulk("invalidate")[4:] + bulk(key)


def told(channel: str, message: bytes) -> bytes:
    """What a server says when something was published."""
    return b">3\r\n" + bulk("message", channel)[4:] + b"$%d\r\n%s\r\n" % (len(message), message)


class Hashes:
    """Answers as a Redis that holds hashes, as far as a gateway that only reads asks. `other` is by the command."""

    def __init__(self, **hashes: dict[str, str]) -> None:
        self.hashes = {f"gateway:{section}": entries for section, entries in hashes.items()}
        self.other: dict[str, bytes] = {}

    def __call__(self, command: list[str]) -> bytes:
        name, *arguments = command
        if name in self.other:
            return self.other[name]
        entries = self.hashes.get(arguments[0], {}) if arguments else {}
        if name == "HLEN":
            return b":%d\r\n" % len(entries)
        if name == "HSCAN":
            flat = [part for pair in entries.items() for part in pair]
            return b"*2\r\n$1\r\n0\r\n" + bulk(*flat)
        if name == "HMGET":
            values = [bulk(entries[id_])[4:] if id_ in entries else b"$-1\r\n" for id_ in arguments[1:]]
            return b"*%d\r\n" % len(values) + b"".join(values)
        return {"HGETALL": b"%0\r\n", "SUBSCRIBE": b">1\r\n$1\r\nx\r\n", "EXISTS": b":0\r\n"}.get(name, OK)
