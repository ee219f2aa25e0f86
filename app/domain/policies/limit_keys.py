"""What requests are counted by: a digest of 16 bytes, whatever its parts are (A-18). Not for how they are counted."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_network
from typing import Final

from app.domain.entities.exchange import Exchange
from app.domain.policies.addresses import parse

Part = Callable[[Exchange], str]
"""What a request is counted by; empty when it has none of that."""

WIDER: Final = ((56, 4), (48, 16))
"""Prefixes of IPv6 addresses beside the /64, and how many times its limit each of them has (A-66, RFC 6177)."""
_REMEMBERED: Final = 4096
_LONGEST_REMEMBERED: Final = 256


def consumer(exchange: Exchange) -> str:
    """Who is asking."""
    return "" if exchange.identity is None else exchange.identity.id


def credential(exchange: Exchange) -> str:
    """What it was proved by: a digest of it."""
    return "" if exchange.identity is None else exchange.identity.credential


def route(exchange: Exchange) -> str:
    """The route's id."""
    return "" if exchange.route is None else exchange.route.id


def header(name: str) -> Part:
    """The value of a field, all its lines together."""
    field = name.lower().encode()

    def part(exchange: Exchange) -> str:
        return exchange.request.fields.get(field, b"").decode("latin-1")

    return part


def cookie(name: str) -> Part:
    """The value of the first cookie of this name."""
    start = name + "="

    def part(exchange: Exchange) -> str:
        cookies = exchange.request.fields.get(b"cookie", b"").decode("latin-1")
        for one in cookies.split(";"):
            pair = one.strip(" \t")
            if pair.startswith(start):
                return pair[len(start) :]
        return ""

    return part


def address(exchange: Exchange) -> str:
    """The client's address, after trusted proxies (A-65)."""
    return exchange.request.client.address


class Keys:
    """Makes the keys of requests from some parts. What a request has none of is its address in that part's place."""

    __slots__ = ("_parts", "_remembered", "addresses")

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts: Final = tuple(parts)
        self._remembered: Final[dict[tuple[str, ...], tuple[bytes, ...]]] = {}
        self.addresses: Final = any(part is not route for part in parts)
        """Whether addresses may play a part."""

    def of(self, exchange: Exchange) -> tuple[bytes, ...]:
        """The key of a request; those of WIDER as well when an IPv6 address plays a part."""
        client = exchange.request.client.address
        values = (client, *[part(exchange) for part in self._parts])
        keys = self._remembered.get(values)
        return self._make(values) if keys is None else keys

    def _make(self, values: tuple[str, ...]) -> tuple[bytes, ...]:
        client = values[0]
        by_address = [part is address or not value for part, value in zip(self._parts, values[1:], strict=True)]
        networks = _networks(client) if any(by_address) else ("",)
        keys = tuple(
            _digest([network if own else "=" + value for own, value in zip(by_address, values[1:], strict=True)])
            for network in networks
        )
        if sum(map(len, values)) <= _LONGEST_REMEMBERED:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[values] = keys
        return keys


def digest(*parts: str) -> bytes:
    """The key of some texts, one after the other: different texts have different keys."""
    return _digest(parts)


def _digest(parts: Sequence[str]) -> bytes:
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


@lru_cache(_REMEMBERED)
def _networks(client: str) -> tuple[str, ...]:
    """What an address is counted as, the narrowest first. IPv4-mapped ones are their IPv4 address."""
    parsed = parse(client)
    if not isinstance(parsed, IPv6Address):
        return (client if parsed is None else str(parsed),)
    lengths = (64, *(length for length, _ in WIDER))
    return tuple(str(ip_network((int(parsed), length), strict=False)) for length in lengths)
