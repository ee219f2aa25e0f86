"""Large sets of networks: the same answers as asking one network after the other."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.address_table import AddressTable

FOUR = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda it: str(ip_network((it[0], it[1]), False)))
SIX = st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(
    lambda it: str(ip_network((it[0] | 2**127, it[1]), False))
)
ADDRESSES = st.integers(0, 2**32 - 1).map(ip_address) | st.integers(2**127, 2**128 - 1).map(ip_address)


@given(st.lists(FOUR | SIX, max_size=8), st.lists(ADDRESSES, max_size=8))
def test_it_holds_what_one_of_its_networks_holds(networks: list[str], addresses: list[object]) -> None:
    table = AddressTable(networks)
    assert table.count == len(networks)
    ends = [str(ip_network(network)[at]) for network in networks for at in (0, -1)]
    for text in [*map(str, addresses), *ends]:
        expected = any(ip_address(text) in ip_network(network) for network in networks)
        assert (text in table) is expected
        assert (text in table) is expected


def test_a71_an_ipv4_mapped_address_is_its_ipv4_address_in_lists_and_questions() -> None:
    assert "::ffff:192.0.2.7" in AddressTable(["192.0.2.0/24"])
    assert "192.0.2.7" in AddressTable(["::ffff:192.0.2.0/120"])
    assert "::ffff:192.0.2.7" not in AddressTable(["2001:db8::/32", "::/8"])


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2.300", "192.0.2.1:80", "[::1]", "x" * 500])
def test_what_is_no_address_is_in_no_list(text: str) -> None:
    assert text not in AddressTable(["0.0.0.0/0", "::/0"])


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/33", "example.com", "10.1"])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match="expected an address or a network"):
        AddressTable([network])


def test_the_memory_of_answers_is_bounded() -> None:
    table = AddressTable(["10.0.0.0/8"])
    for number in range(5000):
        assert str(ip_address(10 << 24 | number)) in table
    assert "10.0.0.1" in table
