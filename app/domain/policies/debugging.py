"""What an authorised caller may learn of how a request was handled. Not for the operator's logs."""

from hashlib import sha256
from hmac import compare_digest
from typing import Final

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers

ASK: Final = b"x-gateway-debug"
"""The request field that asks, with a token of the admin API as its value. It never goes upstream."""


class DebugAccess:
    """Who may ask: whoever knows one of the tokens."""

    def __init__(self, *tokens: str) -> None:
        self._digests = [sha256(token.encode()).digest() for token in tokens if token]

    def allows(self, value: bytes) -> bool:
        """Whether `value` is one of the tokens; takes the same time whichever it is like."""
        given = sha256(value).digest()
        return any([compare_digest(given, known) for known in self._digests])  # noqa: C419  # no early end


def debug_fields(exchange: Exchange) -> Headers:
    """Response fields that tell under which configuration an exchange ran, and where it went."""
    told = [
        (b"x-gateway-revision", str(exchange.revision)),
        (b"x-gateway-digest", exchange.debug),
        (b"x-gateway-route", exchange.route.id if exchange.route is not None else ""),
        (b"x-gateway-target", exchange.target),
    ]
    return [(name, value.encode()) for name, value in told if value]
