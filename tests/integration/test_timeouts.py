"""Every timeout and limit of a service through the real gateway: the status, the code, and what the log says (P-62)."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.backends import RawBackend, Wire, eventually, ok, raw_backend
from tests.clients import Reply, connect, fetch
from tests.integration.gateway_process import GatewayProcess, behind, gateway

SERVERS = ("builtin", "granian")


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that lets connections hang: its backlog is full, so the kernel drops what knocks."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


async def answer(wire: Wire) -> None:
    """Misbehave in the way that the path asks for."""
    while True:
        head = await wire.head()
        if b"/deaf" in head or b"/silent" in head:
            await asyncio.sleep(60)
        elif b"/408" in head:
            await wire.reader.read()
        elif b"/stall" in head:
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")
            await wire.reader.read()
        elif b"/drip" in head:
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            while True:
                await wire.say(b"x")
                await asyncio.sleep(0.05)
        await wire.say(ok(b"x"))


def service(port: int, timeouts: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    return {
        "targets": [{"url": f"http://127.0.0.1:{port}"}],
        "timeouts": timeouts or {},
        "retries": {"attempts": 0},
        **options,
    }


async def expect(gw: GatewayProcess, reply: Reply, path: str, *outcome: str | int) -> None:
    """The answer and the record of `path` have this status, code and source."""
    problem = json.loads(reply.body)
    assert (reply.status, problem["code"], problem["source"]) == outcome, path
    assert (problem["status"], reply.field(b"content-type")) == (outcome[0], b"application/problem+json")
    record = await gw.record(path)
    assert (record["status"], record["error"], record["error_source"]) == outcome
    assert record["error_detail"]


async def test_each_timeout_has_its_own_status_and_code(tmp_path: Path, server: str) -> None:
    with black_hole() as hole:
        async with raw_backend(answer) as backend:
            config = behind({
                "connect": service(hole, {"connect": "300ms"}),
                "total-connect": service(hole, {"connect": "10s", "total": "300ms"}),
                "response": service(backend.port, {"response": "300ms"}),
                "total": service(backend.port, {"total": "300ms"}),
            })  # fmt: skip
            expected = {
                "/connect/x": (504, "upstream_connect_timeout", "upstream"),
                "/total-connect/x": (504, "total_timeout", "upstream"),
                "/response/silent": (504, "upstream_response_timeout", "upstream"),
                "/total/silent": (504, "total_timeout", "upstream"),
            }
            async with gateway(tmp_path, config, server) as gw:
                replies = await asyncio.gather(*(fetch(gw.port, path) for path in expected))
                for reply, (path, outcome) in zip(replies, expected.items(), strict=True):
                    await expect(gw, reply, path, *outcome)
                assert not any("Traceback" in line for line in gw.log)


async def test_bodies_that_stall_are_cut_in_both_directions(tmp_path: Path, server: str) -> None:
    async with raw_backend(answer) as backend:
        config = behind({
            "idle": service(backend.port, {"idle": "400ms"}),
            "total": service(backend.port, {"idle": "400ms", "total": "1s"}),
        })  # fmt: skip
        async with gateway(tmp_path, config, server, body_idle="600ms") as gw:
            for path, code, size in (("/idle/stall", "upstream_idle_timeout", 5), ("/total/drip", "total_timeout", 8)):
                reply = await fetch(gw.port, path)
                assert (reply.status, reply.complete) == (200, False)
                assert len(reply.body) >= size
                record = await gw.record(path)
                assert (record["status"], record["error"], record["error_source"]) == (200, code, "upstream")
            deaf = await fetch(gw.port, "/idle/deaf", "POST", body=bytes(30_000_000))
            await expect(gw, deaf, "/idle/deaf", 504, "upstream_idle_timeout", "upstream")
            async with connect(gw.port) as client:
                client.writer.write(
                    b"POST /idle/408 HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"
                )
                async with asyncio.timeout(8):
                    await expect(gw, await late(client.reader), "/idle/408", 408, "request_body_timeout", "downstream")
            # All connections are closed; the deaf backend does not notice.
            await eventually(lambda: backend.closed == backend.connections - 1 == 3)


async def late(reader: asyncio.StreamReader) -> Reply:
    """An answer that comes while the request is still being sent, which h11 does not read."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line]
    fields = [(name.lower(), value) for name, value in lines]
    body = await reader.readexactly(int(dict(fields)[b"content-length"]))
    return Reply(int(head.split(b" ")[1]), fields, body)


async def test_a_busy_target_makes_requests_wait_and_then_refuses_them(tmp_path: Path, server: str) -> None:
    go = asyncio.Event()

    async def busy(wire: Wire) -> None:
        while True:
            await wire.request()
            await go.wait()
            await wire.say(ok(b"x"))

    async with raw_backend(busy) as backend:
        limits = {"max_requests": 2, "max_pending": 1}
        config = behind({"s": service(backend.port, {"queue": "1s"}, breaker=limits)})
        async with gateway(tmp_path, config, server) as gw, asyncio.TaskGroup() as group:
            first = [group.create_task(fetch(gw.port, "/s/first")) for _ in range(2)]
            await eventually(lambda: len(backend.heads) == 2)
            waiting = group.create_task(fetch(gw.port, "/s/waits"))
            await asyncio.sleep(0.3)
            full = await fetch(gw.port, "/s/full")
            assert not waiting.done()
            for reply, path in ((full, "/s/full"), (await waiting, "/s/waits")):
                await expect(gw, reply, path, 503, "upstream_overloaded", "gateway")
                assert reply.field(b"retry-after") == b"1"
            patient = group.create_task(fetch(gw.port, "/s/patient"))
            await asyncio.sleep(0.2)
            go.set()
            assert [(await task).status for task in (*first, patient)] == [200, 200, 200]
            assert backend.connections == 2


async def test_answers_that_ask_for_it_are_tried_again_elsewhere(tmp_path: Path, server: str) -> None:
    async def unwell(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nretry-after: 9\r\n\r\nbusy")

    async def well(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(ok(b"well"))

    async with raw_backend(unwell) as bad, raw_backend(well) as good:
        both = {"targets": [{"url": f"http://127.0.0.1:{backend.port}"} for backend in (bad, good)]}
        config = behind({
            "again": both | {"retries": {"attempts": 1, "on": ["503"]}},
            "alone": service(bad.port, retries={"attempts": 2, "on": ["503"], "backoff": "1ms"}),
        })  # fmt: skip
        async with gateway(tmp_path, config, server) as gw:
            assert {(await fetch(gw.port, "/again/x")).body for _ in range(6)} == {b"well"}
            assert 3 <= len(bad.heads) <= 6
            await retried(gw, bad)


async def retried(gw: GatewayProcess, bad: RawBackend) -> None:
    """What is not safe is not tried again; what nobody answers better is answered as the service did."""
    before = len(bad.heads)
    last = await fetch(gw.port, "/alone/get")
    assert (last.status, last.body, last.field(b"retry-after")) == (503, b"busy", b"9")
    assert len(bad.heads) == before + 3
    assert (await gw.record("/alone/get"))["attempts"] == 3
    posted = await fetch(gw.port, "/alone/post", "POST", body=b"x")
    assert (posted.status, len(bad.heads)) == (503, before + 4)
