"""One client address asks so often, and remembering addresses costs bounded memory (A-07, A-18)."""

import pytest

from app.domain.entities.units import Rate
from app.domain.policies.address_rate import AddressRate
from app.domain.policies.addresses import AddressSet
from app.domain.policies.client_networks import counted_as


class Now:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def rate(now: Now, count: int = 10, most: int = 100) -> AddressRate:
    return AddressRate(Rate(count, "s"), AddressSet(("10.0.0.0/8",)).__contains__, now, most)


def admitted(asked: AddressRate, address: str, times: int) -> int:
    return sum(asked.wait(address) == 0 for _ in range(times))


def test_the_count_passes_at_once_and_then_as_time_goes_by() -> None:
    now = Now()
    asked = rate(now)
    assert admitted(asked, "192.0.2.1", 50) == 10
    assert asked.wait("192.0.2.1") == 1
    now.time += 0.35
    assert admitted(asked, "192.0.2.1", 50) == 3
    now.time += 60
    assert admitted(asked, "192.0.2.1", 50) == 10


def test_how_long_to_wait_is_true() -> None:
    now = Now()
    asked = AddressRate(Rate(2, "min"), lambda _: False, now)
    assert admitted(asked, "192.0.2.1", 2) == 2
    wait = asked.wait("192.0.2.1")
    assert wait == 30
    now.time += wait - 1
    assert asked.wait("192.0.2.1") == 1
    now.time += 1
    assert asked.wait("192.0.2.1") == 0


def test_addresses_do_not_share_and_exempt_ones_are_not_counted() -> None:
    asked = rate(Now())
    assert admitted(asked, "192.0.2.1", 50) == 10
    assert admitted(asked, "192.0.2.2", 5) == 5
    assert admitted(asked, "10.1.2.3", 500) == 500
    assert admitted(asked, "::ffff:10.1.2.3", 500) == 500


@pytest.mark.parametrize(
    ("address", "as_what"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_what_an_address_counts_as(address: str, as_what: str) -> None:
    assert counted_as(address) == as_what


def test_a_network_of_ipv6_is_one_client() -> None:
    asked = rate(Now())
    assert sum(asked.wait(f"2001:db8::{number:x}") == 0 for number in range(1, 50)) == 10
    assert asked.wait("2001:db8:0:1::1") == 0


def test_a18_many_addresses_take_bounded_memory_and_who_asks_is_remembered() -> None:
    now = Now()
    asked = rate(now)
    assert admitted(asked, "192.0.2.1", 50) == 10
    for number in range(1000):
        asked.wait(f"198.51.{number // 250}.{number % 250}")
        if number % 50 == 0:
            assert asked.wait("192.0.2.1") == 1
    assert len(asked) <= 201
