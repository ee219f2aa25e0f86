"""Visitors that behave, quick ones and slow ones, and what the gateway must answer them, also when services break."""

import asyncio
from typing import Final

from tests.clients import Connection, connect
from tests.soak.backend import BLOCK
from tests.soak.site import CHUNKED_SIZE, Site, Unexpected, expect

KIB: Final = 1024


async def keep_alive(site: Site) -> None:
    """A few small requests on one connection."""
    async with connect(site.port) as client:
        for _ in range(site.dice.randint(1, 20)):
            kind = site.dice.choice(("small", "down/100", "down/5000", "chunked", "last"))
            reply = await client.exchange(target=f"/good/{kind}", method="GET")
            expect((reply.status, reply.complete), (200, True))
            sizes = {"small": 11, "chunked": CHUNKED_SIZE, "last": 4}
            expect(len(reply.body), sizes.get(kind) or int(kind.partition("/")[2]))


async def other_methods(site: Site) -> None:
    """What has no body, or an answer of the gateway's own."""
    async with connect(site.port) as client:
        expect((await client.exchange(method="DELETE", target="/good/x")).status, 200)
        expect((await client.exchange(target="/own/x")).status, 403)
        expect((await client.exchange(method="PATCH", target="/good/y", body=b"patch")).body, b'{"bytes":5}')


async def upload(site: Site) -> None:
    """A body with a length, up to a megabyte."""
    size = site.dice.choice((1, 1000, 64 * KIB, site.dice.randint(1, KIB * KIB)))
    async with connect(site.port) as client:
        body = (BLOCK * (size // len(BLOCK) + 1))[:size]
        reply = await client.exchange("POST", "/good/up", body=body)
        expect(reply.body, b'{"bytes":%d}' % size)


async def upload_in_chunks(site: Site) -> None:
    """A body without a length."""
    sizes = [site.dice.randint(1, 20_000) for _ in range(site.dice.randint(1, 10))]
    async with connect(site.port) as client:
        client.writer.write(
            b"PUT /good/up HTTP/1.1\r\nhost: t\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for size in sizes:
            client.writer.write(b"%x\r\n%b\r\n" % (size, BLOCK[:size]))
            await client.writer.drain()
        client.writer.write(b"0\r\n\r\n")
        seen = await client.reader.read()
        expect((seen[:12], seen.rpartition(b"{")[2].split(b"}")[0]), (b"HTTP/1.1 200", b'"bytes":%d' % sum(sizes)))


async def download(site: Site) -> None:
    """Up to four megabytes."""
    size = site.dice.choice((100 * KIB, site.dice.randint(1, 4 * KIB * KIB)))
    async with connect(site.port) as client:
        client.writer.write(b"GET /good/down/%d HTTP/1.1\r\nhost: t\r\n\r\n" % size)
        await _head(client)
        missing = size
        while missing > 0 and (data := await client.reader.read(65536)):
            missing -= len(data)
        expect(missing, 0)


async def slow_upload(site: Site) -> None:
    """Slower than anybody likes, but within the limits."""
    async with connect(site.port) as client:
        client.writer.write(b"POST /good/up HTTP/1.1\r\nhost: t\r\ncontent-length: 36000\r\n\r\n")
        for _ in range(12):
            client.writer.write(BLOCK[:3000])
            await asyncio.sleep(site.dice.random() * 0.5)
        expect((await client.answer()).body, b'{"bytes":36000}')


async def slow_head(site: Site) -> None:
    """A head that comes in pieces."""
    async with connect(site.port) as client:
        for part in (b"GET /good/a H", b"TTP/1.1\r\nho", b"st: t\r\nx-a: 1\r\n", b"\r\n"):
            client.writer.write(part)
            await asyncio.sleep(site.dice.random() * 0.4)
        expect(await _head(client), 200)


async def slow_download(site: Site) -> None:
    """A reader that takes a little at a time."""
    async with connect(site.port) as client:
        client.writer.write(b"GET /good/down/1500000 HTTP/1.1\r\nhost: t\r\n\r\n")
        await _head(client)
        missing = 1_500_000
        while missing > 0 and (data := await client.reader.read(30_000)):
            missing -= len(data)
            await asyncio.sleep(site.dice.random() * 0.08)
        expect(missing, 0)


async def idle(site: Site) -> None:
    """A connection that says nothing after its first request for a while, and goes on."""
    async with connect(site.port) as client:
        expect((await client.exchange(target="/good/x")).status, 200)
        await asyncio.sleep(site.dice.random() * 2)
        expect((await client.exchange(target="/good/x")).status, 200)


_BROKEN: Final = {
    "reset": (502,), "garbage": (502,), "hang": (504,),
    # The head is gone when the body breaks: what is left is to end the answer before its length.
    "cut": (200, 502), "half": (200,),
}  # fmt: skip


async def broken_service(site: Site) -> None:
    """Services that reset, stall or talk nonsense, before or in the middle of an answer."""
    kind = site.dice.choice(list(_BROKEN))
    async with connect(site.port) as client:
        reply = await client.exchange(target=f"/bad/{kind}")
        expect(reply.status, *_BROKEN[kind])
        expect(reply.complete, reply.status != 200)


async def _head(client: Connection) -> int:
    """Read the head of an answer; its status."""
    head = await client.reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status != 200:
        raise Unexpected(f"answered {head!r}")
    return status
