"""What `make run` starts: the gateway with quickstart.yaml, and the two backends that it names. Not for production."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from backends import EchoBackend, JsonBackend
from hypercorn.asyncio import serve
from hypercorn.config import Config

if TYPE_CHECKING:
    from hypercorn.typing import Framework

HOST = "127.0.0.1"
GATEWAY_PORT = 8000
BACKENDS = {9001: JsonBackend("web"), 9002: EchoBackend("mobile")}
CONFIG = Path("examples/quickstart.yaml")

TO_TRY = f"""
Things to try in another terminal:

  a route                curl http://{HOST}:{GATEWAY_PORT}/hello/world
  chosen by a header     curl -A iPhone http://{HOST}:{GATEWAY_PORT}/hello/world
  a body                 curl -d 'some text' http://{HOST}:{GATEWAY_PORT}/hello
  a rewritten path       curl http://{HOST}:{GATEWAY_PORT}/users/42
  two targets in turn    for i in 1 2 3 4; do curl -s http://{HOST}:{GATEWAY_PORT}/shared/x | grep backend; done
  a redirect             curl -i http://{HOST}:{GATEWAY_PORT}/old
  a WebSocket echo       .venv/bin/python -m websockets ws://{HOST}:{GATEWAY_PORT}/echo
  an unknown path        curl -i http://{HOST}:{GATEWAY_PORT}/nowhere
  why a route is chosen  .venv/bin/gateway explain --config {CONFIG} GET /hello/world -H 'User-Agent: iPhone'
  a change, live         edit {CONFIG} and save it

Ctrl-C stops everything.
"""


def taken_ports() -> list[int]:
    """The ports of the demo on which something else listens."""
    taken = []
    for port in (GATEWAY_PORT, *BACKENDS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                taken.append(port)
    return taken


async def is_ready() -> bool:
    """Whether the gateway says that it has a configuration and takes requests."""
    request = f"GET /-/ready HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    try:
        reader, writer = await asyncio.open_connection(HOST, GATEWAY_PORT)
        with contextlib.closing(writer):
            writer.write(request.encode())
            return (await reader.read(64)).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


async def announce() -> None:
    """Wait for the gateway, then print what to try."""
    while not await is_ready():  # noqa: ASYNC110 (another process: there is nothing to wait on)
        await asyncio.sleep(0.1)
    print(TO_TRY, flush=True)


async def run_gateway(stopping: asyncio.Event) -> int:
    """Run `gateway serve` until it ends by itself (its exit code) or `stopping` is set (0)."""
    command = [sys.executable, "-m", "app", "serve", "--config", str(CONFIG), "--listen", f"{HOST}:{GATEWAY_PORT}"]
    # A process group of its own: Ctrl-C reaches this process alone, which then stops things in order.
    gateway = await asyncio.create_subprocess_exec(*command, process_group=0)
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(gateway.wait())
        stopped = tasks.create_task(stopping.wait())
        announcing = tasks.create_task(announce())
        await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
        announcing.cancel()
        if ended.done():
            stopped.cancel()
            return ended.result()
        gateway.terminate()
        await asyncio.wait((ended,), timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(gateway.pid, signal.SIGKILL)
        return 0


def listen_on(port: int) -> Config:
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.loglevel = "WARNING"
    config.graceful_timeout = 1
    return config


async def main() -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    gateway_ended = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for port, backend in BACKENDS.items():
            framework = cast("Framework", backend)
            tasks.create_task(serve(framework, listen_on(port), shutdown_trigger=gateway_ended.wait))
        try:
            return await run_gateway(stopping)
        finally:
            gateway_ended.set()


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    if taken := taken_ports():
        ports = ", ".join(f"{HOST}:{port}" for port in taken)
        print(f"Cannot start the demo: something else already listens on {ports}", file=sys.stderr)
        sys.exit(2)
    sys.exit(asyncio.run(main()))
