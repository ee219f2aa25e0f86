"""Turns an ASGI scope into a Request, or refuses it. The one place where what the client sent becomes what we mean.

Order: method, fields, framing, authority, target. Nothing here depends on routes.
"""

from typing import Final

from app.domain.entities.headers import Headers
from app.domain.entities.request import Client, Request
from app.domain.errors import DownstreamError
from app.domain.policies.addresses import TrustedProxies
from app.domain.policies.hosts import canonical_authority
from app.domain.policies.paths import SERVER_WIDE, canonical_path, check_query
from app.interfaces.asgi import Receive, Scope, Send
from app.interfaces.client_certificate import certificate_of
from app.interfaces.guard import (
    body_length,
    check_edges,
    check_expectation,
    check_fields,
    check_method,
    combine,
    known_version,
)
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import IntakeLimits

_MOST_SEGMENTS: Final = 256
"""Of a path. Real ones have a dozen; thousands only cost a look-up with `**` its time."""


class Intake:
    """Makes requests of scopes. Raises GatewayError for what must be refused."""

    def __init__(self, limits: IntakeLimits, proxies: TrustedProxies) -> None:
        self._limits = limits
        self._proxies = proxies

    def request(self, scope: Scope, receive: Receive, send: Send) -> Request:
        """The request of an `http` or `websocket` scope."""
        headers: Headers = scope["headers"]
        fields = self._fields(headers)
        websocket = scope["type"] == "websocket"
        method = "GET" if websocket else scope["method"]
        check_method(method)
        version = known_version(scope["http_version"])
        if version >= "2":
            check_edges(headers)
        length = body_length(fields, version, method) if not websocket else _no_body(fields)
        if b"expect" in fields:
            check_expectation(fields)
        client = self._client(scope, fields)
        if b"client-cert" in fields or "tls" in (scope.get("extensions") or ()):
            client.certificate = certificate_of(scope, fields, client.trusted)
        scheme: str = scope["scheme"]
        if client.trusted:
            scheme = self._proxies.scheme(scheme, fields)
        raw_path, raw_authority = self._target(scope, fields)
        authority, host = canonical_authority(raw_authority, scheme)
        path, encoded_slash = (SERVER_WIDE, False) if raw_path == b"*" else canonical_path(raw_path)
        query: bytes = scope["query_string"]
        return Request(
            method=method,
            scheme=scheme,
            authority=authority,
            host=host,
            path=path,
            query=check_query(query) if query else "",
            headers=headers,
            fields=fields,
            client=client,
            body=b"" if length == 0 else InboundBody(receive, self._limits.pace, length),
            length=length,
            version=version,
            on_early_hints=_early_hints(scope, send),
            encoded_slash=encoded_slash,
        )

    def _client(self, scope: Scope, fields: dict[bytes, bytes]) -> Client:
        peer = scope.get("client") or ("", 0)
        return self._proxies.client(peer[0], int(peer[1] or 0), fields)

    def _target(self, scope: Scope, fields: dict[bytes, bytes]) -> tuple[bytes, bytes]:
        """Path and authority as the client wrote them, within limits."""
        path: bytes = scope.get("raw_path") or b""
        if len(path) + len(scope["query_string"]) > self._limits.max_target:
            raise _too_long(f"longer than {self._limits.max_target:d} bytes")
        if path.count(b"/") > _MOST_SEGMENTS:
            raise _too_long(f"of more than {_MOST_SEGMENTS} segments")
        authority = fields.get(b"host", b"")
        if path[:1] == b"/" or (path == b"*" and scope.get("method") == "OPTIONS"):
            return path, authority
        return _absolute_form(path, authority)

    def _fields(self, headers: Headers) -> dict[bytes, bytes]:
        limits = self._limits
        fields = dict(headers)
        check_fields(headers, limits.max_headers, limits.max_head)
        if len(fields) != len(headers):
            combine(headers, fields)
        return fields


def _no_body(fields: dict[bytes, bytes]) -> int:
    """A handshake is a GET without a body (RFC 6455 section 4.1). Granian takes any method, and tells of none."""
    if b"transfer-encoding" in fields or fields.get(b"content-length", b"0") != b"0":
        raise DownstreamError("a WebSocket handshake has no body", code="bad_framing", close=True)
    return 0


def _too_long(what: str) -> DownstreamError:
    return DownstreamError(
        f"the target is {what}", status=414, code="target_too_long", title="URI too long", close=True
    )


def _absolute_form(target: bytes, authority: bytes) -> tuple[bytes, bytes]:
    """Path and authority of an absolute-form target, whose authority replaces Host (RFC 9112 section 3.2.2)."""
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in {b"http", b"https"}:
        raise DownstreamError("the target does not start with a slash", code="bad_target", close=True)
    named, slash, path = rest.partition(b"/")
    if not authority:
        raise DownstreamError("the Host field is missing", code="bad_host", close=True)
    return slash + path or b"/", named


def _early_hints(scope: Scope, send: Send) -> "EarlyHints | None":
    extensions = scope.get("extensions")
    if extensions and "http.response.early_hint" in extensions:
        return EarlyHints(send)
    return None


class EarlyHints:
    """Sends the links of a 103 to the client, where the server can (P-28)."""

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, headers: Headers) -> None:
        links = [value for name, value in headers if name == b"link"]
        if links:
            await self._send({"type": "http.response.early_hint", "links": links})


def refused_request(scope: Scope) -> Request:
    """What can be told of a request that was refused, for its record in the access log."""
    peer = scope.get("client") or ("", 0)
    path = (scope.get("raw_path") or b"")[:1024].decode("latin-1")
    query = scope.get("query_string", b"")[:1024].decode("latin-1")
    return Request(
        method=scope.get("method", "GET")[:32],
        scheme=scope["scheme"],
        authority="",
        host="",
        path=path,
        query=query,
        headers=[],
        fields={},
        client=Client(address=peer[0], peer=peer[0], port=int(peer[1] or 0)),
        version=scope["http_version"],
    )
