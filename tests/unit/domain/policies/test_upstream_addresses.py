"""A-67: what targets may be, by default, with networks of one's own, and never the gateway itself."""

import pytest

from app.domain.policies.upstream_addresses import DENIED, UpstreamRules, is_loopback

OWN = [("127.0.0.1", 8001), ("0.0.0.0", 9090)]  # noqa: S104  # addresses to judge


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "fc00::1", "93.184.216.34", "2001:db8::1"]
)
def test_a_67_public_private_and_loopback_addresses_pass_by_default(address: str) -> None:
    assert UpstreamRules().problem(address, 80) == ""


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("169.254.169.254", "metadata service"),
        ("100.100.100.200", "metadata service"),
        ("fd00:ec2::254", "metadata service"),
        ("fd20:ce::254", "metadata service"),
        ("168.63.129.16", "metadata service"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("0.0.0.0", "unspecified"),  # noqa: S104  # an address to judge
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("::ffff:169.254.169.254", "metadata service"),
        ("64:ff9b::a9fe:a9fe", "metadata service"),
    ],
)
def test_a_67_what_no_service_of_ones_own_has_is_refused(address: str, what: str) -> None:
    reason = UpstreamRules().problem(address, 80)
    assert reason.startswith(f"{address} is ")
    assert what in reason
    assert "GATEWAY_UPSTREAM_ALLOW" in reason


def test_a_67_with_networks_to_allow_nothing_else_passes() -> None:
    rules = UpstreamRules(allow=["10.0.0.0/8", "2001:db8::/32"])
    assert rules.problem("10.1.1.1", 80) == ""
    assert rules.problem("2001:db8::5", 80) == ""
    assert rules.problem("::ffff:10.1.1.1", 80) == ""
    assert rules.problem("127.0.0.1", 80) == "127.0.0.1 is not in GATEWAY_UPSTREAM_ALLOW"


@pytest.mark.parametrize(
    ("allow", "address", "passes"),
    [
        ("169.254.0.0/16", "169.254.1.1", True),
        ("169.254.0.0/16", "169.254.169.254", False),
        ("169.254.1.0/24", "169.254.1.1", True),
        ("0.0.0.0/0", "169.254.1.1", False),
        ("::/0", "fe80::1", False),
        ("fe80::/64", "fe80::1", True),
    ],
)
def test_a_67_a_default_is_lifted_only_by_its_own_name(allow: str, address: str, passes: bool) -> None:
    assert (UpstreamRules(allow=[allow]).problem(address, 80) == "") is passes


def test_a_67_a_metadata_service_that_is_named_exactly_passes() -> None:
    rules = UpstreamRules(allow=["169.254.169.254", "169.254.0.0/16"])
    assert rules.problem("169.254.169.254", 80) == ""


def test_a_67_to_deny_wins_over_to_allow() -> None:
    rules = UpstreamRules(allow=["10.0.0.0/8"], deny=["10.9.0.0/16"])
    assert rules.problem("10.1.0.1", 80) == ""
    assert rules.problem("10.9.0.1", 80) == "10.9.0.1 is denied by GATEWAY_UPSTREAM_DENY"
    assert UpstreamRules(deny=["10.9.0.0/16"]).problem("64:ff9b::a09:1", 80).endswith("GATEWAY_UPSTREAM_DENY")


@pytest.mark.parametrize(
    ("address", "port", "passes"),
    [
        ("127.0.0.1", 8001, False),
        ("::ffff:127.0.0.1", 8001, False),
        ("0.0.0.0", 8001, False),  # noqa: S104  # an address to judge
        ("127.0.0.2", 8001, True),
        ("127.0.0.1", 8002, True),
        ("127.0.0.1", 9090, False),
        ("127.77.0.1", 9090, False),
        ("::1", 9090, False),
        ("10.0.0.5", 9090, False),
        ("10.0.0.6", 9090, True),
        ("10.0.0.5", 9091, True),
    ],
)
def test_a_67_a_68_the_gateways_own_listeners_are_never_reached(address: str, port: int, passes: bool) -> None:
    rules = UpstreamRules(
        allow=["0.0.0.0/0", "::/0", "0.0.0.0/32"],
        own=OWN,
        is_local=lambda text: is_loopback(text) or text == "10.0.0.5",
    )
    assert (rules.problem(address, port) == "") is passes


def test_a_68_a_listener_that_was_given_by_name_is_taken_for_all_of_this_machine() -> None:
    rules = UpstreamRules(own=[("localhost", 8001)])
    assert rules.problem("127.0.0.1", 8001) == "127.0.0.1 port 8001 is a listener of the gateway itself"
    assert rules.problem("::1", 8001)
    assert rules.problem("10.0.0.1", 8001) == ""


def test_what_is_no_address_is_never_connected_to() -> None:
    rules = UpstreamRules(own=OWN)
    assert rules.problem("example.com", 80) == "'example.com' is no address"
    assert rules.problem("example.com", 8001) == "'example.com' is no address"
    assert not is_loopback("example.com")


def test_a_network_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="10/33"):
        UpstreamRules(allow=["10/33"])


def test_the_defaults_are_networks() -> None:
    assert all(UpstreamRules(allow=[network]) for network, _ in DENIED)
