import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.infrastructure.ratelimit.redis_wire import RedisWire, WireLost, asked
from tests.scripted_redis import OK, Answer, ScriptedRedis, scripted

HANGS = 5.0


class Asker:
    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.failures = 0

    def answered(self, answer: Any, sent: float, received: float) -> None:
        assert sent <= received
        self.answers.append(answer)

    def failed(self) -> None:
        self.failures += 1


class Wired:
    def __init__(self, server: ScriptedRedis, wire: RedisWire, lost: list[str]) -> None:
        self.server = server
        self.wire = wire
        self.lost = lost

    async def until_lost(self) -> str:
        async with asyncio.timeout(HANGS):
            while not self.lost:  # noqa: ASYNC110  # the event loop does it
                await asyncio.sleep(0.001)
        return self.lost[0]


@asynccontextmanager
async def wired(answer: Answer, within: float = HANGS) -> AsyncIterator[Wired]:
    loop = asyncio.get_running_loop()
    lost: list[str] = []
    with scripted(answer) as server:
        _, wire = await loop.create_connection(
            lambda: RedisWire(within, loop.time, lost.append), "127.0.0.1", server.port
        )
        try:
            yield Wired(server, wire, lost)
        finally:
            wire.close()
            await asyncio.sleep(0.01)  # the event loop closes it


async def test_answers_are_given_to_who_asked() -> None:
    async with wired(lambda command: b"+%s\r\n" % command[1].encode()) as to:
        assert await asyncio.gather(*(asked(to.wire, "ECHO", text) for text in "abc")) == [b"a", b"b", b"c"]
        assert not to.lost


async def test_an_error_is_an_answer() -> None:
    async with wired(lambda _: b"-NOPERM no\r\n") as to:
        with pytest.raises(WireLost, match="NOPERM no"):
            await asked(to.wire, "PING")
        assert not to.lost


async def test_what_is_pushed_is_nobodys_answer() -> None:
    async with wired(lambda _: b">2\r\n+invalidate\r\n*0\r\n" + OK) as to:
        assert await asked(to.wire, "PING") == b"OK"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"?\r\n", "does not speak"),
        (OK + OK, "does not speak"),
        (b"$2000000\r\n" + b"x" * 1_500_000, "more than"),
        (None, "was closed"),
    ],
)
async def test_a_server_that_misbehaves_is_left(answer: bytes | None, why: str) -> None:
    async with wired(lambda _: answer) as to:
        first, second = Asker(), Asker()
        to.wire.ask(("PING",), first)
        assert why in await to.until_lost()
        to.wire.ask(("PING",), second)
        assert second.failures == 1
        assert first.failures + len(first.answers) == 1
        assert len(to.lost) == 1


async def test_a_server_that_does_not_answer_in_time_is_left() -> None:
    async with wired(lambda command: OK if command == ["GOOD"] else b"", within=0.05) as to:
        assert await asked(to.wire, "GOOD") == b"OK"
        asker = Asker()
        to.wire.ask(("BAD",), asker)
        await asyncio.sleep(0.02)
        to.wire.ask(("BAD",), asker)
        assert await to.until_lost() == "no answer within 0.05 s"
        assert asker.failures == 2


async def test_a_late_answer_does_not_make_the_next_one_late() -> None:
    async with wired(lambda _: OK, within=0.05) as to:
        for _ in range(4):
            assert await asked(to.wire, "PING") == b"OK"
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        assert not to.lost


async def test_a_shorter_time_counts_at_once() -> None:
    async with wired(lambda command: OK if command == ["GOOD"] else b"", within=60.0) as to:
        assert await asked(to.wire, "GOOD") == b"OK"
        to.wire.hurry(0.05)
        to.wire.hurry(0.05)
        to.wire.ask(("BAD",), Asker())
        assert await to.until_lost() == "no answer within 0.05 s"


async def test_whoever_closes_it_is_not_told() -> None:
    async with wired(lambda _: b"") as to:
        waiting = asyncio.ensure_future(asked(to.wire, "PING"))
        await asyncio.sleep(0)
        to.wire.close()
        with pytest.raises(WireLost):
            await waiting
        await asyncio.sleep(0.01)
        assert not to.lost


async def test_who_has_given_up_is_not_told() -> None:
    async with wired(lambda _: OK) as to:
        for fail in (False, True):
            waiting = asyncio.ensure_future(asked(to.wire, "PING"))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            if fail:
                to.wire.close()
        assert not to.lost
