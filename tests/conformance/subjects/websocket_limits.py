"""Limits, floods and bombs: A-16, and what they cost the worker. Not for legal traffic, however much."""

import asyncio
import functools
import zlib
from pathlib import Path
from typing import Final

from tests.conformance.case import Cases, Limit
from tests.conformance.stand import Stand
from tests.conformance.websocket_frames import BINARY, PING, TEXT, Frame, fragments, more, text
from tests.conformance.websocket_script import BREACH, TOO_BIG, closes_cleanly, ended, failed
from tests.conformance.websocket_tunnel import Tunnel, settled, tunnel

CASES: Final = Cases()
add = CASES.add

MEBI: Final = 1024 * 1024
BOMB_MAY_COST: Final = 8 * MEBI
"""Bytes of memory (G-05)."""
LARGEST: Final = 16 * MEBI
"""Bytes of a message that a stand's server takes."""


class Memory:
    """How much a worker's memory grows at most, from now on."""

    def __init__(self, stand: Stand) -> None:
        self._process = Path("/proc", str(stand.gateway.workers()[0].pid))
        (self._process / "clear_refs").write_text("5")
        self._before = self._read("VmRSS")

    def peak(self) -> int:
        """Bytes."""
        return self._read("VmHWM") - self._before

    def _read(self, name: str) -> int:
        lines = (self._process / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def too_big(name: str, what: str, by: str, *frames: Frame) -> None:
    """`frames` are a message of more than 1 KiB, or of 1 KiB when there are none."""

    @add("A-16", f"{by}-{name}", f"{what}: closed with 1009, both ends")
    async def check(stand: Stand) -> None:
        async with tunnel(stand, f"/small/A-16/{by}/{name}") as ends:
            sender, other = (ends.client, ends.service) if by == "client" else (ends.service, ends.client)
            sender.write(Frame(BINARY, b"x" * 1024))
            await settled(lambda: other.messages)
            assert other.messages == [b"x" * 1024]
            sender.write(*frames)
            await failed(sender, other, TOO_BIG)
            assert other.goodbye is not None
            assert other.goodbye.code == 1009
            assert other.messages == [b"x" * 1024]


for by in ("client", "service"):
    said = f"from the {by}"
    too_big("binary", f"a message of a byte more than `max_message`, {said}", by, Frame(BINARY, b"x" * 1025))
    too_big("text", f"a text of fewer letters but more bytes than `max_message`, {said}", by, text("€" * 400))
    too_big("fragments", f"fragments of more than `max_message`, {said}", by, *fragments(TEXT, b"x" * 1025, 100))


def announced(name: str, what: str, length: int, codes: tuple[int, ...], granian: str, hypercorn: str) -> None:
    """The head of a frame with `length`, and no more."""

    @add("A-16", name, what, granian, hypercorn)
    async def check(stand: Stand) -> None:
        memory = Memory(stand)
        async with tunnel(stand, f"/all/A-16/{name}") as ends:
            ends.client.writer.write(b"\x82\xff" + length.to_bytes(8, "big") + b"\x00" * 4)
            await settled(lambda: ends.client.goodbye, 0.5)
            assert memory.peak() < BOMB_MAY_COST
            assert ends.client.goodbye is not None, "not closed before the bytes came"
            assert ends.client.goodbye.code in codes


announced("announced", "a frame that announces 1 TiB: closed with 1009 at once", 1 << 40, TOO_BIG,
          Limit("closed with 1002: Granian tells of any broken frame alike"),
          Limit("closed with 1009 when `GATEWAY_MAX_MESSAGE` bytes have come"))  # fmt: skip
announced("announced-negative", "a frame of 2^63 bytes, which none may have: closed with 1002", 1 << 63, BREACH,
          "pass", "pass")  # fmt: skip


async def pour(ends: Tunnel, data: bytes, times: int) -> None:
    """The client writes `data` again and again, until the gateway ends the connection."""
    for _ in range(times):
        if ends.client.ended:
            return
        await ends.client.dribble(data, len(data))


@add("A-16", "endless-message", "a message without end: 1009 to both, memory of less than twice the largest message",
     granian=Limit("Granian takes up to 64 MiB in fragments, whatever the settings, and closes with 1002"))  # fmt: skip
async def endless(stand: Stand) -> None:
    memory = Memory(stand)
    async with tunnel(stand, "/all/A-16/endless") as ends:
        ends.client.writer.write(ends.client.encode(Frame(BINARY, b"", fin=False)))
        await pour(ends, ends.client.encode(more(b"x" * 256 * 1024)), 4 * 80)
        await failed(ends.client, ends.service, TOO_BIG)
        assert ends.service.goodbye is not None
        assert ends.service.goodbye.code == 1009
        assert memory.peak() < 2 * LARGEST


@add("A-16", "writes-on", "a client that writes on after 1009 costs no memory, and is cut")
async def writes_on(stand: Stand) -> None:
    async with tunnel(stand, "/small/A-16/writes-on") as ends:
        memory = Memory(stand)
        ends.client.write(Frame(BINARY, b"x" * 1025))
        await settled(lambda: ends.client.goodbye)
        await pour(ends, ends.client.encode(Frame(BINARY, b"x" * 65536)), 1000)
        await settled(lambda: ends.client.ended)
        assert ends.client.ended
        assert memory.peak() < BOMB_MAY_COST


@functools.cache
def bomb() -> bytes:
    """200 MiB of zeros, as permessage-deflate sends them."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(squeezer.compress(bytes(MEBI)) for _ in range(200))
    return (data + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]


OFFER: Final = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


@add("A-16", "deflate-bomb", "200 MiB of zeros, deflated: no compression is agreed on, 1002, less than 8 MiB of memory")
async def deflate_bomb(stand: Stand) -> None:
    data = await asyncio.to_thread(bomb)
    memory = Memory(stand)
    async with tunnel(stand, "/large/A-16/bomb/client", OFFER) as ends:
        assert b"sec-websocket-extensions" not in ends.head.lower()
        ends.client.write(Frame(TEXT, data, rsv=4))
        await failed(ends.client, ends.service, BREACH)
        assert ends.service.messages == []
    assert memory.peak() < BOMB_MAY_COST


@add("A-16", "deflate-bomb-service", "the same from the service: 1002, less than 8 MiB of memory")
async def deflate_bomb_of_the_service(stand: Stand) -> None:
    data = await asyncio.to_thread(bomb)
    memory = Memory(stand)
    async with tunnel(stand, "/large/A-16/bomb/service", OFFER) as ends:
        assert b"sec-websocket-extensions" not in stand.backend.heads[-1].lower()
        ends.service.write(Frame(TEXT, data, rsv=4))
        await failed(ends.service, ends.client, BREACH)
        assert ends.client.messages == []
    assert memory.peak() < BOMB_MAY_COST


@add("A-16", "ping-flood", "20,000 pings that nobody reads the answers of: messages pass, the last ping is answered")
async def ping_flood(stand: Stand) -> None:
    memory = Memory(stand)
    async with tunnel(stand, "/all/A-16/pings") as ends:
        flood = [Frame(PING, b"%d" % number) for number in range(20_000)]
        await ends.client.dribble(ends.client.encode(*flood, text("still here")), 65536)
        await settled(lambda: ends.client.messages and ends.client.pongs[-1:] == [b"19999"])
        assert ends.client.messages == ["still here"]
        assert ends.client.pongs[-1] == b"19999"
        await closes_cleanly(ends, by_client=True)
    assert memory.peak() < BOMB_MAY_COST


@add("A-16", "ping-flood-service", "a service that pings and never reads costs less than 8 MiB of memory")
async def ping_flood_of_the_service(stand: Stand) -> None:
    memory = Memory(stand)
    async with tunnel(stand, "/all/A-16/pings/service") as ends:
        ends.service.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
        flood = ends.service.encode(*[Frame(PING, b"x" * 125)] * 2000)
        for _ in range(100):
            ends.service.writer.write(flood)
            await ends.service.writer.drain()
        ends.service.write(text("still here"))
        await settled(lambda: ends.client.messages)
        assert ends.client.messages == ["still here"]
        assert memory.peak() < BOMB_MAY_COST
        ends.service.writer.transport.abort()


@add("A-16", "fragment-flood", "20,000 empty fragments make one empty message, and cost nothing")
async def fragment_flood(stand: Stand) -> None:
    memory = Memory(stand)
    async with tunnel(stand, "/all/A-16/fragments") as ends:
        flood = ends.client.encode(text("", fin=False), *[more(b"")] * 20_000, more(b"", fin=True))
        await ends.client.dribble(flood, 65536)
        await settled(lambda: ends.client.messages)
        assert ends.service.messages == ends.client.messages == [""]
    assert memory.peak() < BOMB_MAY_COST


@add("P-60", "idle", "a tunnel without messages for `idle`: 1001 to both, pings or not")
async def idle(stand: Stand) -> None:
    async with tunnel(stand, "/still/P-60/idle") as ends:
        ends.client.write(Frame(PING, b"no message"))
        await ended(ends)
        assert (ends.client.goodbye.code if ends.client.goodbye else 0) == 1001
        assert (ends.service.goodbye.code if ends.service.goodbye else 0) == 1001
