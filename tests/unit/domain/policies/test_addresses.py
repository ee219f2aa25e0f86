"""Who the client is: P-04, P-05, A-71."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.request import Client
from app.domain.policies.addresses import (
    LOOPBACK_AND_PRIVATE,
    AddressSet,
    TrustedProxies,
    forwarded_host,
    forwarded_port,
    forwarded_proto,
    parse_hop,
)

PROXIES = ("10.0.0.0/8", "2001:db8:1::/48")


def client_of(chain: str, peer: str = "10.0.0.1") -> str:
    return TrustedProxies(PROXIES).client(peer, 1, {b"x-forwarded-for": chain.encode()}).address


def test_nobody_is_trusted_unless_named() -> None:
    client = TrustedProxies().client("127.0.0.1", 9, {b"x-forwarded-for": b"1.2.3.4"})
    assert client == Client("127.0.0.1", "127.0.0.1", 9, False)


def test_an_untrusted_peer_is_the_client() -> None:
    proxies = TrustedProxies(PROXIES)
    assert proxies.client("203.0.113.7", 1, {b"x-forwarded-for": b"1.2.3.4"}).address == "203.0.113.7"


def test_a_trusted_peer_that_says_nothing_is_the_client() -> None:
    assert TrustedProxies(PROXIES).client("10.0.0.1", 7, {}) == Client("10.0.0.1", "10.0.0.1", 7, True)


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.1.1.1", "203.0.113.7"),
        ("6.6.6.6,203.0.113.7 ,\t10.1.1.1:8080", "203.0.113.7"),
        ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("203.0.113.7:61000", "203.0.113.7"),
        ("[2001:db8::7]:61000", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("2001:db8::7, [2001:db8:1::1]:80", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, ::ffff:10.1.1.1", "6.6.6.6"),
        ("6.6.6.6, unknown", "10.0.0.1"),
        ("6.6.6.6, _obf", "10.0.0.1"),
        ("6.6.6.6, unknown, 10.2.2.2", "10.2.2.2"),
        ("6.6.6.6, ", "10.0.0.1"),
        ("6.6.6.6, 203.0.113.7:port", "10.0.0.1"),
        ("6.6.6.6, [2001:db8::7", "10.0.0.1"),
        ("6.6.6.6, [2001:db8::7]x", "10.0.0.1"),
        ("6.6.6.6, fe80::1%eth0", "10.0.0.1"),
        ("6.6.6.6, 010.1.1.1", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_walk_goes_from_the_right_to_the_first_that_is_not_trusted(chain: str, client: str) -> None:
    assert client_of(chain) == client


def test_a_mapped_peer_is_its_ipv4_address() -> None:
    assert TrustedProxies(PROXIES).client("::ffff:10.0.0.1", 1, {}) == Client("10.0.0.1", "10.0.0.1", 1, True)


@pytest.mark.parametrize(
    ("scheme", "told", "expected"),
    [
        ("http", b"https", "https"), ("https", b"http", "http"), ("http", b"", "http"), ("https", b"ftp", "https"),
        ("ws", b"https", "wss"), ("wss", b"http", "ws"), ("ws", b"wss", "wss"), ("wss", b"x", "wss"),
    ],
)  # fmt: skip
def test_the_scheme_is_what_a_trusted_proxy_says(scheme: str, told: bytes, expected: str) -> None:
    assert TrustedProxies(PROXIES).scheme(scheme, {b"x-forwarded-proto": told}) == expected
    assert TrustedProxies(PROXIES).scheme(scheme, {}) == scheme


def test_a_peer_without_an_address_is_not_trusted() -> None:
    assert TrustedProxies(PROXIES).client("", 0, {b"x-forwarded-for": b"1.2.3.4"}) == Client("", "", 0, False)


def test_the_walk_is_bounded() -> None:
    chain = "6.6.6.6, " + ", ".join(["10.9.9.9"] * 500)
    assert client_of(chain) == "10.9.9.9"


addresses = st.ip_addresses().map(str)


@given(st.text(st.characters(max_codepoint=0xFF)), addresses, st.lists(st.integers(0, 2**24 - 1), max_size=5))
def test_what_an_untrusted_client_writes_is_never_the_client(forged: str, real: str, hops: list[int]) -> None:
    """The first trusted proxy adds the address that it saw; the others add each other."""
    if AddressSet(PROXIES).holds(ip_address(real)) or real.startswith("::ffff:"):
        return
    seen = [forged, real, *(str(IPv4Address(0x0A000000 + hop)) for hop in hops)]
    chain = ", ".join(seen).encode("latin-1")
    client = TrustedProxies(PROXIES).client("10.0.0.1", 1, {b"x-forwarded-for": chain})
    assert client.address == real


@given(addresses, st.one_of(st.just(""), st.integers(0, 65535).map(lambda port: f":{port}")))
def test_every_address_is_read_with_and_without_port(address: str, port: str) -> None:
    text = f"[{address}]{port}" if ":" in address and port else address + port
    parsed = parse_hop(text)
    mapped = getattr(ip_address(address), "ipv4_mapped", None)
    assert parsed == (mapped or ip_address(address))


def test_address_sets_answer_for_text() -> None:
    allowed = AddressSet(LOOPBACK_AND_PRIVATE)
    inside = ("127.0.0.1", "::1", "10.2.3.4", "172.31.0.1", "192.168.1.1", "fd00::1", "::ffff:127.0.0.1", "fe80::1%lo")
    assert [address for address in inside if address not in allowed] == []
    outside = ("8.8.8.8", "172.32.0.1", "2001:db8::1", "", "localhost", "::ffff:8.8.8.8")
    assert [address for address in outside if address in allowed] == []


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_a_mapped_network_is_the_ipv4_network(address: IPv4Address, prefix: int) -> None:
    network = ip_network(f"{address}/{prefix}", strict=False)
    mapped = AddressSet([f"::ffff:{network.network_address}/{96 + prefix}"])
    assert mapped.networks == (network,)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "private", "", "1.2.3"])
def test_a_network_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"got {text!r}"):
        TrustedProxies([text])


@pytest.mark.parametrize(
    ("value", "proto"),
    [
        (b"https", "https"),
        (b"HTTP", "http"),
        (b"wss", "https"),
        (b"http, https", "https"),
        (b"gopher", None),
        (b"", None),
    ],
)
def test_forwarded_proto(value: bytes, proto: str | None) -> None:
    assert forwarded_proto({b"x-forwarded-proto": value}) == proto


@pytest.mark.parametrize(
    ("value", "host"),
    [
        (b"a.example:8443", b"a.example:8443"), (b"evil, a.example", b"a.example"), (b"[::1]:80", b"[::1]:80"),
        (b"a/b", None), (b"a@b", None), (b"a b", None), (b"", None), (b"a" * 256, None),
    ],
)  # fmt: skip
def test_forwarded_host(value: bytes, host: bytes | None) -> None:
    assert forwarded_host({b"x-forwarded-host": value}) == host


@pytest.mark.parametrize(
    ("value", "port"),
    [(b"443", b"443"), (b"80,8443", b"8443"), (b"0", None), (b"65536", None), (b"+1", None), (b"", None)],
)
def test_forwarded_port(value: bytes, port: bytes | None) -> None:
    assert forwarded_port({b"x-forwarded-port": value}) == port


def test_nothing_forwarded_is_none() -> None:
    assert (forwarded_proto({}), forwarded_host({}), forwarded_port({})) == (None, None, None)
