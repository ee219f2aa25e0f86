"""A worker's configuration, from its store to its snapshot. With servers around it: tests/integration."""

import asyncio
from pathlib import Path

from app.domain.policies.via import Via
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.live import follow
from app.stores import Stores
from tests.backends import eventually
from tests.fakes import RecordedEvents


def stores(tmp_path: Path) -> Stores:
    chosen = {"config": str(tmp_path / "gateway.yaml"), "state_dir": str(tmp_path / "state")}
    return Stores(Settings.from_environment({}, chosen))


async def test_a_saved_change_is_live_numbered_kept_and_told(tmp_path: Path) -> None:
    file, at, events = tmp_path / "gateway.yaml", stores(tmp_path), RecordedEvents()
    file.write_text("routes: {a: {url: http://127.0.0.1:1}}")
    transport = HttpTransport(Resolver())
    live = follow(transport, Via("gw"), at, events)
    await live.config.start()
    assert live.config.snapshot.revision == 1
    before = asyncio.all_tasks()
    async with live.running(events):
        await live.discovery.first()
        file.write_text("routes: {a: {url: http://127.0.0.1:1}, b: {respond: {body: x}}}")
        await eventually(lambda: live.config.snapshot.revision == 2, 10)
        assert set(live.config.snapshot.handlers) == {"a", "b"}
        await eventually(lambda: [one.revision for one in at.board().statuses()] == [2], 10)
    assert asyncio.all_tasks() == before
    await live.config.aclose()
    await transport.aclose()
    assert [revision.changes for revision in at.history().revisions()] == [
        {"routes": {"a": "added"}},
        {"routes": {"b": "added"}},
    ]
    kept = at.last_known_good(events).load()
    assert kept == live.config.snapshot.config


async def test_a_duty_that_ends_with_an_error_is_told(tmp_path: Path) -> None:
    events = RecordedEvents()
    transport = HttpTransport(Resolver())
    live = follow(transport, Via("gw"), stores(tmp_path), events)

    def broken() -> None:
        raise RuntimeError("oops")

    live.status.status = broken  # type: ignore[method-assign, assignment]
    async with live.running(events):
        await eventually(lambda: any(level == "error" for level, _, _ in events.seen))
    assert ("error", "the status of this worker is not told any more", {"error": "RuntimeError('oops')"}) in events.seen
    await live.config.aclose()
    await transport.aclose()
