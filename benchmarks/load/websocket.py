"""Ping-pong of one message on each of many WebSockets at `/echo`. Prints messages/s and their round trips.

Every answer must be the message, byte for byte. The frame that is sent is made once: what is measured is the subject.
With `benchmarks.load.backend` directly behind it, both on one core of the machine of docs/soak.md: 80,000 messages/s.
"""

import argparse
import asyncio
import time
from array import array
from typing import Final, cast

import uvloop

from benchmarks.load import frames
from benchmarks.load.outcome import Aim, Errors, Outcome, aim, in_milliseconds

CONNECTIONS: Final = 100
SIZE: Final = 128
SECONDS: Final = 5.0
OPENING: Final = 10.0
"""Seconds that all handshakes together may take."""
GRACE: Final = 2.0
"""Seconds after the end in which answers under way are waited for."""
MASK: Final = b"\x12\x34\x56\x78"


class Game:
    """What all connections share."""

    def __init__(self, size: int) -> None:
        payload = bytes(33 + number % 90 for number in range(size))
        self.sent = frames.encode(frames.BINARY, payload, MASK)
        self.expected = frames.encode(frames.BINARY, payload)
        self.payload = payload
        self.until = 0.0
        self.times = array("d")
        """Round trips in seconds."""
        self.errors = Errors()


class Player(asyncio.Protocol):
    """One connection. `opened` and `idle` are its handshake and its end."""

    def __init__(self, game: Game, place: Aim) -> None:
        loop = asyncio.get_running_loop()
        self._game = game
        self._key = frames.new_key()
        self._request = frames.handshake(place.authority, place.target, self._key)
        self._data = b""
        self._message = b""
        self._sent_at = 0.0
        self._transport = cast("asyncio.Transport", None)
        self.opened: asyncio.Future[None] = loop.create_future()
        self.idle: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def play(self) -> None:
        """Send the message."""
        self._sent_at = time.perf_counter()
        self._transport.write(self._game.sent)

    def data_received(self, data: bytes) -> None:
        if data == self._game.expected and not self._data and self.opened.done():
            self._scored()
            return
        self._data += data
        if not self.opened.done():
            self._shake_hands()
        else:
            self._take_frames()

    def _scored(self) -> None:
        now = time.perf_counter()
        if now >= self._game.until:
            self._end("")
            return
        self._game.times.append(now - self._sent_at)
        self.play()

    def _take_frames(self) -> None:
        """What is not simply one whole answer: parts of it, pings, or something wrong."""
        while frame := frames.decode(self._data):
            self._data = self._data[frame.size :]
            if frame.opcode == frames.PING:
                self._transport.write(frames.encode(frames.PONG, frame.payload, MASK))
                continue
            self._message += frame.payload
            if frame.opcode not in (0, frames.BINARY):
                self._end(f"a frame with opcode {frame.opcode}")
                return
            if frame.final and self._message != self._game.payload:
                self._end("a message came back changed")
                return
            if frame.final:
                self._message = b""
                self._scored()

    def _shake_hands(self) -> None:
        head, blank, self._data = self._data.partition(b"\r\n\r\n")
        if not blank:
            self._data = head
        elif head.startswith(b"HTTP/1.1 101 ") and frames.accept_of(self._key) in head:
            self.opened.set_result(None)
        else:
            self._end(f"the handshake was answered by {head[:300]!r}")

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection ended: {error!r}")

    def _end(self, fault: str) -> None:
        if self.idle.done():
            return
        if fault:
            self._game.errors.add(fault)
        self.idle.set_result(None)
        if not self.opened.done():
            self.opened.cancel()
        if not self._transport.is_closing():
            self._transport.write(frames.encode(frames.CLOSE, b"\x03\xe8", MASK))
            self._transport.close()


async def load(url: str, connections: int, size: int, seconds: float) -> Outcome:
    """Play for `seconds`, after all connections are open."""
    place, game = aim(url, "/echo"), Game(size)
    loop = asyncio.get_running_loop()
    players = []
    for _ in range(connections):
        try:
            _, player = await loop.create_connection(lambda: Player(game, place), place.host, place.port)
            players.append(player)
        except OSError as error:
            game.errors.add(repr(error))
    await _wait([player.opened for player in players], OPENING)
    began = time.perf_counter()
    game.until = began + seconds
    playing = [player for player in players if player.opened.done() and not player.opened.cancelled()]
    for player in playing:
        player.play()
    await _wait([player.idle for player in players], seconds + GRACE)
    for player in players:
        player.connection_lost(TimeoutError("unanswered"))
    await asyncio.sleep(0.05)  # close frames
    times = sorted(game.times)
    return Outcome(
        "messages/s", round(len(times) / seconds, 1), len(times), seconds, game.errors.count,
        in_milliseconds(times, 0.5), in_milliseconds(times, 0.99),
    )  # fmt: skip


async def _wait(futures: "list[asyncio.Future[None]]", seconds: float) -> None:
    if futures:
        await asyncio.wait(futures, timeout=seconds)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.websocket", description=__doc__)
    parser.add_argument("--url", required=True, help="of the subject; /echo is added")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of a message (default 128)")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(load(given.url, given.connections, given.size, given.seconds)).print()


if __name__ == "__main__":
    main()
