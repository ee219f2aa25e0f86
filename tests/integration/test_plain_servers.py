"""The gateway under a server that knows nothing of it: `hypercorn app.main:app`, `granian app.main:app`."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tests.backends import Wire, ok, raw_backend
from tests.clients import Reply, fetch

SERVERS = ("granian", "hypercorn")

COMMANDS = {
    "hypercorn": ["hypercorn", "app.main:app", "--workers", "2", "--bind", "127.0.0.1:{port}"],
    "granian": ["granian", "--interface", "asgi", "app.main:app", "--workers", "2", "--port", "{port}"],
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@asynccontextmanager
async def plain(folder: Path, server: str, said: Path) -> AsyncIterator[int]:
    """A server in the directory `folder`, with no settings of ours; it must end well when it is told to."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment |= {"PYTHONPATH": str(Path.cwd()), "XDG_STATE_HOME": str(folder / "state")}
    with said.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *(part.format(port=port) for part in COMMANDS[server])),
            cwd=folder, env=environment, stdout=output, stderr=output,
        )  # fmt: skip
    children: list[psutil.Process] = []
    try:
        await reachable(process, port)
        children = psutil.Process(process.pid).children(recursive=True)
        yield port
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


async def reachable(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(40):
        while process.returncode is None:
            with contextlib.suppress(OSError):
                if (await fetch(port, "/-/live")).status == 200:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError("the server ended")


async def answers(port: int, path: str, status: int) -> list[Reply]:
    """One answer a worker at least, once both have the same one."""
    async with asyncio.timeout(30):
        while True:
            replies = [await fetch(port, path) for _ in range(8)]
            if all(reply.status == status for reply in replies):
                return replies
            await asyncio.sleep(0.05)


async def test_it_starts_without_a_configuration_says_so_and_takes_the_file_when_it_comes(
    tmp_path: Path, server: str
) -> None:
    async def answer(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(ok(b"hello"))

    said = tmp_path / "said"
    async with raw_backend(answer) as backend, plain(tmp_path, server, said) as port:
        ready = (await answers(port, "/-/ready", 503))[0]
        assert b"gateway.yaml: does not exist" in ready.body
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            missing = await fetch(port, "/any/where", method)
            assert (missing.status, missing.field(b"content-type")) == (404, b"application/problem+json")
            assert "GATEWAY_CONFIG" in json.loads(missing.body)["detail"]
        (tmp_path / "gateway.yaml").write_text(f"routes: {{all: {{url: 'http://127.0.0.1:{backend.port}'}}}}\n")
        await answers(port, "/-/ready", 200)
        assert {reply.body for reply in await answers(port, "/any/where", 200)} == {b"hello"}
        assert len([value for name, value in missing.headers if name == b"date"]) == 1
    log = said.read_text()
    assert "starting without routes" in log
    assert "GATEWAY_CONFIG" in log
    assert "Traceback" not in log
