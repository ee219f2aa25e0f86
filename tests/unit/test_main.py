"""The whole application in this process, without a server. What servers add: tests/integration."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest

from app.domain.entities.units import Duration
from app.infrastructure.config.settings import Settings
from app.interfaces.application import Gateway
from tests.asgi import Server, http_scope
from tests.backends import eventually
from tests.fakes import RecordedEvents


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module; it reads the environment when it is imported."""
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)
    import app.main

    return app.main


def settings(tmp_path: Path, **more: str) -> Settings:
    chosen = {
        "config": str(tmp_path / "gateway.yaml"),
        "state_dir": str(tmp_path / "state"),
        "access_log": str(tmp_path / "access.log"),
        **more,
    }
    return Settings.from_environment({"GATEWAY_LISTN": ":1"}, chosen)


class Closing:
    """Events that are recorded, with the `close` of those that are written."""

    def __init__(self, events: RecordedEvents) -> None:
        self.info = events.info
        self.warning = events.warning
        self.error = events.error

    def close(self) -> None:
        return


@asynccontextmanager
async def started(application: Gateway) -> AsyncIterator[None]:
    server = Server({"type": "lifespan.startup"})
    life = asyncio.ensure_future(application({"type": "lifespan"}, server.receive, server.send))
    await eventually(lambda: bool(server.sent))
    assert server.sent[0]["type"] == "lifespan.startup.complete"
    yield
    server.push({"type": "lifespan.shutdown"})
    await asyncio.wait_for(life, 10)
    assert server.sent[1]["type"] == "lifespan.shutdown.complete"


async def get(application: Gateway, path: bytes) -> Server:
    server = Server()
    await application(http_scope(path, peer="127.0.0.1"), server.receive, server.send)
    return server


async def test_settings_in_and_a_gateway_out(main: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {hello: {match: {paths: [/hello]}, respond: {body: hi}}}")
    application = main.create_app(settings(tmp_path, server="hypercorn"))
    assert not (tmp_path / "access.log").exists()
    tasks = asyncio.all_tasks()
    async with started(application):
        hello = await get(application, b"/hello")
        assert (hello.status, hello.body) == (200, b"hi")
        assert {b"x-request-id", b"date"} <= set(hello.headers)
        assert json.loads((await get(application, b"/nothing")).body)["code"] == "no_route"
        assert (await get(application, b"/-/ready")).status == 200
    lines = (tmp_path / "access.log").read_text().splitlines()
    assert len(lines) == 2
    assert list((tmp_path / "state").iterdir())
    assert asyncio.all_tasks() == tasks


async def test_granian_adds_the_date_itself(main: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {hello: {respond: {body: hi}}}")
    application = main.create_app(settings(tmp_path, server="granian", access_log="off"))
    async with started(application):
        assert b"date" not in (await get(application, b"/")).headers


async def test_without_a_configuration_it_starts_and_says_what_to_do(main: ModuleType, tmp_path: Path) -> None:
    application = main.create_app(settings(tmp_path, access_log="off"))
    async with started(application):
        assert (await get(application, b"/-/ready")).status == 503
        answer = await get(application, b"/")
        assert (answer.status, b"GATEWAY_CONFIG" in answer.body) == (404, True)


async def test_the_supervisors_signal_makes_it_not_ready_while_it_serves(main: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("routes: {hello: {respond: {body: hi}}}")
    before = signal.getsignal(signal.SIGUSR1)
    application = main.create_app(settings(tmp_path, access_log="off", drain=str(Duration(1))))
    async with started(application):
        os.kill(os.getpid(), signal.SIGUSR1)
        while (await get(application, b"/-/ready")).status == 200:  # noqa: ASYNC110  # a signal sets no event
            await asyncio.sleep(0.005)
        assert (await get(application, b"/")).status == 200
    assert signal.getsignal(signal.SIGUSR1) == before


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GATEWAY_HEAD_TIMEOUT", "soon", "GATEWAY_HEAD_TIMEOUT: expected a duration"),
        ("GATEWAY_ACCESS_LOG", "/nowhere/x.log", "access log /nowhere/x.log cannot be opened: No such file"),
    ],
)
def test_a_wrong_environment_ends_the_process_with_lines(
    main: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str,
    said: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        main._settings()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gateway: {said}")


async def test_what_is_not_as_it_should_be_is_told_and_serving_goes_on(
    main: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> None:
        raise RuntimeError("no more")

    monkeypatch.setattr(main.ConfigService, "follow", broken)
    events = RecordedEvents()
    monkeypatch.setattr(main.telemetry, "configure", lambda *_: Closing(events))
    (tmp_path / "gateway.yaml").write_text("routes: {hello: {respond: {body: hi}}}")
    application = main.create_app(settings(tmp_path, access_log="off"))
    async with started(application):
        await eventually(lambda: any(level == "error" for level, _, _ in events.seen))
        assert (await get(application, b"/")).body == b"hi"
    [(message, fields)] = [(message, fields) for level, message, fields in events.seen if level == "error"]
    assert any(level == "warning" and "GATEWAY_LISTN" in text for level, text, _ in events.seen)
    assert (message, fields["error"]) == (
        "changes of the configuration are not followed any more",
        "RuntimeError('no more')",
    )


async def test_outside_of_the_main_thread_nobody_announces_a_stop(main: ModuleType, tmp_path: Path) -> None:
    async def life() -> int:
        application = main.create_app(settings(tmp_path, access_log="off"))
        async with started(application):
            return (await get(application, b"/-/live")).status

    assert await asyncio.to_thread(asyncio.run, life()) == 200
