"""`/-/metrics`: one page for all workers, over both servers, whoever answers."""

import asyncio
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.backends import Wire, ok, raw_backend
from tests.clients import fetch
from tests.integration.gateway_process import gateway, to


async def answer(wire: Wire) -> None:
    while True:
        await wire.request()
        await wire.say(ok(b"ok"))


async def counted(port: int) -> dict[tuple[str, str, str], float]:
    """Requests by route, class and source."""
    reply = await fetch(port, "/-/metrics")
    assert reply.status == 200
    families = {family.name: family for family in text_string_to_metric_families(reply.body.decode())}
    return {
        (sample.labels["route"], sample.labels["code"], sample.labels["source"]): sample.value
        for sample in families["gateway_requests"].samples
        if sample.name == "gateway_requests_total"
    }


async def test_every_worker_tells_what_all_of_them_counted(server: str, tmp_path: Path) -> None:
    expected = {("all", "2xx", ""): 20.0, ("(none)", "4xx", "gateway"): 3.0}
    async with (
        raw_backend(answer) as backend,
        gateway(tmp_path, to(backend.port, match={"paths": ["/a/*"]}), server, workers=2) as running,
    ):
        for number in range(20):
            assert (await fetch(running.port, f"/a/{number}")).status == 200
        for number in range(3):
            assert (await fetch(running.port, f"/nowhere/{number}?token=secret{number}")).status == 404
        async with asyncio.timeout(5):
            while await counted(running.port) != expected:  # noqa: ASYNC110  # the last ones are still being counted
                await asyncio.sleep(0.01)
        for _ in range(8):  # the kernel spreads connections over the workers
            assert await counted(running.port) == expected


async def test_only_those_who_may_are_answered(tmp_path: Path) -> None:
    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), status_allow="none") as running:
        assert (await fetch(running.port, "/-/metrics")).status == 404
