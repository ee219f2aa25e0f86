"""Bodies in motion through the real gateway: memory, events one by one, and 1xx answers in both directions."""

import asyncio
from pathlib import Path

import psutil

from tests.backends import Wire, eventually, keep_answering, ok, raw_backend
from tests.clients import connect, fetch
from tests.integration.gateway_process import GatewayProcess, gateway, to

MEBIBYTE = bytes(1024 * 1024)
SIZE = 200
"""Mebibytes that go through in each direction."""
GROWTH = 40 * len(MEBIBYTE)
"""How much a worker may grow meanwhile: buffers of both sockets, and what an allocator keeps."""


async def large(wire: Wire) -> None:
    """Take and give bodies of any size, holding none of them."""
    while True:
        head = await wire.head()
        if head.startswith(b"GET"):
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (SIZE * len(MEBIBYTE)))
            for _ in range(SIZE):
                await wire.say(MEBIBYTE)
        else:
            left = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while left:
                left -= len(await wire.reader.read(min(left, 262_144)))
            await wire.say(ok(b"taken"))


class Growth:
    """The largest memory of a worker beyond what it had at first."""

    def __init__(self, worker: psutil.Process) -> None:
        self._worker = worker
        self._first = worker.memory_info().rss
        self.most = 0

    def look(self) -> None:
        self.most = max(self.most, self._worker.memory_info().rss - self._first)


async def download(gw: GatewayProcess, growth: Growth) -> int:
    """The bytes that came."""
    count = 0
    async with connect(gw.port) as client:
        client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
        await client.reader.readuntil(b"\r\n\r\n")
        while count < SIZE * len(MEBIBYTE):
            count += len(await client.reader.read(1024 * 1024))
            growth.look()
    return count


async def test_large_bodies_pass_in_little_memory(tmp_path: Path, server: str) -> None:
    async with raw_backend(large) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        await fetch(gw.port, "/", "POST", body=MEBIBYTE)
        growth = Growth(gw.workers()[0])
        async with asyncio.timeout(60):
            assert await download(gw, growth) == SIZE * len(MEBIBYTE)
            async with connect(gw.port) as client:
                head = b"POST / HTTP/1.1\r\nhost: t\r\ncontent-length: %d\r\n\r\n" % (SIZE * len(MEBIBYTE))
                client.writer.write(head)
                for _ in range(SIZE):
                    client.writer.write(MEBIBYTE)
                    await client.writer.drain()
                    growth.look()
                assert b"taken" in await client.reader.readuntil(b"taken")
        assert growth.most < GROWTH


async def test_a_slow_reader_slows_the_target_down(tmp_path: Path, server: str) -> None:
    said = 0

    async def endless(wire: Wire) -> None:
        nonlocal said
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await wire.say(b"100000\r\n%b\r\n" % MEBIBYTE)
            said += 1

    async with raw_backend(endless) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        growth = Growth(gw.workers()[0])
        async with connect(gw.port) as client:
            client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
            await client.reader.readuntil(b"\r\n\r\n")
            before = -1
            while before != said:
                before = said
                await asyncio.sleep(0.5)
                growth.look()
            assert said < 60
            assert growth.most < GROWTH
            async with asyncio.timeout(15):
                while said < before + 20:
                    await client.reader.read(1024 * 1024)
        await eventually(lambda: backend.closed == 1)


async def test_events_arrive_one_by_one(tmp_path: Path, server: str) -> None:
    seen = asyncio.Event()

    async def events(wire: Wire) -> None:
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for number in range(20):
            event = b"data: %d\n\n" % number
            await wire.say(b"%x\r\n%b\r\n" % (len(event), event))
            async with asyncio.timeout(5):
                await seen.wait()
            seen.clear()
        await wire.say(b"0\r\n\r\n")

    async with (
        raw_backend(events) as backend,
        gateway(tmp_path, to(backend.port), server) as gw,
        connect(gw.port) as client,
    ):
        client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\naccept: text/event-stream\r\n\r\n")
        assert b"text/event-stream" in await client.reader.readuntil(b"\r\n\r\n")
        for number in range(20):
            async with asyncio.timeout(5):
                await client.reader.readuntil(b"data: %d\n\n" % number)
            seen.set()
        assert (await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)).endswith(b"0\r\n\r\n")


EXPECTING = b"POST %b HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n"
CONTINUE = b"HTTP/1.1 100"


async def test_a_client_that_waits_for_100_gets_it_when_its_body_is_wanted(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        while True:
            _, body = await wire.request()
            await wire.say(ok(body))

    async with raw_backend(answer) as backend:
        config = to(backend.port, match={"paths": ["/wanted"]})
        async with gateway(tmp_path, config, server) as gw, asyncio.timeout(15):
            async with connect(gw.port) as client:
                client.writer.write(EXPECTING % b"/wanted")
                assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(CONTINUE)
                client.writer.write(b"hello")
                assert (await client.reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            assert b"expect" not in backend.heads[0]
            async with connect(gw.port) as client:
                client.writer.write(EXPECTING % b"/other")
                first = await client.reader.readuntil(b"\r\n\r\n")
                if server == "hypercorn":
                    # Hypercorn 0.18 says 100 before it asks the application.
                    assert first.startswith(CONTINUE)
                    first = await client.reader.readuntil(b"\r\n\r\n")
                assert first.startswith(b"HTTP/1.1 404")
            unknown = await fetch(gw.port, "/wanted", "POST", [("expect", "tea")], b"hello")
            assert unknown.status == 417
            assert len(backend.heads) == 1


async def test_1xx_answers_of_a_target_are_kept_from_http_1_1_clients(tmp_path: Path, server: str) -> None:
    interim = b"".join(b"HTTP/1.1 %d Interim\r\nlink: </x>\r\n\r\n" % status for status in (100, 102, 103, 103))
    async with raw_backend(keep_answering(interim + ok(b"x"))) as backend:
        async with gateway(tmp_path, to(backend.port), server) as gw, connect(gw.port) as client:
            for _ in range(3):
                client.writer.write(b"GET / HTTP/1.1\r\nhost: t\r\n\r\n")
                async with asyncio.timeout(5):
                    answer = await client.reader.readuntil(b"\r\n\r\n")
                    assert await client.reader.readexactly(1) == b"x"
                assert answer.startswith(b"HTTP/1.1 200")
                assert b"link" not in answer
        assert backend.connections == 1
