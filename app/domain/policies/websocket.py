"""What may cross a tunnel: origins and close codes. Not for messages, sockets or time."""

from typing import Final

from app.domain.entities.route import WebSocketPolicy
from app.domain.errors import DownstreamError

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
NO_STATUS: Final = 1005
"""The peer closed without a code. Never on the wire: passed on, it means a close without a code."""
LOST: Final = 1006
"""The peer died. Never on the wire."""
INVALID_DATA: Final = 1007
"""Text that is no UTF-8."""
TOO_BIG: Final = 1009
INTERNAL_ERROR: Final = 1011

_UNSPEAKABLE: Final = frozenset({1004, NO_STATUS, LOST, 1015})


class OriginRefused(DownstreamError):
    """A page of another site opened a WebSocket with the cookies of its visitor (CWE-1385, A-40)."""

    status = 403
    code = "origin_not_allowed"
    title = "Origin not allowed"


def check_origin(policy: WebSocketPolicy, origin: bytes | None) -> None:
    """Raise OriginRefused unless the field `origin` is one that `policy` allows.

    Only browsers can be tricked, and they always send the field: a request without it passes. `*` allows every
    origin; `null` must be named as such.
    """
    if not policy.origins or origin is None:
        return
    asked = origin.decode("latin-1").strip().lower()
    if any(allowed == "*" or allowed.lower() == asked for allowed in policy.origins):
        return
    raise OriginRefused("the origin of this page may not open WebSockets here")


def code_for_upstream(code: int) -> int:
    """The code with which the service's side is closed after the client closed with `code`."""
    return _passed_on(code, GOING_AWAY)


def code_for_downstream(code: int) -> int:
    """The code with which the client's side is closed after the service closed with `code`."""
    return _passed_on(code, INTERNAL_ERROR)


def _passed_on(code: int, lost: int) -> int:
    """A code that may not stand on the wire (RFC 6455 section 7.4) counts as the death of its sender."""
    return code if code == NO_STATUS or may_be_sent(code) else lost


def may_be_sent(code: int) -> bool:
    """Whether a close frame may hold `code` (RFC 6455 section 7.4 and its registry)."""
    return code not in _UNSPEAKABLE and (1000 <= code <= 1014 or 3000 <= code <= 4999)
