"""One gateway under fault: its processes, its status as the admin API tells it, its log. Not for what breaks it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.integration.gateway_process import GatewayProcess, gateway
from tests.redis_server import free_ports

HANGS = 30.0
"""Seconds after which what should have happened has not."""
EMPTY_FILE = "{}"
"""The configuration file, which is not the store."""

Status = dict[str, Any]


class Plane:
    """`client` asks the admin API with the token that the gateway made for itself."""

    def __init__(self, process: GatewayProcess, admin_port: int, token: str, client: httpx.AsyncClient) -> None:
        self.process = process
        self.port = process.port
        self.admin_port = admin_port
        self.token = token
        self.client = client

    async def status(self) -> Status:
        """What `GET /status` says."""
        answer = await self.client.get("/status")
        assert answer.status_code == 200, answer.text
        told: Status = answer.json()
        return told

    async def until(self, condition: Callable[[Status], Any], within: float = HANGS) -> Status:
        """The first status for which it holds; also every worker must have told one."""
        status: Status = {}
        try:
            async with asyncio.timeout(within):
                while True:
                    status = await self.status()
                    if status["workers"] and condition(status):
                        return status
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"did not come true within {within:g} s; the last status: {status}") from None

    async def until_well(self, workers: int = 2) -> Status:
        """Once every worker follows the store, with equal configurations and nothing refused."""
        return await self.until(
            lambda status: (
                len(status["workers"]) == workers
                and not status["refused"]
                and not any(worker["problem"] for worker in status["workers"])
                and len({worker["digest"] for worker in status["workers"]}) == 1
            )
        )

    async def until_told(self, text: str) -> Status:
        """Once every worker says that this is why it cannot follow the store."""
        return await self.until(lambda status: all(text in worker["problem"] for worker in status["workers"]))

    async def until_refused(self, entity: str, *words: str) -> str:
        """The reason for which every worker refuses an entity, with its field, once it has all of `words`."""

        def told(status: Status) -> list[str]:
            found = [refusal for refusal in status["refused"] if refusal["entity"] == entity]
            texts = [f"{refusal['field']}: {refusal['reason']}" for refusal in found]
            return [text for text in texts if all(word in text for word in words)]

        return told(await self.until(told))[0]

    def processes(self) -> list[psutil.Process]:
        """All of them: the supervisor, the workers, the admin process."""
        supervisor = psutil.Process(self.process.process.pid)
        return [supervisor, *supervisor.children()]

    def lines_with(self, *words: str) -> list[str]:
        """Lines of the log with all of these words."""
        return [line for line in self.process.log if all(word in line for word in words)]


@asynccontextmanager
async def plane(
    directory: Path, store: str, server: str = "builtin", workers: int = 2, **settings: str
) -> AsyncIterator[Plane]:
    """A gateway over a store, with the admin API on a port of its own."""
    directory.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # nothing else runs yet
    (admin_port,) = free_ports(1)
    listen = f"127.0.0.1:{admin_port}"
    async with gateway(directory, EMPTY_FILE, server, workers, store=store, admin_listen=listen, **settings) as process:
        token = (directory / "state" / "admin-token").read_text().strip()
        headers = {"authorization": f"Bearer {token}"}
        base = f"http://{listen}"
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=10) as client:
            yield Plane(process, admin_port, token, client)
