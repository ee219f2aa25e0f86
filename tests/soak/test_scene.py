"""The soak itself, in short: its page tells what is held, each visitor comes once, and nothing is left."""

import asyncio
from pathlib import Path

import pytest

from tests.backends import eventually
from tests.clients import connect
from tests.soak.backend import backend
from tests.soak.site import Site, Unexpected, configuration, expect
from tests.soak.traffic import MIXED, Traffic, last_requests
from tests.soak.worker import worker

SERVERS = ("builtin", "granian", "hypercorn")


@pytest.mark.parametrize("server", SERVERS)
async def test_the_page_tells_what_is_held(tmp_path: Path, server: str) -> None:
    async with backend() as service, worker(tmp_path, server, configuration(service.port, 0)) as watched:
        before = await watched.sample()
        assert (before.busy, before.idle, before.waiting, before.watched, before.upstreams) == (0, 0, 0, 0, 1)
        async with connect(watched.port) as client:
            client.writer.write(b"GET /good/hang HTTP/1.1\r\nhost: t\r\n\r\n")
            await eventually(lambda: service.open == 1)
            during = await watched.sample()
            assert (during.busy, during.watched) == (1, 1)
            assert during.tasks > before.tasks
            assert during.fds >= before.fds + 2
        await eventually(lambda: service.open == 0)
        after = await watched.sample(collect=True)
        assert (after.busy, after.watched, after.tasks) == (0, 0, before.tasks)
        assert watched.bad_lines() == []


@pytest.mark.parametrize("server", SERVERS)
async def test_every_visitor_gets_what_it_expects(tmp_path: Path, server: str) -> None:
    async with backend() as service, worker(tmp_path, server, configuration(service.port, 0)) as watched:
        traffic = Traffic(watched.port, MIXED, 7)
        await asyncio.gather(*[traffic.visit(kind) for kind in MIXED])
        assert traffic.unexpected == []
        assert traffic.done.total() == len(MIXED)
        assert await last_requests(watched.port, 40) == 40
        assert watched.bad_lines() == []
        await eventually(lambda: watched.statuses[200] > 60)  # the access log is written in batches


async def test_what_goes_wrong_is_written_down() -> None:
    async def wrong(site: Site) -> None:
        expect(site.port, 2, 3)

    async def gone(site: Site) -> None:
        raise ConnectionResetError

    traffic = Traffic(1, {wrong: 1, gone: 1}, 7)
    await traffic.visit(wrong)
    await traffic.visit(gone)
    assert [line.partition(", ")[2] for line in traffic.unexpected] == [
        "test_scene.wrong: Unexpected: saw 1, expected 2 or 3",
        "test_scene.gone: ConnectionResetError: ",
    ]
    assert traffic.done == {"test_scene.wrong": 1, "test_scene.gone": 1}


async def test_no_visit_is_under_way_while_traffic_rests() -> None:
    under_way: list[int] = []

    async def slow(site: Site) -> None:
        under_way.append(1)
        await asyncio.sleep(0.02)
        under_way.pop()

    traffic = Traffic(1, {slow: 1}, 7)
    visitors = [asyncio.ensure_future(traffic.visitor(lambda: traffic.done.total() < 20)) for _ in range(4)]
    await eventually(lambda: len(under_way) == 4)
    async with traffic.resting():
        assert under_way == []
        await asyncio.sleep(0.05)
        assert under_way == []
    await asyncio.wait_for(asyncio.gather(*visitors), 10)
    assert traffic.done.total() >= 20


def test_the_last_requests_must_be_as_expected() -> None:
    with pytest.raises(Unexpected, match="saw 502, expected 200"):
        expect(502, 200)
