import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.domain.limit_ports import LimitStoreDown
from app.infrastructure.ratelimit import redis_link, redis_opening
from app.infrastructure.ratelimit.redis_link import RedisLink
from app.infrastructure.ratelimit.redis_opening import LinkOptions, Script
from app.infrastructure.ratelimit.redis_wire import Command
from tests.fakes import RecordedEvents
from tests.scripted_redis import OK, ScriptedRedis, scripted

HANGS = 10.0
SCRIPT = Script("return 7")
NUMBERS = b"*7\r\n" + b":1\r\n" * 7
ALL_SLOTS = (0, 16383)


class Server:
    tls: ssl.SSLContext | None = None
    host = "127.0.0.1"

    def __init__(self, port: int, slots: tuple[int, int] = ALL_SLOTS) -> None:
        self.port = port
        self.slots = slots
        self.greeting: Sequence[Command] = (("HELLO", 3),)


class Asker:
    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.failures = 0

    def answered(self, answer: Any, sent: float, received: float) -> None:
        self.answers.append(answer)

    def failed(self) -> None:
        self.failures += 1


class Linked:
    def __init__(self, locate: Callable[[], Sequence[Server]], timeout: float = 1.0) -> None:
        self.events = RecordedEvents()
        options = LinkOptions("redis://x", locate, timeout, (SCRIPT, "probe", (1,)))
        self.link = RedisLink(options, [SCRIPT], asyncio.get_running_loop().time, self.events)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(HANGS):
            while not condition():  # noqa: ASYNC110  # another task does it
                await asyncio.sleep(0.002)

    async def ask(self, key: bytes = b"key") -> Asker:
        asker = Asker()
        self.link.ask(SCRIPT, key, (1, 2), asker)
        await self.until(lambda: asker.answers or asker.failures)
        return asker

    def told(self) -> list[str]:
        return [level for level, _, _ in self.events.seen]


@asynccontextmanager
async def linked(
    locate: Callable[[], Sequence[Server]], monkeypatch: pytest.MonkeyPatch, within: float = 1.0
) -> AsyncIterator[Linked]:
    monkeypatch.setattr(redis_link, "PAUSE", 0.01)
    monkeypatch.setattr(redis_link, "SETTLED", 0.05)
    made = Linked(locate, within)
    running = asyncio.ensure_future(made.link.run())
    try:
        yield made
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.sleep(0.01)  # the event loop closes the connections


def well(command: list[str]) -> bytes:
    return NUMBERS if command[0].startswith("EVAL") else OK


async def test_scripts_are_loaded_tried_and_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(well) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch) as to:
            with pytest.raises(LimitStoreDown):
                to.link.ask(SCRIPT, b"key", (), Asker())
            await to.until(lambda: to.link.is_open)
            assert (await to.ask()).answers == [[1] * 7]
            assert to.link.questions == 1
            await asyncio.sleep(0.1)
            assert not to.events.seen
        assert server.commands[:3] == [["HELLO", "3"], ["SCRIPT", "LOAD", SCRIPT.text], _probe()]
        assert server.commands[3] == ["EVALSHA", SCRIPT.sha, "1", "key", "1", "2"]


def _probe() -> list[str]:
    return ["EVALSHA", SCRIPT.sha, "1", "probe", "1"]


async def test_a_script_that_was_forgotten_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(command: list[str]) -> bytes:
        return b"-NOSCRIPT gone\r\n" if command[:4:3] == ["EVALSHA", "key"] else well(command)

    with scripted(forgetful) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch) as to:
            await to.until(lambda: to.link.is_open)
            assert (await to.ask()).answers == [[1] * 7]
            assert to.link.is_open
        assert server.commands[-1] == ["EVAL", SCRIPT.text, "1", "key", "1", "2"]


@pytest.mark.parametrize("answer", [b"-READONLY replica\r\n", b"+OK\r\n", b"*1\r\n:1\r\n"])
async def test_a_server_that_does_not_do_it_is_left(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwilling(command: list[str]) -> bytes:
        return answer if command[:4:3] == ["EVALSHA", "key"] else well(command)

    with scripted(unwilling) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch) as to:
            for _ in range(redis_link.TOO_OFTEN):
                await to.until(lambda: to.link.is_open)
                assert (await to.ask()).failures == 1
                assert not to.link.is_open
            await to.until(lambda: "info" in to.told())
            assert to.told() == ["warning", "info"]


async def test_a_key_of_another_kind_is_the_trouble_of_that_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(command: list[str]) -> bytes:
        return b"-WRONGTYPE no\r\n" if command[:4:3] == ["EVALSHA", "key"] else well(command)

    with scripted(wrong) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch) as to:
            await to.until(lambda: to.link.is_open)
            assert (await to.ask()).failures == 1
            assert (await to.ask(b"other")).answers
            assert to.link.is_open


async def test_an_outage_is_told_once_and_its_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[ScriptedRedis] = []

    def locate() -> list[Server]:
        if not servers:
            raise OSError("sentinels are away")
        return [Server(servers[0].port)]

    async with linked(locate, monkeypatch) as to:
        await to.until(lambda: to.events.seen)
        await asyncio.sleep(0.05)
        assert to.told() == ["warning"]
        assert "sentinels are away" in to.events.seen[0][1]
        assert to.events.seen[0][2] == {"store": "redis://x"}
        with scripted(well) as server:
            servers.append(server)
            await to.until(lambda: to.told() == ["warning", "info"])
            assert (await to.ask()).answers
            servers.clear()
            to.link.lose("gone")
            await to.until(lambda: to.told() == ["warning", "info", "warning"])
            await asyncio.sleep(0.01)  # the event loop closes the connection


async def test_a_lost_connection_that_is_there_again_at_once_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(well) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch) as to:
            await to.until(lambda: to.link.is_open)
            await asyncio.sleep(0.1)
            to.link.lose("lost")
            assert not to.link.is_open
            await to.until(lambda: to.link.is_open)
            assert not to.events.seen


@pytest.mark.parametrize(("slow", "why"), [("HELLO", "no connection within"), ("EVALSHA", "no answer within 0.02 s")])
async def test_a_server_that_is_slow_is_not_used(slow: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_opening, "OPENS_WITHIN", 0.2)
    with scripted(lambda command: b"" if command[0] == slow else well(command)) as server:
        async with linked(lambda: [Server(server.port)], monkeypatch, within=0.02) as to:
            await to.until(lambda: to.events.seen)
            assert why in to.events.seen[0][1] or "connection was closed" in to.events.seen[0][1]
            assert not to.link.is_open


async def test_a_key_is_asked_for_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(well) as low, scripted(well) as high:
        both = [Server(high.port, (9001, 16383)), Server(low.port, (0, 4000)), Server(low.port, (4001, 9000))]
        async with linked(lambda: both, monkeypatch) as to:
            await to.until(lambda: to.link.is_open)
            await to.ask(b"foo")  # 12182
            await to.ask(b"{user1000}")  # 3443
        assert high.commands[-1][3] == "foo"
        assert low.commands[-1][3] == "{user1000}"
        assert sum(command[0] == "HELLO" for command in low.commands) == 1


async def test_a_cluster_with_a_hole_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(well) as server:
        async with linked(lambda: [Server(server.port, (0, 9000))], monkeypatch) as to:
            await to.until(lambda: to.events.seen)
            assert "no node of the Cluster" in to.events.seen[0][1]
