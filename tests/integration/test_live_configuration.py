"""Changes of the configuration file under the real gateway: what is live when, and what goes on meanwhile."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect as connect_websocket

from tests.backends import Wire, eventually, keep_answering, ok, raw_backend
from tests.clients import connect, fetch
from tests.integration.gateway_process import GatewayProcess, behind, gateway
from tests.integration.websocket_backends import Backends

SERVERS = ("builtin",)

BROKEN = """\
services:
  s:
    targets:
      - url: ftp://127.0.0.1:1
  t:
    targets: [http://127.0.0.1:1]
    timeouts: {response: soon}
routes:
  a:
    match: {paths: [no-slash]}
    respond: {body: broken}
  b:
    mtach: {}
  c:
    service: nowhere
"""
PROBLEMS = [
    "gateway.yaml:4: services.s.targets[0].url: ",
    "gateway.yaml:6: services.t.targets[0]: ",
    "gateway.yaml:7: services.t.timeouts.response: ",
    "gateway.yaml:10: routes.a.match.paths[0]: ",
    "gateway.yaml:13: routes.b.mtach: ",
    "gateway.yaml:15: routes.c.service: ",
]


def saying(text: str) -> dict[str, Any]:
    return {"routes": {"a": {"match": {"paths": ["/a"]}, "respond": {"body": text}}}}


def other_file(folder: Path, text: str) -> Path:
    file = folder / f"{text}.yaml"
    file.write_text(json.dumps(saying(text)))
    return file


async def until_it_says(gw: GatewayProcess, text: str) -> None:
    """Ask until the answer is `text`."""
    async with asyncio.timeout(8):
        while True:
            if (await fetch(gw.port, "/a")).body == text.encode():
                return
            await asyncio.sleep(0.01)


async def test_a_saved_file_is_live_at_once_and_no_request_fails(tmp_path: Path, server: str) -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        traffic = {"match": {"paths": ["/traffic"]}, "url": f"http://127.0.0.1:{backend.port}"}

        def config(number: int) -> dict[str, Any]:
            made = saying(str(number))
            made["routes"]["traffic"] = traffic
            return made

        async with gateway(tmp_path, config(0), server) as gw:
            over = asyncio.Event()

            async def ask() -> int:
                count = 0
                async with connect(gw.port) as client:
                    while not over.is_set():
                        assert (await client.exchange("GET", "/traffic")).body == b"x"
                        count += 1
                return count

            async with asyncio.TaskGroup() as group:
                clients = [group.create_task(ask()) for _ in range(4)]
                waits = []
                for number in range(1, 6):
                    started = time.monotonic()
                    gw.save(config(number))
                    await until_it_says(gw, str(number))
                    waits.append(time.monotonic() - started)
                over.set()
            assert sorted(waits)[2] < 1
            assert min(client.result() for client in clients) > 10


async def test_a_broken_file_changes_nothing_and_every_mistake_in_it_is_told(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, saying("first"), server) as gw:
        gw.save(BROKEN)
        for problem in PROBLEMS:
            line = json.loads(await gw.said(problem))
            assert (line["level"], line["message"]) == ("error", "configuration refused")
        assert len([line for line in gw.log if "configuration refused" in line]) == len(PROBLEMS)
        assert (await fetch(gw.port, "/a")).body == b"first"
        assert (await fetch(gw.port, "/-/ready")).status == 200
        gw.save("routes: [")
        await gw.said("gateway.yaml:2: ", "refused")
        gw.save(saying("fixed"))
        await until_it_says(gw, "fixed")
        gw.config.unlink()
        await gw.said("does not exist")
        assert (await fetch(gw.port, "/a")).body == b"fixed"
        other_file(tmp_path, "renamed").rename(gw.config)
        await until_it_says(gw, "renamed")
        gw.config.unlink()
        gw.config.symlink_to(other_file(tmp_path, "linked"))
        await until_it_says(gw, "linked")


async def test_connections_to_targets_that_stay_are_kept_and_the_others_closed(tmp_path: Path, server: str) -> None:
    answer = keep_answering(ok(b"x"))
    async with raw_backend(answer) as stays, raw_backend(answer) as goes:
        services: dict[str, dict[str, Any]] = {
            "stays": {"targets": [{"url": f"http://127.0.0.1:{stays.port}"}]},
            "goes": {"targets": [{"url": f"http://127.0.0.1:{goes.port}"}]},
        }
        async with gateway(tmp_path, behind(services), server) as gw:
            for name in services:
                assert (await fetch(gw.port, f"/{name}/x")).body == b"x"
            del services["goes"]
            services["stays"]["timeouts"] = {"response": "5s"}
            gw.save(behind(services))
            await eventually(lambda: goes.closed == 1)
            assert (await fetch(gw.port, "/stays/x")).body == b"x"
            assert (await fetch(gw.port, "/goes/x")).status == 404
            assert (stays.connections, stays.closed, goes.connections) == (1, 0, 1)


@pytest.fixture
def backends() -> Any:
    started = Backends()
    started.start()
    yield started
    started.stop()


async def test_what_is_under_way_survives_a_change(tmp_path: Path, server: str, backends: Backends) -> None:
    more = asyncio.Event()

    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst")
        await more.wait()
        await wire.say(b"later")

    async with raw_backend(answer) as backend:
        services = {
            "slow": {"targets": [{"url": f"http://127.0.0.1:{backend.port}"}]},
            "tunnel": {"targets": [{"url": f"http://127.0.0.1:{backends.port}"}]},
        }
        async with (
            gateway(tmp_path, behind(services), server) as gw,
            connect_websocket(f"ws://127.0.0.1:{gw.port}/tunnel/echo", proxy=None) as tunnel,
            connect(gw.port) as client,
        ):
            client.writer.write(b"GET /slow/x HTTP/1.1\r\nhost: t\r\n\r\n")
            await client.reader.readuntil(b"first")
            gw.save(saying("other"))
            await until_it_says(gw, "other")
            assert (await fetch(gw.port, "/slow/x")).status == 404
            await tunnel.send("still there")
            assert await tunnel.recv() == "still there"
            more.set()
            assert await client.reader.readexactly(5) == b"later"
            await eventually(lambda: backend.closed == 1)
            outcomes = {("/slow/x", 404), ("/slow/x", 200)}
            await eventually(lambda: outcomes <= {(record["path"], record["status"]) for record in gw.records()})
