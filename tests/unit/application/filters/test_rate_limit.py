"""Filter `rate_limit`."""

from typing import Any

import pytest

from app.application.filters.rate_limit import KIND, RateLimitFilter
from app.application.kinds import Place
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Client
from app.domain.entities.response import Response
from app.domain.refusals import LimitExceeded
from tests.fakes import exchange, request, tools
from tests.limit_stores import SlowCluster, StillHost

PLACE = Place("routes.r", "0", "r")


def made(host: StillHost | None = None, place: Place = PLACE, **options: Any) -> RateLimitFilter:
    step = KIND.build(options, tools(counters={"host": (host or StillHost()).counters}), place)
    assert isinstance(step, RateLimitFilter)
    return step


def asked(address: str = "192.0.2.1", **headers: str) -> Exchange:
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    one = exchange(request(headers=fields))
    one.request.client = Client(address, address)
    return one


def passed(step: RateLimitFilter, *exchanges: Exchange) -> int:
    count = 0
    for one in exchanges:
        try:
            assert step.on_request(one) is None
        except LimitExceeded:
            continue
        count += 1
    return count


def test_an_address_may_ask_as_often_as_the_rate_says() -> None:
    host = StillHost()
    step = made(host, rate="6/min")
    assert passed(step, *[asked() for _ in range(9)]) == 6
    assert passed(step, asked("192.0.2.2")) == 1
    host.wait(20)
    assert passed(step, *[asked() for _ in range(9)]) == 2


def test_a_burst_is_what_may_come_at_once() -> None:
    host = StillHost()
    step = made(host, rate="60/min", burst=3)
    assert passed(step, *[asked() for _ in range(9)]) == 3
    host.wait(1)
    assert passed(step, *[asked() for _ in range(9)]) == 1


def test_several_rates_all_hold_and_the_strictest_speaks() -> None:
    step = made(rate=["5/s", "20/min", "100/day"])
    one, response = asked(), Response(200, [])
    assert passed(step, one) == 1
    step.on_response(one, response)
    assert response.headers == [
        (b"ratelimit-policy", b'"5/s";q=5;w=1, "20/min";q=20;w=60, "100/day";q=100;w=86400'),
        (b"ratelimit", b'"5/s";r=4;t=1'),
    ]


def test_a_refusal_tells_when_to_come_again() -> None:
    step, refused = made(rate="2/min", headers="both"), asked()
    passed(step, asked(), asked())
    assert hasattr(step, "on_error")  # what `compose` looks for
    with pytest.raises(LimitExceeded) as caught:
        step.on_request(refused)
    step.on_error(refused, caught.value)
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (429, "rate_limited", 30)
    assert caught.value.headers == [
        (b"ratelimit-policy", b'"2/min";q=2;w=60'),
        (b"ratelimit", b'"2/min";r=0;t=60'),
        (b"x-ratelimit-limit", b"2"),
        (b"x-ratelimit-remaining", b"0"),
        (b"x-ratelimit-reset", b"60"),
    ]


def test_shadow_refuses_nobody_and_says_nothing() -> None:
    step, last, response = made(rate="1/min", shadow=True), asked(), Response(200, [])
    assert passed(step, asked(), last) == 2
    step.on_response(last, response)
    assert last.shadowed == "routes.r.0"
    assert response.headers == []


def test_limits_are_of_the_place_where_they_are_written() -> None:
    """A chain counts for all routes that use it, unless it counts by route."""
    host = StillHost()
    one, other = (made(host, Place("chains.c", "1", route), rate="1/min") for route in ("a", "b"))
    assert passed(one, asked()) + passed(other, asked()) == 1
    apart = made(host, Place("chains.d", "1", "a"), rate="1/min")
    assert passed(apart, asked()) == 1


@pytest.mark.parametrize("algorithm", ["gcra", "sliding_window"])
def test_a_cost_and_an_algorithm_can_be_chosen(algorithm: str) -> None:
    assert passed(made(rate="10/min", cost=4, algorithm=algorithm), *[asked() for _ in range(9)]) == 2


def test_headers_can_be_left_out() -> None:
    step, one, response = made(rate="1/min", headers="none"), asked(), Response(200, [])
    passed(step, one)
    step.on_response(one, response)
    assert response.headers == []


def test_by_a_header_and_an_address() -> None:
    step = made(rate="1/min", by=["address", {"header": "x-plan"}])
    assert passed(step, asked(x_plan="a"), asked(x_plan="b"), asked("192.0.2.2", x_plan="a"), asked(x_plan="a")) == 3


async def test_the_cluster_is_waited_for() -> None:
    host = StillHost()
    given = tools(counters={"host": host.counters, "cluster": SlowCluster(host)})
    step = KIND.build({"rate": "1/min", "scope": "cluster"}, given, PLACE)
    first = step.on_request(asked())
    second = step.on_request(asked())
    assert first is not None
    assert second is not None
    assert not isinstance(first, Response)
    assert not isinstance(second, Response)
    assert await first is None
    with pytest.raises(LimitExceeded):
        await second


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rate": "100/min"}, None),
        ({"rate": ["10/s", "5000/day"], "burst": 3, "by": ["consumer", "route"]}, None),
        ({"rate": "often"}, "rate: expected a rate such as"),
        ({"rate": []}, "rate: expected a rate such as 100/min"),
        ({"rate": "10/s", "cost": 11}, "rate: 10/s: a request that costs 11 would never be allowed"),
        ({"rate": "10/s", "by": {}}, "by: expected the name"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], problem: str | None) -> None:
    found = KIND.problems(options)
    assert [text.startswith(problem or "-") for text in found] == [True] * (problem is not None)


def test_it_is_described() -> None:
    assert KIND.describe({"rate": "100/min"}) == "100/min by address"
    options = {"rate": ["1/s", "9/day"], "by": "consumer", "scope": "cluster", "shadow": True}
    assert KIND.describe(options) == "1/s and 9/day by consumer in the cluster, in shadow"


def test_its_limits_are_named() -> None:
    assert KIND.limits({"rate": "1/s"}, PLACE) == ["routes.r.0"]
    assert KIND.limits({"rate": ["1/s", "9/day"]}, PLACE) == ["routes.r.0.0", "routes.r.0.1"]
