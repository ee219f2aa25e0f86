"""The one table that turns a failure into an answer: RFC 9457 problem+json. Not for logging it."""

import msgspec

from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.errors import GatewayError


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457 section 3.1; `code`, `source` and `request_id` are ours."""

    status: int
    title: str
    detail: str = ""
    code: str = ""
    source: str = ""
    request_id: str = ""


_encode = msgspec.json.Encoder().encode


def render(error: GatewayError, request_id: str) -> Response:
    """The answer for `error`. The details name what the client sent or what the target did, never an address inside.

    A connection whose framing is in doubt is closed after the answer (RFC 9112 section 9.6).
    """
    detail = error.detail if error.source == "downstream" or error.status == 404 else ""
    body = _encode(Problem(error.status, error.title, detail, error.code, str(error.source), request_id))
    headers: Headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if error.retry_after:
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if error.status == 405 and not any(name == b"allow" for name, _ in error.headers):
        headers.append((b"allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
    headers += error.headers
    if error.close:
        headers.append((b"connection", b"close"))
    return Response(error.status, headers, body)
