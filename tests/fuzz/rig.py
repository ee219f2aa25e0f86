"""A gateway in front of a backend, and a campaign through both. Not for what is sent."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from tests.clients import fetch
from tests.fuzz.campaign import Campaign, Failure, Tally
from tests.fuzz.nginx_backend import nginx_backend, nginx_missing
from tests.fuzz.node_backend import node_backend, node_missing
from tests.fuzz.raw_backend import raw_backend
from tests.fuzz.reading import BY_SERVER
from tests.fuzz.sighting import MARK, Sighting
from tests.fuzz.stream import Stream
from tests.integration.gateway_process import GatewayProcess, gateway

SERVERS: Final = ("builtin", "granian", "hypercorn")
BACKENDS: Final = ("raw", "nginx", "node")
VALUE: Final = b"5ead1c5e0ff1ce"
"""What the gateway writes into the field MARK. No seed holds it."""
_BAD_LOG: Final = ("Traceback", "panicked", '"level":"error"', "exception was never")


class _Backend(Protocol):
    port: int

    def drain(self) -> list[Sighting]: ...


class Rig(NamedTuple):
    """What a campaign goes through."""

    server: str
    gateway: GatewayProcess
    backend: _Backend

    async def run(
        self, streams: Iterable[Stream], lookup: Callable[[int], Stream], progress: Callable[[int], None] | None = None
    ) -> Tally:
        """Send and judge `streams`; what the gateway logged counts, and whether it still runs."""
        logged = len(self.gateway.log)
        campaign = Campaign(self.gateway.port, self.backend, BY_SERVER[self.server], VALUE)
        tally = await campaign.run(streams, lookup, progress)
        if self.gateway.process.returncode is None and (good := await fetch(self.gateway.port)).status != 200:
            tally.failures.append(Failure(Stream(0, ()), [f"good: a plain request after all others: {good}"]))
        log = self.gateway.log[logged:]
        bad = next((at for at, line in enumerate(log) if any(word in line for word in _BAD_LOG)), None)
        if bad is not None or self.gateway.process.returncode is not None:
            code = self.gateway.process.returncode
            told = "".join(log[max(0, (bad or 0) - 2) :][:80])
            tally.failures.append(Failure(Stream(0, ()), [f"log: exit code {code}, {told}"]))
        return tally


def missing(backend: str) -> str:
    """Why a backend cannot be had; empty when it can."""
    return {"nginx": nginx_missing, "node": node_missing}.get(backend, str)()


def _start(backend: str, folder: Path) -> AbstractAsyncContextManager[_Backend]:
    if backend == "nginx":
        return nginx_backend(folder)
    return node_backend() if backend == "node" else raw_backend()


def configuration(port: int) -> dict[str, Any]:
    """One service without retries, so that it sees a request once or never."""
    mark = {"headers": {"request": {"set": {MARK.decode(): VALUE.decode()}}}}
    service = {
        "targets": [{"url": f"http://127.0.0.1:{port}"}],
        "retries": {"attempts": 0},
        "breaker": {"max_requests": 4000, "max_pending": 4000},
    }
    return {"services": {"all": service}, "routes": {"all": {"service": "all", "filters": [mark]}}}


@asynccontextmanager
async def rig(server: str, backend: str, folder: Path) -> AsyncIterator[Rig]:
    """A gateway under `server` in front of `backend`, with its files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # before anything runs
    async with (
        _start(backend, folder / "backend") as running,
        gateway(
            folder, configuration(running.port), server, access_log="off", head_timeout="2s", body_idle="1s"
        ) as process,
    ):
        yield Rig(server, process, running)
