"""Who the client is: its address after trusted proxies, and sets of addresses. Not for what is done with it."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from app.domain.entities.request import Client

LOOPBACK_AND_PRIVATE: Final = (
    "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Networks of one's own machine and site."""

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_REMEMBERED: Final = 4096
_LONGEST_REMEMBERED: Final = 256
_MOST_HOPS: Final = 32
_HOST_BYTES: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~:[]"
_PROTOS: Final = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` writes, an IPv4-mapped one as IPv4 (A-71), or None."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def parse_hop(element: str) -> IPv4Address | IPv6Address | None:
    """The address in one element of X-Forwarded-For: with or without port and brackets; None for anything else."""
    text = element.strip(" \t")
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or not _is_port_suffix(port):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port_suffix(":" + port):
            return None
    return None if "%" in text else parse(text)


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """The network, or the one address, that `text` writes; IPv4-mapped ones as IPv4 (A-71). Raises ValueError."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        raise ValueError(f"expected an address or a network such as 10.0.0.0/8, got {text!r}: {error}") from None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    return network


class AddressSet:
    """Networks; asks `address in set`. Answers are remembered, the memory is bounded."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Raises ValueError that names a network that cannot be read."""
        self.networks: Final = tuple(parse_network(text) for text in networks)
        self._remembered = lru_cache(_REMEMBERED)(self._look_up)

    def __contains__(self, address: str) -> bool:
        return self._remembered(address)

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether a parsed address is in one of the networks."""
        return any(address in network for network in self.networks)

    def _look_up(self, text: str) -> bool:
        address = parse(text)
        return address is not None and self.holds(address)


class TrustedProxies:
    """The proxies whose word on the client counts; none by default, so that nobody's does (P-04, P-05)."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Raises ValueError that names a network that cannot be read."""
        self._set = AddressSet(networks)
        self._peer = lru_cache(_REMEMBERED)(self._look_up_peer)
        self._remembered = lru_cache(_REMEMBERED)(self._walk)

    def client(self, peer: str, port: int, fields: dict[bytes, bytes]) -> Client:
        """Who sent a request that came from the socket address `peer` and `port`."""
        address, trusted = self._peer(peer)
        if not trusted:
            return Client(address, address, port, False)
        chain = fields.get(b"x-forwarded-for")
        if chain is None:
            return Client(address, address, port, True)
        walk = self._remembered if len(chain) <= _LONGEST_REMEMBERED else self._walk
        return Client(walk(address, chain), address, port, True)

    def scheme(self, scheme: str, fields: dict[bytes, bytes]) -> str:
        """The scheme of a request from a trusted proxy: what it says, else the connection's own. `ws` stays `ws`."""
        told = forwarded_proto(fields)
        if told is None:
            return scheme
        secure = told == "https"
        if scheme[0] == "w":
            return "wss" if secure else "ws"
        return told

    def _look_up_peer(self, peer: str) -> tuple[str, bool]:
        address = parse(peer)
        return (peer, False) if address is None else (str(address), self._set.holds(address))

    def _walk(self, peer: str, chain: bytes) -> str:
        """From the right, so that what the client wrote comes last; anything that is no address ends the walk."""
        client = peer
        for element in reversed(chain.decode("latin-1").rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]):
            address = parse_hop(element)
            if address is None:
                return client
            client = str(address)
            if not self._set.holds(address):
                return client
        return client


def forwarded_proto(fields: dict[bytes, bytes]) -> str | None:
    """`http` or `https` as a trusted peer says it; of several values the last, which the peer itself wrote."""
    value = fields.get(b"x-forwarded-proto")
    return None if value is None else _PROTOS.get(_last(value).lower())


def forwarded_host(fields: dict[bytes, bytes]) -> bytes | None:
    """The authority that the client named, as a trusted peer says it; None when absent or not an authority."""
    value = fields.get(b"x-forwarded-host")
    if value is None:
        return None
    host = _last(value)
    return host if 0 < len(host) <= 255 and not host.translate(None, _HOST_BYTES) else None


def forwarded_port(fields: dict[bytes, bytes]) -> bytes | None:
    """The port that the client connected to, as a trusted peer says it; None when absent or not a port."""
    value = fields.get(b"x-forwarded-port")
    if value is None:
        return None
    port = _last(value)
    return port if port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535 else None


def _last(value: bytes) -> bytes:
    return value.rpartition(b",")[2].strip(b" \t")


def _is_port_suffix(text: str) -> bool:
    return not text or (text[0] == ":" and text[1:].isascii() and text[1:].isdigit() and len(text) <= 6)
