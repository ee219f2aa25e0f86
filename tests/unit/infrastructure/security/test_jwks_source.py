import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.domain.entities.issuer import Issuer
from app.domain.entities.units import Duration
from app.domain.token_ports import KeysUnavailable
from app.infrastructure.security import jwks_source
from app.infrastructure.security.jwks_source import ASKED_EVERY, JwksSource
from tests.backends import eventually
from tests.fakes import RecordedEvents
from tests.token_forge import signer

FIRST, SECOND = signer("ES256").jwk(), signer("ES256", "k2", 2).jwk()
Answer = list[Any] | bytes | Exception


class Bench:
    """A source whose issuer answers as a test says; time stands still unless it says otherwise."""

    def __init__(self, answer: Answer, *, refresh: float = 600, stale: float = 86400) -> None:
        self.answer = answer
        self.fetched = 0
        self.now = 1000.0
        self.open = asyncio.Event()
        self.open.set()
        self.events = RecordedEvents()
        issuer = Issuer(
            issuer="i", audience=("a",), algorithms=("ES256",), jwks="https://issuer.test/jwks",
            refresh=Duration(refresh), stale=Duration(stale),
        )  # fmt: skip
        self.source = JwksSource("main", issuer, self._fetch, self.events, (lambda: self.now, lambda: 1.0))

    async def _fetch(self, url: str) -> bytes:
        assert url == "https://issuer.test/jwks"
        await self.open.wait()
        self.fetched += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, bytes) else json.dumps({"keys": self.answer}).encode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.source.run())
        try:
            await eventually(lambda: self.fetched > 0 or not self.open.is_set())
            await asyncio.sleep(0)
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def knows(self, kid: str) -> bool:
        return self.source.keys is not None and self.source.keys.find(kid, "ES256") is not None

    async def ask(self) -> bool:
        """Ask for more keys; whether that was possible."""
        waiting = self.source.more()
        if waiting is None:
            return False
        await waiting
        return True


async def test_keys_are_fetched_at_once() -> None:
    bench = Bench([FIRST])
    assert bench.source.keys is None
    async with bench.running():
        assert bench.knows("k1")
        assert bench.source.version == 1


async def test_requests_wait_for_the_first_keys() -> None:
    bench = Bench([FIRST])
    bench.open.clear()
    async with bench.running():
        waiting = bench.source.more()
        assert waiting is not None
        bench.open.set()
        await waiting
        assert bench.knows("k1")


async def test_a62_an_unknown_key_is_fetched() -> None:
    bench = Bench([FIRST])
    async with bench.running():
        bench.answer = [SECOND]
        assert await bench.ask()
        assert bench.knows("k2")
        assert not bench.knows("k1")
        assert bench.source.version == 2


async def test_a53_unknown_keys_are_fetched_once_in_a_while_and_together() -> None:
    bench = Bench([FIRST])
    async with bench.running():
        bench.open.clear()
        waiting = [bench.source.more() for _ in range(50)]
        bench.open.set()
        for one in waiting:
            assert one is not None
            await one
        assert bench.fetched == 2
        assert not await bench.ask()
        bench.now += ASKED_EVERY - 0.1
        assert not await bench.ask()
        bench.now += 0.2
        assert await bench.ask()
        assert bench.fetched == 3


async def test_whoever_asks_during_a_fetch_gets_another_one() -> None:
    """What is under way may have been answered before the key was there."""
    bench = Bench([FIRST])
    async with bench.running():
        bench.open.clear()
        bench.source._wake.set()  # as if it were time to refresh
        await asyncio.sleep(0.01)
        waiting = bench.source.more()
        assert waiting is not None
        bench.open.set()
        await waiting
        assert bench.fetched == 3


async def test_nobody_waits_longer_than_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks_source, "LONGEST_WAIT", 0.01)
    bench = Bench([FIRST])
    async with bench.running():
        bench.open.clear()
        assert await bench.ask()
        assert bench.fetched == 1


async def test_whoever_waits_is_let_go_at_the_end() -> None:
    bench = Bench([FIRST])
    async with bench.running():
        bench.open.clear()
        waiting = bench.source.more()
    assert waiting is not None
    await waiting


async def test_keys_are_fetched_again_when_they_are_old() -> None:
    bench = Bench([FIRST], refresh=0.1)
    async with bench.running():
        await eventually(lambda: bench.fetched > 2)
        assert bench.source.version == 1


@pytest.mark.parametrize(
    "answer",
    [
        KeysUnavailable("answers 500"),
        b"<html>",
        [],
        [{"kty": "oct"}],
        RuntimeError("x"),
        b"{}",
        [signer("ES384").jwk()],
    ],
)
async def test_f33_f34_good_keys_stay_when_an_answer_is_none(answer: Answer) -> None:
    bench = Bench([FIRST])
    async with bench.running():
        bench.answer = answer
        assert await bench.ask()
        assert bench.knows("k1")
        assert bench.source.version == 1
    [(level, message, fields)] = bench.events.seen
    assert level == "warning"
    assert "the last ones stay" in message
    assert fields["issuer"] == "main"


async def test_f33_no_keys_at_all() -> None:
    bench = Bench(KeysUnavailable("answers 500"))
    async with bench.running():
        assert bench.source.keys is None
        assert not await bench.ask()
    assert "its tokens cannot be checked" in bench.events.seen[0][1]


async def test_f33_it_is_tried_again_soon_and_told_once() -> None:
    bench = Bench(KeysUnavailable("answers 500"), refresh=0.1)
    async with bench.running():
        await eventually(lambda: bench.fetched > 2)
        assert len(bench.events.seen) == 1
        bench.answer = [FIRST]
        await eventually(lambda: bench.knows("k1"))
        await eventually(lambda: len(bench.events.seen) == 2)
    assert bench.events.seen[1][0] == "info"


async def test_f33_keys_that_are_too_old_count_no_more() -> None:
    bench = Bench([FIRST], refresh=0.1, stale=50)
    async with bench.running():
        bench.answer = KeysUnavailable("answers 500")
        await eventually(lambda: len(bench.events.seen) == 1)
        assert bench.knows("k1")
        bench.now += 51
        await eventually(lambda: bench.source.keys is None)
        assert bench.source.version == 2
        bench.answer = [FIRST]
        await eventually(lambda: bench.knows("k1"))


async def test_pauses_grow_while_fetches_fail() -> None:
    bench = Bench([FIRST])
    pauses = []
    assert bench.source._pause() == 600
    for _ in range(9):
        bench.source._failed("down")
        pauses.append(bench.source._pause())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    async with bench.running():
        bench.source._failed("down")
        bench.now += 86_400 + 599
        assert bench.source._pause() == 1
        bench.now += 1
        assert bench.source._pause() == 0.1


async def test_a58_keys_that_are_skipped_are_told_once() -> None:
    bench = Bench([FIRST, {"kty": "oct", "kid": "s"}], refresh=0.1)
    async with bench.running():
        await eventually(lambda: bench.fetched > 2)
        assert bench.knows("k1")
        assert len(bench.events.seen) == 1
        assert "'s' is symmetric" in str(bench.events.seen[0][2]["problem"])
        bench.answer = [FIRST]
        await eventually(lambda: bench.source.version == 2)
        assert len(bench.events.seen) == 1
