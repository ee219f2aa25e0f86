"""The end of a gateway that serves: who is told what, what may finish, and who may ask how it is."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import ConnectionClosed

from tests.backends import Wire, eventually, ok, raw_backend
from tests.clients import connect, fetch
from tests.integration.gateway_process import GatewayProcess, behind, gateway
from tests.integration.websocket_backends import Backends


async def not_ready(gw: GatewayProcess) -> str:
    """Ask until it is not ready; the reason."""
    async with asyncio.timeout(5):
        while True:
            ready = await fetch(gw.port, "/-/ready")
            if ready.status == 503:
                return str(json.loads(ready.body)["status"])
            await asyncio.sleep(0.01)


async def test_a_stop_in_steps(tmp_path: Path, server: str) -> None:
    go = asyncio.Event()

    async def answer(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            if b"/slow" in head:
                await go.wait()
            await wire.say(ok(head.split(b" ")[1]))

    sockets = Backends()
    sockets.start()
    try:
        async with raw_backend(answer) as backend:
            services = {
                "http": {"targets": [{"url": f"http://127.0.0.1:{backend.port}"}]},
                "tunnel": {"targets": [{"url": f"http://127.0.0.1:{sockets.port}"}]},
            }
            async with (
                gateway(tmp_path, behind(services), server, drain="1500ms") as gw,
                connect_websocket(f"ws://127.0.0.1:{gw.port}/tunnel/echo", proxy=None) as tunnel,
                asyncio.TaskGroup() as group,
            ):
                slow = group.create_task(fetch(gw.port, "/http/slow"))
                await eventually(lambda: len(backend.heads) == 1)
                gw.process.send_signal(signal.SIGTERM)
                assert await not_ready(gw) == "draining"
                assert (await fetch(gw.port, "/-/live")).status == 200
                assert (await fetch(gw.port, "/http/new")).body == b"/http/new"
                await tunnel.send("still open")
                assert await tunnel.recv() == "still open"
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(tunnel.recv(), 8)
                assert tunnel.close_code == 1001
                assert not slow.done()
                go.set()
                assert (await slow).body == b"/http/slow"
                assert await asyncio.wait_for(gw.process.wait(), 20) == 0
            assert sockets.recorder.closes["/tunnel/echo"][0] == 1001
            assert not any("Traceback" in line for line in gw.log)
    finally:
        sockets.stop()


async def test_only_those_who_may_ask_how_it_is(tmp_path: Path, server: str) -> None:
    config = {"routes": {"all": {"respond": {"body": "hello"}}}}
    async with gateway(tmp_path, config, server, status_allow="127.0.0.1,10.0.0.0/8") as gw:
        for path in ("/-/live", "/-/ready"):
            assert (await fetch(gw.port, path)).status == 200
            async with connect(gw.port, source="127.0.0.2") as other:
                refused = await other.exchange("GET", path, [("x-forwarded-for", "127.0.0.1")])
                assert (refused.status, refused.field(b"content-type")) == (404, b"application/problem+json")
                assert (await other.exchange("GET", "/users")).body == b"hello"
