"""`gateway serve` as a process, under both servers: start, death of a worker, stop."""

import asyncio
import re
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.backends import Wire, eventually, ok, raw_backend
from tests.integration.gateway_process import GatewayProcess, gateway, to
from tests.unit.infrastructure.workers.pairs import new_key, self_signed

HELLO: dict[str, Any] = {"routes": {"hello": {"match": {"paths": ["/hello"]}, "respond": {"body": "hello"}}}}


async def get(running: GatewayProcess, path: str, **options: Any) -> httpx.Response:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{running.port}{path}", **options)


class Slow:
    """A backend that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, wire: Wire) -> None:
        await wire.request()
        self.asked.set()
        await self.go.wait()
        await wire.say(ok(b"slow"))


@asynccontextmanager
async def with_request_under_way(
    tmp_path: Path, server: str, **settings: str
) -> AsyncIterator[tuple[GatewayProcess, Slow, "asyncio.Task[httpx.Response]"]]:
    slow = Slow()
    async with raw_backend(slow) as backend, gateway(tmp_path, to(backend.port), server, 1, **settings) as running:
        request = asyncio.create_task(get(running, "/"))
        async with asyncio.timeout(20):
            await slow.asked.wait()
        try:
            yield running, slow, request
        finally:
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)


async def test_it_says_what_it_serves_and_where(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server, workers=2) as running:
        assert (await get(running, "/hello")).text == "hello"
        await eventually(lambda: any("digest" in line for line in running.log))
        said = "".join(running.log)
        assert re.search(rf"listens on http://127\.0\.0\.1:{running.port} \({server}, 2 workers\)", said)
        assert re.search(rf"configuration {re.escape(str(running.config))}: 1 route, digest [0-9a-f]+", said)
        assert len(running.workers()) == 2
        assert await running.stop() == 0
        assert "Traceback" not in "".join(running.log)


async def test_a_stop_lets_requests_under_way_finish(tmp_path: Path, server: str) -> None:
    async with with_request_under_way(tmp_path, server) as (running, slow, request):
        running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        slow.go.set()
        assert (await request).text == "slow"
        assert await asyncio.wait_for(running.process.wait(), 20) == 0


async def test_it_is_not_ready_while_it_drains(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server, drain="1500ms") as running:
        assert (await get(running, "/-/ready")).status_code == 200
        running.process.send_signal(signal.SIGTERM)
        for _ in range(100):
            ready = await get(running, "/-/ready")
            if ready.status_code == 503:
                break
        assert ready.status_code == 503
        assert (await get(running, "/hello")).text == "hello"
        assert await asyncio.wait_for(running.process.wait(), 20) == 0


async def test_a_request_longer_than_the_grace_is_cut(tmp_path: Path, server: str) -> None:
    async with with_request_under_way(tmp_path, server, grace="200ms") as (running, _, request):
        assert await running.stop() == 0
        answer = (await asyncio.gather(request, return_exceptions=True))[0]
        assert isinstance(answer, httpx.HTTPError) or answer.status_code >= 500  # type: ignore[union-attr]


async def test_a_second_signal_ends_it_at_once(tmp_path: Path, server: str) -> None:
    async with with_request_under_way(tmp_path, server, drain="60s") as (running, _, _request):
        workers = running.workers()
        running.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        assert await running.stop(signal.SIGTERM) == 128 + signal.SIGTERM
        assert not any(psutil.pid_exists(worker.pid) and worker.is_running() for worker in workers)


async def test_an_idle_connection_does_not_hold_the_stop(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server, grace="30s") as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
        await reader.readuntil(b"hello")
        async with asyncio.timeout(10):
            assert await running.stop() == 0
        writer.close()


async def test_a_killed_worker_is_replaced_and_nothing_else_happens(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server, workers=2) as running:
        victim, other = running.workers()
        victim.kill()
        await eventually(lambda: len(running.workers()) == 2 and victim not in running.workers(), 20)
        for _ in range(20):
            assert (await get(running, "/hello")).text == "hello"
        assert other.is_running()
        assert await running.stop() == 0


async def test_workers_leave_when_their_supervisor_was_killed(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server, workers=2) as running:
        workers = running.workers()
        running.process.kill()
        await running.process.wait()
        gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, 20)
        assert (len(gone), alive) == (2, [])


async def test_tls_with_http2(tmp_path: Path, server: str) -> None:
    cert, key = pair(tmp_path)
    async with gateway(tmp_path, HELLO, server, tls_cert=cert, tls_key=key) as running:
        context = ssl.create_default_context(cafile=cert)
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            answer = await client.get(f"https://localhost:{running.port}/hello")
        assert answer.text == "hello"
        context.set_alpn_protocols(["h2", "http/1.1"])
        _, writer = await asyncio.open_connection("localhost", running.port, ssl=context)
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
        writer.transport.abort()


async def test_a_start_with_a_broken_file_serves_the_last_one_that_worked(tmp_path: Path, server: str) -> None:
    async with gateway(tmp_path, HELLO, server) as running:
        assert (await get(running, "/hello")).text == "hello"
        assert await running.stop() == 0
    async with gateway(tmp_path, "routes: {hello: {mtach: {}}}", server) as running:
        assert any("warning" in line and "mtach" in line for line in running.log)
        assert (await get(running, "/hello")).text == "hello"


def pair(folder: Path) -> tuple[str, str]:
    key = new_key()
    (folder / "cert.pem").write_bytes(self_signed(key).public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")
