"""Cross-origin resource sharing (Fetch standard, section 3.2): what browsers are told. Not for requests of no browser.

Nothing here depends on who is asking: a browser sends no credentials with a preflight.
"""

from typing import Final

import msgspec

from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.policies.origins import ANY, Origins

WRITTEN: Final = frozenset({
    b"access-control-allow-origin", b"access-control-allow-credentials", b"access-control-expose-headers",
    b"access-control-allow-methods", b"access-control-allow-headers", b"access-control-max-age",
    b"access-control-allow-private-network",
})  # fmt: skip
"""Response fields that only the gateway writes on a route with that filter."""

_ASKED_HEADERS: Final = b"access-control-request-headers"
_ASKED_PRIVATE: Final = b"access-control-request-private-network"
_VARY_ORIGIN: Final = (b"vary", b"origin")
_VARY_PREFLIGHT: Final = (b"vary", b"origin, access-control-request-method, access-control-request-headers")
_NAME: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"


class Sharing(msgspec.Struct, frozen=True):
    """What is shared with pages of other origins."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    """Request fields that scripts may set; `*` stands for whichever a preflight names."""
    expose: tuple[str, ...]
    """Response fields that scripts may read."""
    credentials: bool
    max_age: int
    """Seconds for which a browser may remember a preflight."""
    private_network: bool


class Cors:
    """The fields of answers, as far as configuration alone decides them."""

    __slots__ = ("_any_header", "_origins", "_preflight", "_private", "_same_for_all", "_shared")

    def __init__(self, sharing: Sharing) -> None:
        """Raises ValueError for an origin that is none."""
        self._origins: Final = Origins(sharing.origins)
        shared: Headers = [(b"access-control-allow-credentials", b"true")] if sharing.credentials else []
        preflight = [*shared, (b"access-control-allow-methods", ", ".join(sharing.methods).encode())]
        self._any_header: Final = "*" in sharing.headers
        if sharing.headers and not self._any_header:
            preflight.append((b"access-control-allow-headers", ", ".join(sharing.headers).lower().encode()))
        preflight.append((b"access-control-max-age", b"%d" % sharing.max_age))
        if sharing.expose:
            shared.append((b"access-control-expose-headers", ", ".join(sharing.expose).lower().encode()))
        self._shared: Final = shared
        self._preflight: Final = preflight
        self._private: Final = sharing.private_network
        self._same_for_all: Final = sharing.origins == (ANY,) and not sharing.credentials

    def preflight(self, request: Request) -> Headers | None:
        """The fields of the answer to a preflight; None when its origin is not one of those that may ask."""
        fields = request.fields
        allowed = self._allowed(fields.get(b"origin"))
        if allowed is None:
            return None
        answer = [(b"access-control-allow-origin", allowed), *self._preflight]
        asked = fields.get(_ASKED_HEADERS)
        if self._any_header and asked is not None:
            names = [name.strip() for name in asked.lower().split(b",")]
            named = [name for name in names if name and not name.translate(None, _NAME)]
            answer.append((b"access-control-allow-headers", b", ".join(named)))
        if self._private and fields.get(_ASKED_PRIVATE) == b"true":
            answer.append((b"access-control-allow-private-network", b"true"))
        answer.append(_VARY_PREFLIGHT)
        return answer

    def add(self, headers: Headers, origin: bytes | None) -> None:
        """Put in what any other answer to a request of `origin` needs; nothing of ours may be there yet."""
        if not self._same_for_all:
            _vary(headers)
        allowed = self._allowed(origin)
        if allowed is not None:
            headers.append((b"access-control-allow-origin", allowed))
            headers += self._shared

    def _allowed(self, origin: bytes | None) -> bytes | None:
        """What stands in Access-Control-Allow-Origin: never an origin that is not in the list (A-38)."""
        if self._same_for_all:
            return b"*"
        return origin if origin is not None and origin.decode("latin-1") in self._origins else None


def _vary(headers: Headers) -> None:
    """Say that the answer depends on the origin, so that no cache gives it to the page of another."""
    for name, value in headers:
        if name == b"vary" and not {b"origin", b"*"}.isdisjoint(part.strip() for part in value.lower().split(b",")):
            return
    headers.append(_VARY_ORIGIN)
