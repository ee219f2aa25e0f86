"""What a refused request costs the gateway beside one that it forwards, in CPU time of its worker (G-10).

Not what clients see of it: the load generators of `python -m benchmarks` do.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import psutil

from tests.backends import keep_answering, ok, raw_backend
from tests.clients import connect
from tests.integration.gateway_process import GatewayProcess, gateway

REQUESTS: Final = 4000
CONNECTIONS: Final = 8
ROUNDS: Final = 3
GOAL: Final = 0.3


def configuration(port: int) -> dict[str, Any]:
    limits: dict[str, str] = {"forwarded": "999999999/s", "refused": "1/h"}
    return {
        "routes": {
            name: {
                "match": {"paths": [f"/{name}"]},
                "url": f"http://127.0.0.1:{port}",
                "filters": [{"rate_limit": {"rate": rate}}],
            }
            for name, rate in limits.items()
        }
    }


async def cost(running: GatewayProcess, target: str, expected: int) -> float:
    """CPU microseconds of the worker for one request."""
    [worker] = running.workers()

    async def client() -> None:
        async with connect(running.port) as connection:
            for _ in range(REQUESTS // CONNECTIONS):
                reply = await connection.exchange("GET", target)
                if reply.status != expected:
                    raise RuntimeError(f"{target} was answered with {reply.status}")

    before = used(worker)
    await asyncio.gather(*[client() for _ in range(CONNECTIONS)])
    return (used(worker) - before) / REQUESTS * 1e6


def used(worker: psutil.Process) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)


async def measure(server: str, directory: Path) -> float:
    """What a flood's requests cost in parts of a forwarded one."""
    async with raw_backend(keep_answering(ok(b"x" * 116))) as backend:
        config = json.dumps(configuration(backend.port))
        async with gateway(directory, config, server, client_rate="off") as running:
            await once(running, "/refused")
            forwarded = await best(running, "/forwarded", 200)
            by_limit = await best(running, "/refused", 429)
        async with gateway(directory, config, server, client_rate="1/h", client_exempt="none") as running:
            await once(running, "/forwarded")
            flood = await best(running, "/forwarded", 429)
    print(f"{server}: forwarded {forwarded:.0f} us of CPU")
    print(f"{server}: refused by a limit of the route {by_limit:.0f} us: {by_limit / forwarded:.0%}")
    print(f"{server}: refused by client_rate {flood:.0f} us: {flood / forwarded:.0%} (goal: {GOAL:.0%})", flush=True)
    return flood / forwarded


async def once(running: GatewayProcess, target: str) -> None:
    """What is allowed of a limit of one."""
    async with connect(running.port) as first:
        await first.exchange("GET", target)


async def best(running: GatewayProcess, target: str, expected: int) -> float:
    """The least cost of some rounds: the others were disturbed."""
    return min([await cost(running, target, expected) for _ in range(ROUNDS)])


def main() -> int:
    ratios = []
    for server in ("builtin", "granian", "hypercorn"):
        with tempfile.TemporaryDirectory() as directory:
            ratios.append(asyncio.run(measure(server, Path(directory))))
    return 0 if ratios[0] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
