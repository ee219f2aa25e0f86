"""Limits of consumers."""

import pytest

from app.application.services import consumer_limits
from app.application.services.consumer_limits import ConsumerLimits
from app.domain.entities.consumer import Consumer, ConsumerLimit
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.entities.units import Rate
from app.domain.refusals import LimitExceeded
from tests.fakes import exchange
from tests.limit_stores import SlowCluster, StillHost

TWO = ConsumerLimit(Rate(2, "min"))


def by(*limits: ConsumerLimit, id_: str = "mobile") -> Exchange:
    made = exchange()
    made.identity = Identity(id_, "api_key", "0" * 16, Consumer(limits=limits))
    return made


def step(host: StillHost | None = None) -> ConsumerLimits:
    return ConsumerLimits({"host": (host or StillHost()).counters})


async def ask(made: ConsumerLimits, of: Exchange) -> None:
    waiting = made.on_request(of)
    if waiting is not None:
        await waiting


async def test_a_consumer_is_counted_wherever_it_asks() -> None:
    made = step()
    one = by(TWO)
    await ask(made, one)
    await ask(made, by(TWO))
    with pytest.raises(LimitExceeded) as caught:
        await ask(made, by(TWO))
    assert caught.value.retry_after == 30
    await ask(made, by(TWO, id_="other"))
    response = Response(200, [])
    made.on_response(one, response)
    assert response.headers == [
        (b"ratelimit-policy", b'"2/min";q=2;w=60'),
        (b"ratelimit", b'"2/min";r=1;t=30'),
    ]
    made.on_error(one, caught.value)
    assert caught.value.headers == response.headers


async def test_nobody_and_those_without_limits_are_not_counted() -> None:
    made, unknown = step(), exchange()
    unknown.identity = Identity("issuer:subject", "jwt", "0" * 16)
    for one in (exchange(), unknown, by()):
        await ask(made, one)
        assert one.limits is None
    assert len(made) == 0


async def test_all_limits_hold_and_each_has_its_burst() -> None:
    made = step()
    limits = (ConsumerLimit(Rate(100, "min"), 3), ConsumerLimit(Rate(5, "day")), ConsumerLimit(Rate(9, "day"), 4))
    one = by(*limits)
    await ask(made, one)
    assert [(state.limit.algorithm, state.decision.remaining) for state in one.limits or []] == [
        ("gcra", 2), ("quota", 4), ("gcra", 3),
    ]  # fmt: skip
    assert [state.limit.name for state in one.limits or []] == [f"consumers.mobile.{n}" for n in range(3)]


async def test_a_change_of_the_consumer_counts_at_once() -> None:
    made = step()
    for _ in range(2):
        await ask(made, by(TWO))
    more = by(ConsumerLimit(Rate(3, "min")))
    await ask(made, more)
    assert [state.limit.count for state in more.limits or []] == [3]
    with pytest.raises(LimitExceeded):
        await ask(made, by(TWO))
    assert len(made) == 1


async def test_a18_what_is_remembered_is_bounded_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_limits, "MOST", 3)
    made = step()
    for _ in range(2):
        for number in range(10):
            await ask(made, by(TWO, id_=f"c{number}"))
    assert len(made) == 3
    with pytest.raises(LimitExceeded):
        await ask(made, by(TWO, id_="c0"))


async def test_limits_of_the_cluster_are_waited_for() -> None:
    host = StillHost()
    cluster = SlowCluster(host)
    made = ConsumerLimits({"host": host.counters, "cluster": cluster})
    both = (ConsumerLimit(Rate(2, "min"), scope="cluster"), ConsumerLimit(Rate(5, "min")))
    one = by(*both)
    await ask(made, one)
    await ask(made, by(*both))
    assert [state.limit.count for state in one.limits or []] == [2, 5]
    with pytest.raises(LimitExceeded):
        await ask(made, by(*both))
    assert cluster.asked == 3
    last = by(ConsumerLimit(Rate(9, "min"), scope="cluster"), ConsumerLimit(Rate(8, "h"), scope="cluster"), id_="x")
    await ask(made, last)
    assert len(last.limits or []) == 2


async def test_a_gateway_without_a_store_of_the_cluster_counts_by_itself() -> None:
    made = step()
    for _ in range(2):
        await ask(made, by(ConsumerLimit(Rate(2, "min"), scope="cluster")))
    with pytest.raises(LimitExceeded):
        await ask(made, by(ConsumerLimit(Rate(2, "min"), scope="cluster")))
