"""Asking limits."""

from collections.abc import Sequence

import pytest

from app.application.services.limit_asker import Failure, LimitGroup, Manner
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Limit
from app.domain.errors import GatewayRefusal
from app.domain.limit_ports import CounterStore
from app.domain.policies.limit_keys import digest
from app.domain.refusals import LimitExceeded
from tests.fakes import exchange
from tests.limit_stores import SlowCluster, StillHost

FEW, MANY = Limit("few", 2, 60.0, 2), Limit("many", 5, 3600.0, 5)
KEYS = (b"64" * 8, b"56" * 8, b"48" * 8)
LATER = Manner("cluster")


def group(limits: Sequence[Limit], manner: Manner | None = None, **stores: CounterStore) -> LimitGroup:
    return LimitGroup(limits, {"host": StillHost().counters, **stores}, manner or Manner())


async def ask(made: LimitGroup, keys: Sequence[bytes] = KEYS[:1], times: int = 1) -> list[Exchange]:
    asked = []
    for _ in range(times):
        one = exchange()
        waiting = made.ask(one, keys)
        if waiting is not None:
            await waiting
        asked.append(one)
    return asked


async def test_a_request_is_counted_by_every_limit() -> None:
    [one] = await ask(group([FEW, MANY]))
    assert [(state.limit, state.decision.remaining) for state in one.limits or []] == [(FEW, 1), (MANY, 4)]


async def test_a_refusal_says_when_and_names_the_limit_to_the_operator_alone() -> None:
    made, refused = group([FEW]), exchange()
    await ask(made, times=2)
    with pytest.raises(LimitExceeded) as caught:
        made.ask(refused, KEYS[:1])
    assert caught.value.retry_after == 30
    assert caught.value.detail == "too many requests: 2/min are allowed"
    assert refused.error_detail == "over the limit few"
    assert [state.limit for state in refused.limits or []] == [FEW]


async def test_what_one_limit_refuses_is_not_counted_by_the_others() -> None:
    made = group([MANY, FEW])
    await ask(made, times=2)
    for _ in range(10):
        with pytest.raises(LimitExceeded):
            await ask(made)
    [one] = await ask(group([MANY, FEW]), [b"x" * 16])
    assert one.limits is not None
    host = StillHost()
    both, alone = group([MANY, FEW], host=host.counters), group([MANY], host=host.counters)
    await ask(both, times=2)
    with pytest.raises(LimitExceeded):
        await ask(both)
    [left] = await ask(alone)
    assert [state.decision.remaining for state in left.limits or []] == [2]


async def test_shadow_notes_the_first_limit_and_lets_pass() -> None:
    made = group([FEW, MANY], Manner(shadow=True))
    asked = await ask(made, times=7)
    assert [one.shadowed for one in asked] == ["", "", "few", "few", "few", "few", "few"]
    assert [one.limits for one in asked] == [None] * 7


async def test_a_quiet_limit_refuses_and_tells_nothing() -> None:
    made, refused = group([FEW], Manner(quiet=True)), exchange()
    await ask(made, times=2)
    with pytest.raises(LimitExceeded):
        made.ask(refused, KEYS[:1])
    assert refused.limits is None


async def test_a_cost_counts() -> None:
    [one] = await ask(group([MANY], Manner(cost=3)))
    assert [state.decision.remaining for state in one.limits or []] == [2]


async def test_a_scope_without_a_store_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="nothing to count with for cluster: see limit_store"):
        group([FEW], LATER)


@pytest.mark.parametrize("scope", ["host", "cluster"])
async def test_a66_larger_networks_have_limits_of_their_own(scope: str) -> None:
    """Fresh /64 networks of one /56 get four times what one has, those of one /48 sixteen times."""
    host = StillHost()
    manner = Manner("cluster" if scope == "cluster" else "host", networks=True)
    made = group([FEW], manner, host=host.counters, cluster=SlowCluster(host))
    passed = 0
    for number in range(100):
        keys = (digest(f"{number}"), digest(f"{number // 20}"), bytes(16))
        try:
            await ask(made, keys)
        except LimitExceeded:
            continue
        passed += 1
    assert passed == 32
    with pytest.raises(LimitExceeded):
        await ask(made, (b"n" * 16, b"n" * 16, bytes(16)))
    await ask(made, (b"m" * 16, b"m" * 16, b"m" * 16), times=2)
    with pytest.raises(LimitExceeded):
        await ask(made, (b"m" * 16, b"m" * 16, b"m" * 16))


async def test_the_strictest_network_speaks() -> None:
    made = group([MANY], Manner(networks=True))
    for number in range(19):
        [one] = await ask(made, (digest(f"{number}"), bytes(16), bytes(16)))
    assert [state.decision.remaining for state in one.limits or []] == [1]


async def test_limits_that_must_be_waited_for_are_asked_in_order() -> None:
    host = StillHost()
    made = group([FEW, MANY], LATER, cluster=SlowCluster(host))
    asked = await ask(made, times=2)
    assert [len(one.limits or []) for one in asked] == [2, 2]
    with pytest.raises(LimitExceeded):
        await ask(made)


@pytest.mark.parametrize("leased", [KEYS[:1], KEYS[1:], KEYS[:2]])
async def test_some_networks_may_be_known_and_others_asked_for(leased: Sequence[bytes]) -> None:
    cluster = SlowCluster(StillHost())
    cluster.leased = set(leased)
    made = group([FEW], Manner("cluster", networks=True), cluster=cluster)
    asked = await ask(made, KEYS, times=2)
    assert [[state.decision.remaining for state in one.limits or []] for one in asked] == [[1], [0]]
    with pytest.raises(LimitExceeded):
        await ask(made, KEYS)


@pytest.mark.parametrize("down", ["now", "later"])
async def test_without_the_store_of_the_cluster(down: str) -> None:
    async def count(failure: Failure) -> int:
        cluster = SlowCluster(StillHost(), down)
        made = group([FEW], Manner("cluster", failure, networks=True), cluster=cluster)
        for number in range(10):
            try:
                await ask(made, KEYS[:1])
            except LimitExceeded:
                return number
        return 10

    assert await count("local") == 2
    assert await count("open") == 10
    with pytest.raises(GatewayRefusal) as caught:
        await count("closed")
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "limits_unavailable", 1)


async def test_a_store_that_comes_back_counts_again() -> None:
    cluster = SlowCluster(StillHost(), "now")
    made = group([FEW], LATER, cluster=cluster)
    await ask(made)
    cluster.down = ""
    await ask(made, times=2)
    with pytest.raises(LimitExceeded):
        await ask(made)
    assert cluster.asked == 4
