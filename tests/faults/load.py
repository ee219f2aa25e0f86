"""Steady traffic that keeps the fate of each request, and one WebSocket that must stay open. Not for measuring."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import h11
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import WebSocketException

from tests.clients import Connection, Reply, connect

RATE = 60
"""Requests a second, of all clients of one load together."""
CLIENTS = 4
ANSWER = b"traffic"
HOLD = float(os.environ.get("GATEWAY_TEST_HOLD", "1"))
"""Seconds that a fault lasts under load."""
WARM_UP = 0.5
"""Seconds of load after which a gateway holds what it holds under load."""


class Fate(NamedTuple):
    """What became of one request."""

    at: float
    seconds: float
    status: int
    body: bytes
    trouble: str = ""
    """Why there is no answer."""


class Load:
    """Runs while `steady` does."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self._over = False
        self.fates: list[Fate] = []
        self.echoes = 0
        self.closed = ""
        """Why the WebSocket is not open any more."""

    async def hold(self, seconds: float = HOLD) -> list[Fate]:
        """What became of the requests of so many seconds from now on."""
        begin = len(self.fates)
        await asyncio.sleep(seconds)
        return self.fates[begin:]

    async def ask(self, offset: float) -> None:
        """Ask at a steady pace, on one connection for as long as it stays."""
        await asyncio.sleep(offset)
        while not self._over:
            async with connect(self._port) as client:
                await self._ask_on(client)

    async def echo(self, opened: ClientConnection) -> None:
        """Say something ten times a second and hear it again."""
        try:
            while not self._over:
                await opened.send("still there")
                async with asyncio.timeout(10):
                    assert await opened.recv() == "still there"
                self.echoes += 1
                await asyncio.sleep(0.1)
        except (WebSocketException, TimeoutError) as error:
            self.closed = repr(error)

    def end(self) -> None:
        """Let everybody finish what is under way."""
        self._over = True

    async def _ask_on(self, client: Connection) -> None:
        """Until it is over, or the connection is."""
        while await self._ask_once(client):  # that is the pace
            await asyncio.sleep(CLIENTS / RATE)
            if self._over:
                return

    async def _ask_once(self, client: Connection) -> bool:
        """One request; whether the connection may be used again."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(10):
                reply = await client.exchange("GET", self._path)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            self.fates.append(Fate(started, time.monotonic() - started, 0, b"", repr(error)))
            return False
        trouble = "" if reply.complete else "the answer broke off"
        self.fates.append(Fate(started, time.monotonic() - started, reply.status, reply.body, trouble))
        return reply.complete and not _closes(reply)


def _closes(reply: Reply) -> bool:
    return b"close" in (reply.field(b"connection") or b"")


@asynccontextmanager
async def steady(port: int, path: str, good: Callable[[Fate], bool] | None = None) -> AsyncIterator[Load]:
    """Traffic to `path` and a WebSocket to `/ws`. In the end none may have failed, and the WebSocket must be open.

    `good` says what a good answer is: 200 with ANSWER unless told otherwise.
    """
    load = Load(port, path)
    async with connect_websocket(f"ws://127.0.0.1:{port}/ws", proxy=None) as opened, asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(load.ask(number / RATE))
        group.create_task(load.echo(opened))
        try:
            yield load
        finally:
            load.end()
    failed = [fate for fate in load.fates if not (good or answered)(fate)]
    assert not failed, f"{len(failed)} of {len(load.fates)} requests failed, such as {failed[:3]}"
    assert load.fates, "nothing was asked"
    assert not load.closed, load.closed
    assert load.echoes


def answered(fate: Fate) -> bool:
    """Whether it was answered as it should be."""
    return (fate.status, fate.body, fate.trouble) == (200, ANSWER, "")


def slowest_but_one_percent(fates: list[Fate]) -> float:
    """The 99th percentile of the times, in seconds."""
    times = sorted(fate.seconds for fate in fates)
    return times[int(len(times) * 0.99)]
