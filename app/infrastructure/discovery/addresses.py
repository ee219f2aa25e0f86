"""Makes targets of hosts and ports. Not for finding them."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

from app.domain.entities.service import Target

_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_LONGEST: Final = 253


def target_url(scheme: str, host: str, port: int) -> str:
    """`http://10.0.0.1:8080`, IPv6 in brackets. Raises ValueError that says what is wrong with host or port."""
    if not 0 < port <= 65535:
        raise ValueError(f"{host}:{port} has no port between 1 and 65535")
    try:
        address = ip_address(host)
    except ValueError:
        name = host.removesuffix(".")
        if len(name) > _LONGEST or ".." in name or not _NAME.fullmatch(name):
            raise ValueError(f"{host[:_LONGEST]!r} is no name and no address") from None
        return f"{scheme}://{name.lower()}:{port}"
    if isinstance(address, IPv6Address):
        if address.scope_id:
            raise ValueError(f"{host} is an address of one link only")
        return f"{scheme}://[{address.compressed}]:{port}"
    return f"{scheme}://{address}:{port}"


def in_order(targets: Iterable[Target]) -> tuple[Target, ...]:
    """By url, so that equal findings are equal; of several with one url, the one with the largest weight."""
    best: dict[str, Target] = {}
    for target in targets:
        known = best.get(target.url)
        if known is None or target.weight > known.weight:
            best[target.url] = target
    return tuple(best[url] for url in sorted(best))
