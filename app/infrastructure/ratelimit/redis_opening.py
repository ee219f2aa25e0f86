"""Opens connections to every server of the Redis that counts, and sees whether it does. Not for keeping them:
`redis_link`.
"""

import asyncio
import ssl
from binascii import crc_hqx
from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import Final, NamedTuple, Protocol

from app.domain.ports import Clock
from app.infrastructure.ratelimit.redis_wire import Command, RedisWire, WireLost, Word, asked

OPENS_WITHIN: Final = 1.0
"""Seconds for all connections with their greetings."""
SLOTS: Final = 16384
Wires = list[tuple[int, RedisWire]]
"""Last slot, and who has the slots up to it, in order."""


def slot_of(key: bytes) -> int:
    """CRC16 of what stands in the first braces, if anything does, else of all (Redis Cluster Specification)."""
    _, opened, rest = key.partition(b"{")
    tag, closed, _ = rest.partition(b"}")
    return crc_hqx(tag if opened and closed and tag else key, 0) % SLOTS


class Node(Protocol):
    """A server, and which keys are its own."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def tls(self) -> ssl.SSLContext | None: ...

    @property
    def greeting(self) -> Sequence[Command]:
        """What to say first: who we are, which database."""
        ...

    @property
    def slots(self) -> tuple[int, int]:
        """First and last hash slot (Redis Cluster Specification)."""
        ...


class Script:
    """A script by what Redis calls it."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.sha: Final = sha1(text.encode(), usedforsecurity=False).hexdigest()


class LinkOptions(NamedTuple):
    """`locate` blocks while it looks for the servers, and raises OSError for what is wrong; `name` is for people."""

    name: str
    locate: Callable[[], Sequence[Node]]
    timeout: float
    """Seconds that an answer may take."""
    probe: tuple["Script", str, tuple[Word, ...]]
    """A script, a key of ours and arguments, to see whether the server takes them."""


class Opener:
    """`lost` is told why a connection ended by itself."""

    def __init__(
        self, options: LinkOptions, scripts: Sequence[Script], clock: Clock, lost: Callable[[str], None]
    ) -> None:
        self._options = options
        self._scripts = scripts
        self._clock = clock
        self._lost = lost

    async def open(self) -> Wires:
        """Connections to every server. Raises OSError, ValueError and WireLost."""
        nodes = sorted(await asyncio.to_thread(self._options.locate), key=lambda node: node.slots)
        opened: Wires = []
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                wires: dict[tuple[str, int], RedisWire] = {}
                for node in nodes:
                    wire = wires.get((node.host, node.port)) or await self._connected(node)
                    wires[node.host, node.port] = wire
                    opened += [(node.slots[1], wire)]
            if not opened or opened[-1][0] != SLOTS - 1:
                raise WireLost("no node of the Cluster holds some slots")
            await self._try(opened)
        except BaseException as error:
            close(opened)
            if isinstance(error, TimeoutError):
                raise WireLost(f"no connection within {OPENS_WITHIN:g} s") from None
            raise
        return opened

    async def _connected(self, node: Node) -> RedisWire:
        def wire() -> RedisWire:
            return RedisWire(OPENS_WITHIN, self._clock, self._lost)

        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(wire, node.host, node.port, ssl=node.tls)
        try:
            for command in node.greeting:
                await asked(made, *command)
            for script in self._scripts:
                await asked(made, "SCRIPT", "LOAD", script.text)
        except BaseException:
            made.close()
            raise
        return made

    async def _try(self, opened: Wires) -> None:
        """Whether a server that takes our keys answers as fast as requests need it."""
        for _, wire in opened:
            wire.hurry(self._options.timeout)
        script, key, arguments = self._options.probe
        wire = wire_of(opened, key.encode())
        since = self._clock()
        await asked(wire, "EVALSHA", script.sha, 1, key, *arguments)
        if self._clock() - since > self._options.timeout:
            raise WireLost(f"no answer within {self._options.timeout:g} s")


def wire_of(wires: Wires, key: bytes) -> RedisWire:
    """The connection to who has a key."""
    if len(wires) == 1:
        return wires[0][1]
    slot = slot_of(key)
    return next(wire for last, wire in wires if slot <= last)


def close(wires: Wires) -> None:
    """End them all."""
    for _, wire in wires:
        wire.close()
