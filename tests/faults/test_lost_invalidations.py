"""The server's word that something changed is lost, comes twice, or out of order: F-08."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.load import HOLD
from tests.faults.site import Site, saying
from tests.redis_following import following, options, route
from tests.redis_server import standalone
from tests.tcp_fault import TcpFault

pytestmark = pytest.mark.asyncio(loop_scope="package")

INVALIDATION = re.compile(rb">2\r\n\$10\r\ninvalidate\r\n(?:_\r\n|\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+)")
"""A push of RESP3 as Redis writes it: `invalidate`, and the keys, or null for all."""
RECONCILE = 0.5


class Deaf(TcpFault):
    """Changes what the server says of changes; all else passes."""

    times = 1
    """How often each is heard."""
    lost = 0

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(1024 * 1024):
                self.lost += len(INVALIDATION.findall(data))
                sink.write(INVALIDATION.sub(lambda found: found[0] * self.times, data))
                await sink.drain()
        sink.close()


@asynccontextmanager
async def deaf(port: int, times: int) -> AsyncIterator[Deaf]:
    network = Deaf("127.0.0.1", port)
    network.times = times
    await network.start()
    try:
        yield network
    finally:
        await network.refuse()


@pytest.mark.parametrize("times", [0, 2], ids=["lost", "twice"])
async def test_f08_what_the_server_tells_is_lost_or_comes_twice(tmp_path: Path, times: int) -> None:
    """A full reading finds what was not told. It comes every 30 s; a test has no time for that."""
    with standalone(tmp_path) as redis:
        async with (
            deaf(redis.port, times) as network,
            following(options(f"redis://127.0.0.1:{network.port}", reconcile=RECONCILE)) as worker,
        ):
            for number in range(5):
                redis.cli("HSET", "gateway:routes", f"r{number}", route(number))
                redis.cli("HSET", "gateway:routes", "last", route(number))
                await worker.until(lambda: f"r{number}" in worker.config.routes, within=5.0)  # noqa: B023
                # Never back to what was before.
                await worker.until(
                    lambda: worker.config.routes["last"].url.endswith(str(9000 + number)), within=5.0  # noqa: B023
                )  # fmt: skip
            assert network.lost
            assert not worker.problem


async def test_f08_connections_are_lost_without_a_word(stand: Site) -> None:
    """Nothing comes through for longer than a silent connection is trusted (5 s, and 2 s for the answer)."""
    async with stand.under_load() as loads:
        stand.network.drop()
        stand.put("probe", saying("/probe", "not told"))
        for gateway in stand.planes:
            await gateway.until_told("no answer")
        await loads[0].hold(min(HOLD, 5.0))
        stand.network.heal()
        # Five seconds are promised; tried again after five at most, and this machine may be busy.
        await stand.until_live("/probe", "not told", 15.0)


async def test_f08_connections_are_cut_again_and_again(stand: Site) -> None:
    async with stand.under_load():
        for number in range(5):
            stand.network.reset()
            stand.put("probe", saying("/probe", f"{number}"))
            stand.network.reset()
        await stand.until_live("/probe", "4", 15.0)
