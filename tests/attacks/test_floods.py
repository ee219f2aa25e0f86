"""Slow clients and floods over real sockets, under both servers: A-01 to A-07, A-17, and whom they must not hit.

A-08 and A-16 are cases of tests/conformance.
"""

import asyncio
import json
import shutil
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import h2.config
import h2.connection
import h2.settings
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect as connect_websocket
from websockets.asyncio.server import ServerConnection, serve

from tests.attacks.flood_site import flood_site, use
from tests.attacks.holding import Held, anyone, hold
from tests.backends import eventually
from tests.clients import connect
from tests.integration.gateway_process import GatewayProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAP, RATE = 12, 30
SETTINGS = {
    "head_timeout": "2s",
    "silent_timeout": "3s",
    "write_idle": "5s",
    "client_exempt": "none",
    "client_connections": str(CAP),
    "client_rate": f"{RATE}/s",
}
LATE = 2.0
"""Seconds that a verdict may take on a busy machine."""


class Site(NamedTuple):
    server: str
    plain: GatewayProcess
    tls: GatewayProcess


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest_asyncio.fixture(params=["builtin", "granian", "hypercorn"], scope="module", loop_scope="module")
async def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Two gateways of each server: clear text, and TLS with HTTP/2."""
    server = request.param
    folders: list[Path] = [tmp_path_factory.mktemp(f"{server}-{kind}") for kind in ("plain", "tls")]
    async with AsyncExitStack() as stack:
        websockets = await stack.enter_async_context(serve(echo, "127.0.0.1", 0))
        port = next(iter(websockets.sockets)).getsockname()[1]
        plain = await stack.enter_async_context(flood_site(folders[0], server, SETTINGS, websocket=port))
        tls = await stack.enter_async_context(flood_site(folders[1], server, SETTINGS, tls=True))
        yield Site(server, plain, tls)
        assert not any("Traceback" in line for gateway in (plain, tls) for line in gateway.log)


async def dropped(
    kind: str, gateway: GatewayProcess, source: str, tls: ssl.SSLContext | None = None, seconds: float = 20.0
) -> list[float]:
    """When each of six connections of a kind was dropped; fails when one was not."""
    ages = await asyncio.to_thread(hold, kind, gateway.port, 6, seconds, tls, source)
    assert None not in ages
    return [age for age in ages if age is not None]


async def test_a01_a_head_that_drips_is_cut_at_its_total_time(at: Site) -> None:
    ages = await dropped("head", at.plain, "127.0.0.11")
    assert min(ages) > 1.5
    assert max(ages) < 2 + LATE


async def test_a02_silent_connections_are_closed(at: Site) -> None:
    assert max(await dropped("silent", at.plain, "127.0.0.12")) < 3 + LATE


async def test_a02_connections_that_are_silent_after_their_tls_handshake_are_closed(at: Site) -> None:
    """Hypercorn says that it closes after head_timeout, and then waits for the client to say so too."""
    ages = await dropped("silent", at.tls, "127.0.0.12", anyone())
    assert max(ages) < 2 + 3 + LATE


async def test_a03_a_body_that_drips_is_cut_and_a_slow_upload_is_not(at: Site) -> None:
    async def upload() -> int:
        async with asyncio.timeout(30), connect(at.plain.port, source="127.0.0.21") as client:
            client.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n")
            for _ in range(16):
                client.writer.write(b"x" * 1024)
                await asyncio.sleep(0.5)
            line = await client.reader.readline()
            return int(line.split()[1])

    ages, status = await asyncio.gather(dropped("body", at.plain, "127.0.0.13"), upload())
    assert max(ages) < 5 + 2 + LATE
    assert status == 200


async def test_a04_who_reads_nothing_or_too_little_is_cut_and_a_slow_reader_is_not(at: Site) -> None:
    port = at.plain.port
    nothing, little, honest = await asyncio.gather(
        dropped("nothing", at.plain, "127.0.0.14"),
        asyncio.to_thread(hold, "read", port, 3, 25.0, None, "127.0.0.15", 700),
        asyncio.to_thread(hold, "read", port, 3, 14.0, None, "127.0.0.16", 4000),
    )
    assert min(nothing) > 4
    assert max(nothing) < 5 + 2 + LATE
    assert all(age is not None and age < 10 + 3 + LATE for age in little)
    assert honest == [None, None, None]


async def test_a05_a_stream_whose_window_stays_shut_is_ended(at: Site) -> None:
    context = anyone()
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", at.tls.port, ssl=context, server_hostname="localhost", local_addr=("127.0.0.17", 0)
    )
    client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
    client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client.initiate_connection()
    head = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/huge")]
    client.send_headers(1, head, end_stream=True)
    writer.write(client.data_to_send())
    began, over = time.monotonic(), False
    async with asyncio.timeout(20):
        while not over:
            data = await reader.read(65536)
            over = not data or any(
                type(event).__name__ in ("StreamReset", "ConnectionTerminated") for event in client.receive_data(data)
            )
            writer.write(client.data_to_send())
    assert time.monotonic() - began < 5 + 2 + LATE
    writer.transport.abort()


async def test_a06_one_address_has_so_many_connections_and_those_in_use_stay(at: Site) -> None:
    busy = Held("read", at.plain.port, None, "127.0.0.18")
    flood = [await asyncio.to_thread(Held, "silent", at.plain.port, None, "127.0.0.18") for _ in range(3 * CAP)]
    try:
        async with asyncio.timeout(5):
            while sum(one.dropped is None for one in flood) > CAP - 1:
                for one in (busy, *flood):
                    one.look(time.monotonic(), 4000)
                await asyncio.sleep(0.05)
        assert busy.dropped is None
        assert sum(one.dropped is None for one in flood) > 0
        async with connect(at.plain.port, source="127.0.0.19") as other:
            assert (await other.exchange()).status == 200
    finally:
        for one in (busy, *flood):
            one.sock.close()
    await at.plain.said("too many connections of one address closed")


async def test_a07_one_address_asks_so_often_and_others_do_not_notice(at: Site) -> None:
    async with connect(at.plain.port, source="127.0.0.20") as client:
        replies = [await client.exchange() for _ in range(3 * RATE)]
        refused = [reply for reply in replies if reply.status == 429]
        assert len(replies) - len(refused) >= RATE
        assert refused
        assert {reply.field(b"retry-after") for reply in refused} == {b"1"}
        assert {json.loads(reply.body)["code"] for reply in refused} == {"rate_limited"}
        upload = await client.exchange("POST", body=b"x" * 1024)
        assert upload.status in (200, 429)
    async with connect(at.plain.port, source="127.0.0.22") as other:
        assert (await other.exchange()).status == 200
    async with connect(at.plain.port, source="127.0.0.20") as probe:
        assert [(await probe.exchange(target="/-/live")).status for _ in range(2 * RATE)] == [200] * (2 * RATE)
    await at.plain.said("requests of one address refused")


async def test_quiet_websockets_and_requests_under_way_are_not_silent(at: Site) -> None:
    url = f"ws://127.0.0.1:{at.plain.port}/ws"
    async with connect_websocket(url, ping_interval=None, local_addr=("127.0.0.23", 0)) as websocket:
        await asyncio.sleep(3 + LATE)
        await websocket.send("still here")
        assert await websocket.recv() == "still here"


@pytest.mark.skipif(shutil.which("slowhttptest") is None, reason="slowhttptest is not installed (Debian: slowhttptest)")
@pytest.mark.parametrize("attack", [["-H"], ["-B", "-s", "8192"], ["-X", "-w", "512", "-y", "1024", "-z", "32"]])
async def test_an_independent_attacker_holds_no_connection(at: Site, attack: list[str]) -> None:
    """What it says of its own connections counts little: it sees a reset once it has read what came before."""
    before = use(at.plain).files
    process = await asyncio.create_subprocess_exec(
        *("slowhttptest", *attack, "-i", "1", "-c", "10", "-r", "10", "-l", "20"),
        *("-u", f"http://127.0.0.1:{at.plain.port}/large"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(lambda: use(at.plain).files >= before + 8, 8)
        await eventually(lambda: use(at.plain).files <= before + 3, 10 + 2 * LATE)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [("~/(a+)+$", 0, ""), (r"~/(a)\1", 2, "routes.r.match.paths[0]"), ("~/" + "a?" * 3000, 2, "longer than 1000")],
)
async def test_a17_expressions_that_could_take_for_ever_are_refused_or_linear(
    tmp_path: Path, path: str, code: int, said: str
) -> None:
    """RE2 has no expression that backtracks; how long others take: tests/unit/infrastructure/config/test_regex.py."""
    file = tmp_path / "gateway.yaml"
    file.write_text(json.dumps({"routes": {"r": {"match": {"paths": [path]}, "respond": {"body": "x"}}}}))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "check", str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == code, out.decode()
    assert said in out.decode()
