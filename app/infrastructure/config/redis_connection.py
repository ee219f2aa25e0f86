"""One connection to a Redis, spoken in RESP3, for one thread at a time. Not for finding the server: `redis_nodes`.

Driven with hiredis and a plain socket instead of a redis-py client, because of two things that are needed here: what
the server pushes must be taken in as it comes, between and inside of answers, and waiting must be bounded from one
piece of an answer to the next, not for the whole of an answer of many megabytes. A blocking socket, because reading a
large hash then costs the event loop nothing: receiving lets other threads run.
"""

import select
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

import hiredis

from app.infrastructure.config.redis_errors import RedisGone, RedisRefused, why

Argument = str | bytes | int
Command = tuple[Argument, ...]

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of one answer: a server gone mad must not fill the memory."""
_PIECE: Final = 256 * 1024
_MORE: Final = object()
"""What the parser answers when a message is not whole yet."""


class RedisConnection:
    """`timeout` is the longest time in seconds without a byte while an answer is outstanding."""

    def __init__(self, sock: socket.socket, timeout: float) -> None:
        self._sock = sock
        self._timeout = timeout
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._buffer = memoryview(bytearray(_PIECE))
        self._bytes = 0
        """Received since the last whole message."""
        self.pushes: deque[list[Any]] = deque()
        """What the server sent unasked, the oldest first."""
        sock.settimeout(timeout)

    def fileno(self) -> int:
        """Of the socket, to wait for it."""
        return self._sock.fileno()

    def call(self, *command: Argument) -> Any:
        """The answer to one command. Raises RedisGone and RedisRefused."""
        return self._checked(self.calls([command])[0])

    def calls(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to several commands, sent at once; refusals stand among them. Raises RedisGone."""
        self._send(b"".join(map(_packed, commands)))
        return [self._answer() for _ in commands]

    def call_again(self, before: bytes, *command: Argument) -> tuple[Any, bytes]:
        """The answer to one command, and its bytes; None for an answer whose bytes are `before`. Raises as `call` does.

        Comparing bytes costs microseconds where taking a large answer apart keeps the interpreter for milliseconds.
        There are no bytes when something else came together with the answer.
        """
        alone = not self._reader.has_data()
        same = 0 if alone else len(before)
        received: list[bytes] = []
        self._send(_packed(command))
        while same < len(before) and not received:
            piece = self._received()
            if before.startswith(piece, same):
                # No answer is the beginning of another one: while all is the same, the rest of it is still to come.
                same += len(piece)
            else:
                received = [before[:same], bytes(piece)]
        if before and alone and not received:
            self._bytes = 0
            return None, before
        self._reader.feed(b"".join(received))
        pushed = len(self.pushes)
        answer = self._checked(self._answer(received))
        alone = alone and len(self.pushes) == pushed and not self._reader.has_data()
        return answer, b"".join(received) if alone else b""

    def subscribe(self, channel: str) -> bool:
        """Ask for the messages of a channel; whether we may. Raises RedisGone, and RedisRefused while it is loading.

        In RESP3 the consent is a push and a refusal is an answer, so that a PING tells where either ends.
        """
        known = len(self.pushes)
        self._send(_packed(("SUBSCRIBE", channel)) + _packed(("PING",)))
        answer = self._answer()
        if not isinstance(answer, hiredis.ReplyError):
            return True
        if any(push[0] == b"subscribe" for push in islice(self.pushes, known, None)):
            raise RedisRefused(str(answer))  # the PING's
        self._answer()
        return False

    def poll(self) -> None:
        """Take in what has come, without waiting for anything. Raises RedisGone."""
        self.unpack()
        while self._has_bytes():
            self._receive()
            self.unpack()

    def unpack(self) -> None:
        """Take in what came in one piece with an answer: the socket will not tell of it again. Raises RedisGone."""
        while (message := self._message()) is not _MORE:
            if not isinstance(message, hiredis.PushNotification):
                raise RedisGone("sent an answer that was not asked for")
            self.pushes.append(message)

    def close(self) -> None:
        """End it; a thread that waits for an answer is told RedisGone."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _checked(self, answer: Any) -> Any:
        if isinstance(answer, hiredis.ReplyError):
            raise RedisRefused(str(answer))
        return answer

    def _answer(self, received: list[bytes] | None = None) -> Any:
        """The next answer; its bytes are added to `received`."""
        while True:
            message = self._message()
            if message is _MORE:
                piece = self._receive()
                if received is not None:
                    received.append(bytes(piece))
            elif isinstance(message, hiredis.PushNotification):
                self.pushes.append(message)
            else:
                return message

    def _message(self) -> Any:
        """The next whole message, or _MORE."""
        try:
            message = self._reader.gets()
        except hiredis.ProtocolError:
            raise RedisGone("does not speak the protocol of Redis") from None
        if message is not _MORE:
            self._bytes = 0
        return message

    def _has_bytes(self) -> bool:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        poller = select.poll()
        try:
            poller.register(self._sock, select.POLLIN)
        except ValueError:
            raise RedisGone("the connection was closed") from None
        return bool(poller.poll(0))

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise RedisGone(self._reason(error)) from None

    def _receive(self) -> memoryview:
        piece = self._received()
        self._reader.feed(piece)  # type: ignore[arg-type]  # takes any buffer
        return piece

    def _received(self) -> memoryview:
        """What came, until the next call. One buffer for all of it: fresh ones cost more than what is put into them."""
        try:
            count = self._sock.recv_into(self._buffer)
        except OSError as error:
            raise RedisGone(self._reason(error)) from None
        if not count:
            raise RedisGone("the connection was closed")
        self._bytes += count
        if self._bytes > MOST_BYTES:
            raise RedisGone(f"sent an answer of more than {MOST_BYTES} bytes")
        return self._buffer[:count]

    def _reason(self, error: OSError) -> str:
        return f"no answer within {self._timeout:g} s" if isinstance(error, TimeoutError) else why(error)


def _packed(command: Command) -> bytes:
    packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # declared for one argument, takes many
    return packed
