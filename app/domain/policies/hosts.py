"""The canonical form of an authority: what is matched, logged and forwarded as Host (P-08, P-52). Not for names in DNS."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from app.domain.errors import DownstreamError

_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*")
_DEFAULT_PORT: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@lru_cache(maxsize=4096)
def canonical_authority(value: bytes, scheme: str) -> tuple[str, str]:
    """Authority and host of `value`: lower-case, without a trailing dot and without the scheme's default port.

    Raises DownstreamError (400) for a value that is empty, a list, or not `name[:port]`, `address[:port]`.
    """
    try:
        text = value.decode("ascii").lower()
    except UnicodeDecodeError:
        raise _bad() from None
    host, port = _split(text)
    host = _canonical_host(host)
    if port is None or port == _DEFAULT_PORT.get(scheme):
        return host, host
    return f"{host}:{port}", host


def _split(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, None
    if not port:
        return host, None
    if not port.isdigit() or len(port) > 5 or not 0 < int(port) < 65536:
        raise _bad()
    return host, int(port)


def _canonical_host(host: str) -> str:
    if host.startswith("["):
        try:
            if not host.endswith("]") or "%" in host:
                raise _bad()
            return f"[{IPv6Address(host[1:-1]).compressed}]"
        except AddressValueError:
            raise _bad() from None
    host = host[:-1] if host.endswith(".") else host
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _bad()
    return host


def _bad() -> DownstreamError:
    return DownstreamError("the Host field is missing or not a name with an optional port", code="bad_host", close=True)
