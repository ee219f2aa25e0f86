"""Clients that leave: before the head, in the middle of an upload or a download, again and again. Nothing stays."""

import asyncio
import random
from pathlib import Path

from tests.backends import RawBackend, Wire, eventually, ok, raw_backend
from tests.clients import connect, fetch
from tests.integration.gateway_process import GatewayProcess, gateway, to


async def hang(wire: Wire) -> None:
    """Answer `/quick`; for anything else wait for the end of the connection, in the way that the path asks."""
    head = await wire.head()
    while b"/quick" in head:
        await wire.say(ok(b"x"))
        head = await wire.head()
    if b"/download" in head:
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        while True:
            await wire.say(b"x" * 65536)
            await asyncio.sleep(0.002)
    if b"/trickle" in head:
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\nabc")
    await wire.reader.read()


async def arrived(backend: RawBackend, number: int) -> None:
    """Wait until so many requests have come."""
    await eventually(lambda: len(backend.heads) == number)


async def gone(backend: RawBackend, number: int) -> None:
    """Wait until so many connections are closed."""
    await eventually(lambda: backend.closed == number, 3)


async def test_leaving_ends_the_call_to_the_backend(tmp_path: Path, server: str) -> None:
    async with raw_backend(hang) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        for number, path in enumerate(("/wait", "/trickle", "/download"), start=1):
            async with connect(gw.port) as client:
                client.writer.write(f"GET {path} HTTP/1.1\r\nhost: t\r\n\r\n".encode())
                if path == "/wait":
                    await arrived(backend, number)
                else:
                    await client.reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(0.3)
            await gone(backend, number)
            record = await gw.record(path)
            assert (record["status"], record["error"], record["error_source"]) == (499, "client_gone", "downstream")


async def test_leaving_after_a_whole_upload(tmp_path: Path, server: str) -> None:
    async with raw_backend(hang) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        for number, path in enumerate(("/wait", "/trickle"), start=1):
            async with connect(gw.port) as client:
                client.writer.write(f"POST {path} HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\nabc".encode())
                await arrived(backend, number)
                await asyncio.sleep(0.3)
            await gone(backend, number)
            assert (await gw.record(path))["status"] == 499


async def test_leaving_in_the_middle_of_an_upload(tmp_path: Path, server: str) -> None:
    async with raw_backend(hang) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        async with connect(gw.port) as client:
            client.writer.write(b"POST /up HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1000)
            await eventually(lambda: len(backend.heads) == 1)
        await eventually(lambda: backend.closed == 1, 3)
        assert (await gw.record("/up"))["status"] == 499


async def test_a_client_that_does_not_read_is_cut(tmp_path: Path, server: str) -> None:
    async with (
        raw_backend(hang) as backend,
        gateway(tmp_path, to(backend.port), server, write_idle="1s") as gw,
        connect(gw.port) as client,
    ):
        client.writer.write(b"GET /download HTTP/1.1\r\nhost: t\r\n\r\n")
        await client.reader.readuntil(b"\r\n\r\n")
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await eventually(lambda: backend.closed == 1, 8)


async def test_a_client_that_stalls_in_its_body_gets_408_and_its_connection_ends(tmp_path: Path, server: str) -> None:
    async with raw_backend(hang) as backend, gateway(tmp_path, to(backend.port), server, body_idle="500ms") as gw:
        async with connect(gw.port) as client:
            client.writer.write(b"POST /stall HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\nabc")
            reply = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), 8)
            assert reply.startswith(b"HTTP/1.1 408")
            await asyncio.wait_for(client.reader.read(), 8)  # to the end of the connection
        assert (await gw.record("/stall"))["error"] == "request_body_timeout"
        await eventually(lambda: backend.closed == backend.connections)


def descriptors(gw: GatewayProcess) -> int:
    """Open descriptors of all workers."""
    return sum(worker.num_fds() for worker in gw.workers())


KINDS = ("/wait", "/trickle", "/up", "/quick", "/download")
SHARES = (3, 3, 3, 3, 1)
"""Downloads are rare: what all of them move costs more than everything else."""


async def abort_some(port: int, dice: random.Random, number: int) -> None:
    """Requests, one after the other, that are given up at random moments."""
    for kind in dice.choices(KINDS, SHARES, k=number):
        await abort_one(port, dice, kind)


async def abort_one(port: int, dice: random.Random, kind: str) -> None:
    """One request that is given up at a random moment."""
    async with connect(port) as client:
        if kind == "/up":
            client.writer.write(b"POST /up HTTP/1.1\r\nhost: t\r\ncontent-length: 100000\r\n\r\n" + b"x" * 500)
        else:
            client.writer.write(f"GET {kind} HTTP/1.1\r\nhost: t\r\n\r\n".encode())
        await asyncio.sleep(dice.random() * dice.choice([0.002, 0.02, 0.2]))


async def test_ten_thousand_aborted_requests_leave_everything_as_it_was(tmp_path: Path, server: str) -> None:
    dice = random.Random(7)
    async with raw_backend(hang) as backend:
        service = {"targets": [{"url": f"http://127.0.0.1:{backend.port}"}], "keep_alive": {"idle": "1s"}}
        config = {"services": {"s": service}, "routes": {"all": {"service": "s"}}}
        async with gateway(tmp_path, config, server) as gw:
            await abort_ten_thousand(gw, backend, dice)


async def abort_ten_thousand(gw: GatewayProcess, backend: RawBackend, dice: random.Random) -> None:
    """Give up requests at random moments, then look at what is left."""
    await fetch(gw.port, "/quick")
    before = descriptors(gw)
    await asyncio.gather(*[abort_some(gw.port, dice, 50) for _ in range(200)])
    await eventually(lambda: backend.closed == backend.connections, 20)
    await eventually(lambda: abs(descriptors(gw) - before) <= 5, 20)
    for _ in range(100):
        assert (await fetch(gw.port, "/quick")).status == 200
    assert not any("Traceback" in line or "never retrieved" in line for line in gw.log)
