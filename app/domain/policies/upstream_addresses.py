"""Which addresses the gateway connects to, so that a route cannot turn it against its own network (A-67, SSRF).

Not for who may connect to the gateway: `addresses`.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from app.domain.policies.addresses import AddressSet, parse

DENIED: Final = (
    ("169.254.169.254/32", "the metadata service of a cloud"),
    ("100.100.100.200/32", "the metadata service of a cloud"),
    ("168.63.129.16/32", "the metadata service of a cloud"),
    ("fd00:ec2::254/128", "the metadata service of a cloud"),
    ("fd20:ce::254/128", "the metadata service of a cloud"),
    ("169.254.0.0/16", "a link-local address"),
    ("fe80::/10", "a link-local address"),
    ("0.0.0.0/8", "an unspecified address"),
    ("::/128", "an unspecified address"),
    ("224.0.0.0/4", "a multicast address"),
    ("ff00::/8", "a multicast address"),
    ("255.255.255.255/32", "a broadcast address"),
)
"""Network to what it is; no service of one's own is there. Metadata: AWS, Google and Azure (169.254.169.254,
fd00:ec2::254, fd20:ce::254), Alibaba (100.100.100.200), Azure's platform (168.63.129.16)."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: a translator sends these on to the IPv4 address in their last 32 bits."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's as far as its text tells: loopback or unspecified."""
    parsed = parse(address)
    return parsed is not None and (parsed.is_loopback or parsed.is_unspecified)


class UpstreamRules:
    """Judges addresses of targets. Loopback and private networks pass unless they are denied."""

    def __init__(
        self,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        own: Iterable[tuple[str, int]] = (),
        is_local: Callable[[str], bool] = is_loopback,
    ) -> None:
        """`allow` and `deny` are networks; with `allow` nothing else passes. `deny` wins.

        A network of `allow` that lies within one of DENIED lifts it; one that merely contains it does not. `own` are
        the gateway's own listeners, address and port, which nothing lifts: an address of all interfaces, or a name,
        stands for whatever `is_local`. Raises ValueError that names a network that cannot be read.
        """
        self._allow = AddressSet(allow)
        self._deny = AddressSet(deny)
        self._defaults = [(network, what) for text, what in DENIED for network in AddressSet([text]).networks]
        self._own = [(parse(address), port) for address, port in own]
        self._ports = frozenset(port for _, port in self._own)
        self._is_local = is_local
        self._judged = lru_cache(4096)(self._judge)

    def problem(self, address: str, port: int) -> str:
        """Why the gateway does not connect there; empty when it does. `address` is an address, never a name."""
        if port in self._ports and self._is_own(address, port):
            return f"{address} port {port} is a listener of the gateway itself"
        return self._judged(address)

    def _is_own(self, address: str, port: int) -> bool:
        parsed = parse(address)
        if parsed is None:
            return False
        for own, own_port in self._own:
            if own_port != port:
                continue
            if parsed == own or parsed.is_unspecified:
                return True
            if (own is None or own.is_unspecified) and self._is_local(str(parsed)):
                return True
        return False

    def _judge(self, text: str) -> str:
        address = parse(text)
        if address is None:
            return f"{text!r} is no address"
        reason = self._of(address)
        if not reason and isinstance(address, IPv6Address) and address in _NAT64:
            reason = self._of(IPv4Address(int(address) & 0xFFFFFFFF))
        return f"{text} {reason}" if reason else ""

    def _of(self, address: Address) -> str:
        if self._deny.holds(address):
            return "is denied by GATEWAY_UPSTREAM_DENY"
        allowed = [network for network in self._allow.networks if address in network]
        for network, what in self._defaults:
            if address in network and not any(_within(one, network) for one in allowed):
                return f"is {what}: it must be named in GATEWAY_UPSTREAM_ALLOW"
        if self._allow.networks and not allowed:
            return "is not in GATEWAY_UPSTREAM_ALLOW"
        return ""


def _within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
