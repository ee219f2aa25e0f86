"""Which addresses count as one client. Not for who the client is: `addresses`."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_network

from app.domain.policies.addresses import parse


def counted_as(address: str) -> str:
    """What to count a client by: an IPv4 address itself, the /64 of an IPv6 address (A-66).

    Whoever has an IPv6 address has at least 2^64 of them (RFC 6177). IPv4-mapped ones are their IPv4 address.
    """
    return _network(address) if ":" in address else address


@lru_cache(4096)
def _network(address: str) -> str:
    parsed = parse(address)
    if not isinstance(parsed, IPv6Address):
        return address if parsed is None else str(parsed)
    return str(ip_network((int(parsed), 64), strict=False))
