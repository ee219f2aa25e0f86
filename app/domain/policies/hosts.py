"""The canonical authority of a request (P-08, P-52). Not for which hosts a route answers."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from app.domain.errors import DownstreamError

_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]*\]|[^\[\]:]*)(?::(.*))?", re.DOTALL)
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_DEFAULT_PORTS: Final = {"http": "80", "ws": "80", "https": "443", "wss": "443"}

MAX_NAME: Final = 253
"""Characters of a domain name (RFC 1035 section 2.3.4, without the outer length bytes)."""
_MAX_AUTHORITY: Final = MAX_NAME + len(".:65535")
_REMEMBERED: Final = 4096


def canonical_authority(value: bytes, scheme: str) -> tuple[str, str]:
    """Authority and host: lower-case, without trailing dot and default port. Raises DownstreamError (400).

    `scheme` is `http`, `https`, `ws` or `wss`. A host is a domain name whose labels may hold underscores, an IPv4
    address, or an IPv6 address in brackets (RFC 9110 section 7.2; anything else RFC 3986 allows is refused).
    """
    # The length is checked outside the cache so that what is remembered is bounded in bytes too.
    if len(value) > _MAX_AUTHORITY:
        raise _bad("is too long")
    return _remembered(value, scheme)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(value: bytes, scheme: str) -> tuple[str, str]:
    if not value:
        raise _bad("is missing or empty")
    if not value.isascii():
        raise _bad("holds non-ASCII bytes")
    parts = _AUTHORITY.fullmatch(value.decode("ascii").lower())
    if parts is None:
        raise _bad("is no host with an optional port")
    host = canonical_host(parts[1])
    port = parts[2]
    # RFC 3986 section 3.2.3 lets the port be empty, which means the default one.
    if not port:
        return host, host
    if not _PORT.fullmatch(port) or int(port) > 65535:
        raise _bad("has a port that is no number from 1 to 65535")
    if port == _DEFAULT_PORTS[scheme]:
        return host, host
    return f"{host}:{port}", host


def canonical_host(host: str) -> str:
    """The canonical form of a lower-case host without port. Raises DownstreamError (400)."""
    if host.startswith("["):
        try:
            return f"[{IPv6Address(host[1:-1]).compressed}]"
        except AddressValueError as error:
            raise _bad("holds no valid IPv6 address in its brackets") from error
    name = host.removesuffix(".")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise _bad("is no host with an optional port")
    return name


def _bad(why: str) -> DownstreamError:
    return DownstreamError(f"the authority (Host) {why}", code="bad_host", close=True)
