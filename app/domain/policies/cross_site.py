"""Whether a browser may have been tricked into a request by another site (CWE-352). Not for who is asking.

Browsers say where a request came from, and no page can make them lie; other clients cannot be tricked.
"""

from typing import Final

from app.domain.entities.request import Request
from app.domain.policies.origins import Origins, origin_of, own_origin

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""
_AMBIENT: Final = (b"basic ", b"digest ", b"negotiate ", b"ntlm ")
"""Credentials that browsers attach by themselves, as they do with cookies (RFC 9110 section 11.6)."""
_OWN: Final = frozenset({b"same-origin", b"none"})
"""Of Sec-Fetch-Site: a page of the same origin, or nobody but the visitor."""


def may_be_forged(request: Request, trusted: Origins) -> bool:
    """Whether a request that could change something carries a visitor's credentials, and no sign of a trusted page.

    The signs, of which the first that is there decides: Origin, Sec-Fetch-Site, Referer.
    """
    websocket = request.scheme[0] == "w"
    if (request.method in _SAFE and not websocket) or not _has_ambient_credentials(request):
        return False
    fields = request.fields
    origin = fields.get(b"origin")
    if origin is not None:
        return not _is_trusted(origin.decode("latin-1"), request, trusted)
    if websocket:
        # Every browser sends Origin with a handshake (RFC 6455 section 10.2).
        return False
    site = fields.get(b"sec-fetch-site")
    if site is not None:
        return site not in _OWN
    return not _is_trusted(origin_of(fields.get(b"referer", b"").decode("latin-1")), request, trusted)


def _is_trusted(origin: str, request: Request, trusted: Origins) -> bool:
    return origin == own_origin(request.scheme, request.authority) or origin in trusted


def _has_ambient_credentials(request: Request) -> bool:
    fields = request.fields
    if b"cookie" in fields or request.client.certificate:
        return True
    return fields.get(b"authorization", b"").lower().startswith(_AMBIENT)
