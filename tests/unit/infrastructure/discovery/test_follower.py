import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.entities.service import Target
from app.infrastructure.discovery.follower import Follower
from app.infrastructure.discovery.sources import Found
from tests.fakes import RecordedEvents
from tests.unit.infrastructure.discovery.sources import ONE, TWO, ScriptedSource, failure, found

HANGS = 10.0


class Followed:
    """A follower, its source, and a clock that a test moves."""

    def __init__(self, empty_after: float) -> None:
        self.now = 0.0
        self.source = ScriptedSource()
        self.events = RecordedEvents()
        self.follower = Follower(self.source, "consul users", empty_after, self.events, lambda: self.now)
        self.targets = self.follower.targets()

    async def next(self) -> tuple[Target, ...]:
        async with asyncio.timeout(HANGS):
            return await anext(self.targets)

    def messages(self) -> list[str]:
        return [message for _, message, _ in self.events.seen]


@pytest.fixture
async def followed() -> AsyncIterator[Followed]:
    made = Followed(empty_after=1000.0)
    yield made
    await made.targets.aclose()


@pytest.fixture
async def hasty() -> AsyncIterator[Followed]:
    """Believes in emptiness at once."""
    made = Followed(empty_after=0.0)
    yield made
    await made.targets.aclose()


async def test_only_differences_are_passed_on(followed: Followed) -> None:
    followed.source.say(found(ONE), found(ONE), found(ONE, TWO), found(ONE, TWO), found(TWO))
    assert [await followed.next() for _ in range(3)] == [(ONE,), (ONE, TWO), (TWO,)]
    assert followed.messages() == []


async def test_failures_change_nothing_and_are_told_once(followed: Followed) -> None:
    """F-09."""
    followed.source.say(found(ONE), failure(), failure(), failure("another"), found(ONE), failure(), found(TWO))
    assert await followed.next() == (ONE,)
    assert await followed.next() == (TWO,)
    failed, healed = "targets cannot be discovered; the last ones stay", "targets can be discovered again"
    assert followed.messages() == [failed, failed, healed, failed, healed]
    assert followed.events.seen[0][2] == {"discover": "consul users", "reason": "no answer"}


async def test_a_source_that_fails_at_first_gives_nothing_until_it_heals(followed: Followed) -> None:
    followed.source.say(failure(), failure(), found(ONE))
    assert await followed.next() == (ONE,)


async def test_emptiness_is_believed_at_once_when_nothing_was_known(followed: Followed) -> None:
    followed.source.say(found(), found(), found(ONE))
    assert await followed.next() == ()
    assert await followed.next() == (ONE,)


async def test_emptiness_that_does_not_last_changes_nothing(followed: Followed) -> None:
    followed.source.say(found(ONE), found(), found(), found(ONE), found(TWO))
    assert await followed.next() == (ONE,)
    assert await followed.next() == (TWO,)
    assert followed.messages() == ["no target is found any more"]
    assert followed.events.seen[0][2]["kept"] == "the last targets stay for 1000 s"


async def test_emptiness_that_lasts_is_passed_on_while_the_source_waits(followed: Followed) -> None:
    followed.source.say(found(ONE), found())
    assert await followed.next() == (ONE,)
    following = asyncio.ensure_future(followed.next())
    while followed.source.asked < 3:  # noqa: ASYNC110  # a count, set by nobody who could set an event
        await asyncio.sleep(0)
    asked = followed.source.asked
    followed.now = 2000.0
    followed.source.say(found())
    assert await following == ()
    followed.source.say(found(ONE))
    assert await followed.next() == (ONE,)
    assert followed.source.asked == asked + 1, "the question under way was not asked again"


async def test_emptiness_may_be_believed_at_once(hasty: Followed) -> None:
    hasty.source.say(found(ONE), found())
    assert await hasty.next() == (ONE,)
    assert await hasty.next() == ()


async def test_silence_is_no_proof_of_emptiness(followed: Followed) -> None:
    followed.source.say(found(ONE), found(), failure())
    assert await followed.next() == (ONE,)
    following = asyncio.ensure_future(followed.next())
    while followed.source.asked < 4:  # noqa: ASYNC110  # a count, set by nobody who could set an event
        await asyncio.sleep(0)
    followed.now = 2000.0
    followed.source.say(found(), found(TWO))
    assert await following == (TWO,)


async def test_instances_that_are_left_out_are_told_of_once(followed: Followed) -> None:
    followed.source.say(Found((ONE,), ("instance 'u2': no port",)), Found((ONE,), ("instance 'u2': no port",)))
    followed.source.say(Found((ONE,)), found(TWO))
    assert [await followed.next() for _ in range(2)] == [(ONE,), (TWO,)]
    assert followed.messages() == ["instances are left out"]


async def test_closing_closes_the_source_and_the_question() -> None:
    made = Followed(1.0)
    made.source.say(found(ONE))
    assert await made.next() == (ONE,)
    await made.targets.aclose()
    assert made.source.closed

    made = Followed(1.0)
    following = asyncio.ensure_future(made.next())
    while not made.source.asked:  # noqa: ASYNC110  # a count, set by nobody who could set an event
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert made.source.closed
