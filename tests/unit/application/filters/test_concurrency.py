"""Filter `concurrency`."""

from collections import Counter
from typing import Any

import pytest

from app.application.filters.concurrency import KIND, ConcurrencyFilter
from app.application.kinds import Place
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.request import Client
from app.domain.entities.response import Response
from app.domain.entities.route import Route
from app.domain.errors import GatewayError
from app.domain.policies.routing_entries import CompiledRoute
from tests.fakes import exchange, tools


class CountedSlots:
    """Slots of this process."""

    def __init__(self) -> None:
        self.taken = Counter[bytes]()

    def acquire(self, key: bytes, most: int) -> bool:
        if self.taken[key] >= most:
            return False
        self.taken[key] += 1
        return True

    def release(self, key: bytes) -> None:
        self.taken[key] -= 1
        assert self.taken[key] >= 0


def made(slots: CountedSlots, step: str = "0", **options: Any) -> ConcurrencyFilter:
    built = KIND.build(options, tools(slots=slots), Place("routes.r", step, "r"))
    assert isinstance(built, ConcurrencyFilter)
    return built


def asked(address: str = "192.0.2.1", consumer: str = "") -> Exchange:
    one = exchange()
    one.request.client = Client(address, address)
    one.identity = Identity(consumer, "api_key", "0" * 16) if consumer else None
    return one


def end(one: Exchange) -> None:
    assert one.release is not None
    one.release()


def test_a_slot_is_held_until_the_exchange_is_over() -> None:
    slots = CountedSlots()
    step = made(slots, max=2)
    first, second, third = asked(), asked(), asked()
    for one in (first, second):
        step.on_request(one)
        step.on_response(one, Response(200, []))
    with pytest.raises(GatewayError) as caught:
        step.on_request(third)
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (429, "concurrency_limited", 1)
    assert third.release is None
    end(first)
    step.on_request(third)
    end(second)
    end(third)
    assert slots.taken.total() == 0


def test_consumers_count_apart() -> None:
    step = made(CountedSlots(), max=1, by="consumer")
    step.on_request(asked(consumer="mobile"))
    step.on_request(asked(consumer="web"))
    with pytest.raises(GatewayError) as caught:
        step.on_request(asked("192.0.2.2", consumer="web"))
    assert caught.value.status == 429


def test_of_a_route_alone_no_client_is_to_blame() -> None:
    step = made(CountedSlots(), max=1, by="route")
    one, other = asked("192.0.2.1"), asked("192.0.2.2")
    for exchange_ in (one, other):
        exchange_.route = CompiledRoute("r", Route(url="http://127.0.0.1:1"), (), (), None)
    step.on_request(one)
    with pytest.raises(GatewayError) as caught:
        step.on_request(other)
    assert (caught.value.status, caught.value.code) == (503, "concurrency_limited")


def test_steps_count_apart() -> None:
    slots, one = CountedSlots(), asked()
    made(slots, "0", max=1).on_request(one)
    made(slots, "1", max=1).on_request(one)
    end(one)
    assert slots.taken.total() == 0


def test_a66_networks_of_ipv6_have_larger_budgets_and_nothing_leaks() -> None:
    slots = CountedSlots()
    step = made(slots, max=2)
    held, refused = [], []
    for number in range(12):
        one = asked(f"2001:db8:1:{number:x}::1")
        try:
            step.on_request(one)
            held.append(one)
        except GatewayError:
            refused.append(one)
    assert len(held) == 8
    for one in refused:
        end(one)  # what was taken before the refusal
    for one in held:
        end(one)
    assert slots.taken.total() == 0


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({"max": 10}) == []
    assert KIND.problems({"max": 10, "by": []}) != []
    assert KIND.describe({"max": 10, "by": ["consumer", "route"]}) == "10 at once by consumer and route"
    for wrong in (0, 100_000):
        with pytest.raises(ValueError, match="Expected `int`"):
            KIND.problems({"max": wrong})
