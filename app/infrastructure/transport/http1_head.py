"""Writes the head of an HTTP/1.1 request. The last gate: what leaves here cannot hold a second request.

The head is checked as a whole, after it is joined, so the invariant does not depend on what any earlier
step let pass (RFC 9112 section 11.1, request splitting).
"""

from typing import Final

from app.domain.entities.headers import Header
from app.domain.entities.request import UpstreamRequest
from app.domain.errors import DownstreamError

_CONTROLS: Final = bytes(code for code in range(32) if code != 9) + b"\x7f"
_CHUNKED: Final[Header] = (b"transfer-encoding", b"chunked")
_METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


def framing(request: UpstreamRequest) -> Header | None:
    """The one framing field of `request`, chosen by us whatever the client used (A-33)."""
    body = request.body
    if isinstance(body, bytes):
        if not body and request.method not in _METHODS_WITH_BODY:
            return None
        return (b"content-length", str(len(body)).encode())
    if request.length is None:
        return _CHUNKED
    return (b"content-length", str(request.length).encode())


def request_head(request: UpstreamRequest) -> bytes:
    """The bytes from request line to empty line.

    Raises DownstreamError (400) when any part holds a control character.
    """
    extra = framing(request)
    headers = request.headers if extra is None else [*request.headers, extra]
    head = b"%b %b HTTP/1.1\r\n%b\r\n\r\n" % (
        request.method.encode("latin-1"),
        request.target.encode("latin-1"),
        b"\r\n".join(map(b": ".join, headers)),
    )
    # The ends of our own lines are the only control characters that may be there.
    if len(head) - len(head.translate(None, _CONTROLS)) != 2 * len(headers) + 4:
        raise DownstreamError("the request holds control characters", code="bad_field", close=True)
    return head
