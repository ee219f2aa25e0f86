"""A large table that changes all the time: F-36. No request may meet half of a change."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.backends import RawBackend, Wire, ok, raw_backend
from tests.faults.load import HOLD, Fate, steady
from tests.faults.site import ROUTES, SERVICES, Site, saying, to_service

pytestmark = pytest.mark.asyncio(loop_scope="package")

MANY = int(os.environ.get("GATEWAY_TEST_ROUTES", "2000"))
PERIOD = 0.01
"""Seconds between two changes."""
PAIR = "/pair"
SEEN = re.compile(rb"([01]) /v(\d+)/pair")


@asynccontextmanager
async def telling_backend(parity: bytes) -> AsyncIterator[RawBackend]:
    """Answers which of two it is, and the path that it was asked for."""

    async def answer(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            await wire.say(ok(parity + b" " + head.split(b" ")[1]))

    async with raw_backend(answer) as backend:
        yield backend


def change(site: Site, version: int, backends: tuple[RawBackend, RawBackend]) -> None:
    """A service and its route, changed together: an even version goes to the first backend, an odd one to the second.

    And another route, so that each change is one of many.
    """
    target = f"http://127.0.0.1:{backends[version % 2].port}"
    # A time that nothing takes: no version of the service is like another.
    service = {"targets": [{"url": target}], "timeouts": {"response": f"{60 + version}s"}}
    route = {**to_service(PAIR, "pair"), "rewrite": {"add_prefix": f"/v{version}"}}
    site.redis.cli("MULTI")
    site.put("pair", service, SERVICES)
    site.put("pair", route)
    site.put(f"m{version % MANY}", saying(f"/many/{version % MANY}", f"version {version}"))
    site.redis.cli("EXEC")


def is_whole(fate: Fate) -> bool:
    """Whether route and service were of the same version."""
    seen = SEEN.fullmatch(fate.body)
    return fate.status == 200 and seen is not None and int(seen[2]) % 2 == int(seen[1])


def fill(site: Site) -> None:
    """Many routes that stay what they are, mostly."""
    pushed = [
        text for n in range(MANY) for text in (f"m{n}", json.dumps(saying(f"/many/{n}", "at first")))
    ]  # fmt: skip
    site.redis.cli("HSET", ROUTES, *pushed)


async def churn(site: Site, backends: tuple[RawBackend, RawBackend], seconds: float) -> int:
    """A hundred changes a second; the last version."""
    begin, version = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        version += 1
        change(site, version, backends)
        await asyncio.sleep(max(0.0, begin + version * PERIOD - time.monotonic()))
    return version


@pytest.mark.parametrize("size", ["few", "many"])
async def test_f36_no_request_meets_half_of_a_change(stand: Site, size: str) -> None:
    async with AsyncExitStack() as stack:
        backends = (
            await stack.enter_async_context(telling_backend(b"0")),
            await stack.enter_async_context(telling_backend(b"1")),
        )
        if size == "many":
            fill(stand)
        change(stand, 0, backends)
        await stand.until_live(PAIR, "0 /v0/pair")
        await stand.until_well()
        pairs = [await stack.enter_async_context(steady(plane.port, PAIR, is_whole)) for plane in stand.planes]
        async with stand.under_load():
            last = await churn(stand, backends, max(HOLD, 3.0))
            # All at the end: the last change, and the one of another route that came with it.
            await stand.until_live(PAIR, f"{last % 2} /v{last}/pair")
            await stand.until_live(f"/many/{last % MANY}", f"version {last}")
            versions = {fate.body for load in pairs for fate in load.fates}
            assert len(versions) > 5, "hardly a change became live meanwhile"
            await stand.until_well()
