"""Which fields cross the gateway, both ways (RFC 9110 section 7.6, P-01 to P-14). Not for framing: the transport's.

Runs on every request, so that a verdict on a field name is reached once and then looked up.
"""

from collections.abc import Callable
from typing import Final

from app.domain.entities.headers import Header, Headers
from app.domain.entities.request import Request
from app.domain.policies import addresses

HOP_BY_HOP: Final = frozenset(
    b"connection proxy-connection keep-alive te trailer transfer-encoding upgrade proxy-authenticate"
    b" proxy-authorization proxy-authentication-info http2-settings alt-svc".split()
)
"""Fields that concern one connection (RFC 9110 section 7.6.1); Alt-Svc would send clients past the gateway."""

IDENTITY: Final = frozenset(b"x-consumer-id x-consumer-groups x-credential-id".split())
"""Request fields that tell a service who is asking, when a filter has found out; a client's own are always removed."""

WRITTEN: Final = IDENTITY | frozenset(
    b"host via x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-real-ip x-request-id"
    b" traceparent".split()
)
"""Request fields that the gateway writes itself."""

FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"expect"})
"""Fields that say where a message ends: chosen anew for each connection (A-33)."""

ALIASES: Final = frozenset(
    b"forwarded client-ip true-client-ip x-client-ip x-cluster-client-ip x-originating-ip x-remote-ip x-remote-addr"
    b" x-original-forwarded-for cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 fastly-client-ip x-azure-clientip"
    b" x-azure-socketip x-appengine-user-ip x-envoy-external-address x-envoy-original-path x-proxyuser-ip"
    b" proxy-client-ip wl-proxy-client-ip x-original-url x-original-uri x-original-host x-original-method"
    b" x-rewrite-url x-host x-http-host-override x-scheme x-url-scheme front-end-https x-arr-ssl"
    b" x-http-method-override x-http-method x-method-override client-cert client-cert-chain x-client-cert"
    b" x-ssl-client-cert ssl-client-cert x-ssl-cert x-amzn-mtls-clientcert x-arr-clientcert".split()
)
"""Fields by which services learn of the client, or of another target, from a proxy: lies when a client sends them.

Those of client certificates are among them (RFC 9440 section 2.4)."""

_NEVER: Final = HOP_BY_HOP | FRAMING | (WRITTEN - {b"via"}) | {b"forwarded", b"proxy", b"x-gateway-debug"}
# `Proxy` becomes HTTP_PROXY in CGI programs (CVE-2016-5387). Via stays: ours is one more line of the same list. What
# asks for debugging holds a token of ours.

_TRAILER_REFUSED: Final = HOP_BY_HOP | FRAMING | WRITTEN | ALIASES | frozenset(
    b"authorization cookie set-cookie cache-control content-encoding content-type content-range max-forwards"
    b" pragma range www-authenticate location retry-after age date expires vary".split()
)  # fmt: skip
_NOT_BACK: Final = HOP_BY_HOP | {b"x-request-id"}
# A service's echo of the request id would be a second line of the one that every answer carries.
_PLAIN_CONNECTION: Final = frozenset({b"keep-alive", b"close", b"Keep-Alive", b"Close", b""})
_NOT_NAMED: Final = WRITTEN | FRAMING | {b"te"}
_HANDSHAKE: Final = frozenset(
    {b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions", b"sec-websocket-accept"}
)


class _Verdicts(dict[bytes, bool]):
    """Field name to whether it goes on; names come from clients, so the memory for them is bounded."""

    def __init__(self, rule: Callable[[bytes], bool]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, name: bytes) -> bool:
        verdict = self._rule(name)
        if len(name) <= 64:
            if len(self) >= 1024:
                self.clear()
            self[name] = verdict
        return verdict


def _from_proxy(name: bytes) -> bool:
    return name not in _NEVER and b"_" not in name


def from_client(name: bytes) -> bool:
    """Whether a field of this name goes on when its sender is no trusted proxy."""
    return _from_proxy(name) and name not in ALIASES and not name.startswith(b"x-forwarded-")


_FROM_PROXY: Final = _Verdicts(_from_proxy)
_FROM_CLIENT: Final = _Verdicts(from_client)
_TE: Final[Headers] = [(b"te", b"trailers"), (b"connection", b"te")]
_BY_SCHEME: Final[dict[str, tuple[Header, Header]]] = {
    scheme: ((b"x-forwarded-proto", proto), (b"x-forwarded-port", port))
    for scheme, proto, port in (
        ("http", b"http", b"80"), ("ws", b"http", b"80"), ("https", b"https", b"443"), ("wss", b"https", b"443"),
    )
}  # fmt: skip


def drop_named(request: Request) -> None:
    """Remove the fields that `Connection` names, and that field, from a request that just came in (P-02).

    To be called before anything adds a field: a client must not be able to name, and so delete, what the gateway adds.
    """
    value = request.fields.get(b"connection")
    if value is None:
        return
    named = _named(value) | {b"connection"}
    request.headers = [field for field in request.headers if field[0] not in named]
    for name in named:
        request.fields.pop(name, None)


def request_headers(request: Request, *, host: bytes, request_id: bytes, traceparent: bytes, via: bytes) -> Headers:
    """The fields that go upstream: Host first, no framing. `via` is our own element, `1.1 name`.

    `TE: trailers` goes on, with the `Connection: TE` that RFC 9110 section 10.1.4 asks for, when the client sent it:
    the transport reads trailers, and some services send them only when asked. Every other coding is dropped.
    `tracestate` is dropped with an invalid `traceparent` (W3C Trace Context, section 4.3).
    """
    fields = request.fields
    verdicts = _FROM_PROXY if request.client.trusted else _FROM_CLIENT
    headers: Headers = [(b"host", host)]
    headers += [field for field in request.headers if verdicts[field[0]]]
    connection = fields.get(b"connection")
    if connection is not None and connection not in _PLAIN_CONNECTION:
        headers = _without(headers, _named(connection))
    if request.version >= "2" and b"cookie" in fields:
        headers = _one_cookie(headers, fields[b"cookie"])
    if b"tracestate" in fields and fields.get(b"traceparent") != traceparent:
        headers = _without(headers, frozenset({b"tracestate"}))
    if request.scheme[0] == "w":
        headers = _without(headers, _HANDSHAKE)
    elif b"te" in fields and _wants_trailers(fields[b"te"]):
        headers += _TE
    headers += _forwarded(request)
    headers += ((b"via", via), (b"x-request-id", request_id), (b"traceparent", traceparent))
    return headers


def response_headers(headers: Headers, *, via: bytes) -> Headers:
    """The fields that go to the client: order, duplicates, Date, Server and Content-Length as the service sent them.

    `via` is our own element. Also right for the fields of a 103.
    """
    kept = [field for field in headers if field[0] not in _NOT_BACK]
    if len(kept) != len(headers):
        connection = b",".join([value for name, value in headers if name == b"connection"])
        if connection not in _PLAIN_CONNECTION:
            kept = _without(kept, _named(connection))
    kept.append((b"via", via))
    return kept


def trailers(fields: Headers) -> Headers:
    """The trailer fields that may go on: none that frames, routes, authenticates or changes the content (P-30)."""
    return [field for field in fields if field[0] not in _TRAILER_REFUSED]


def _forwarded(request: Request) -> tuple[Header, ...]:
    client = request.client
    proto, port = _BY_SCHEME[request.scheme]
    authority, host = request.authority, request.host
    chain = client.peer.encode()
    if len(authority) != len(host):
        port = (b"x-forwarded-port", authority[len(host) + 1 :].encode())
    name = authority.encode()
    if client.trusted:
        earlier = request.fields.get(b"x-forwarded-for")
        chain = b"%b, %b" % (earlier, chain) if earlier else chain
        name = addresses.forwarded_host(request.fields) or name
        told = addresses.forwarded_port(request.fields)
        port = (b"x-forwarded-port", told) if told else port
    return (
        (b"x-forwarded-for", chain),
        proto,
        (b"x-forwarded-host", name),
        port,
        (b"x-real-ip", client.address.encode()),
    )


def _named(connection: bytes) -> frozenset[bytes]:
    """The fields that a Connection field names. TE is always named there, and what the gateway owns cannot be."""
    return frozenset(part.strip(b" \t").lower() for part in connection.split(b",")) - _NOT_NAMED


def _without(headers: Headers, names: frozenset[bytes]) -> Headers:
    return [field for field in headers if field[0] not in names]


def _one_cookie(headers: Headers, joined: bytes) -> Headers:
    """HTTP/2 clients may send a cookie in crumbs; HTTP/1.1 knows one line only (RFC 9113 section 8.2.3)."""
    first = next((at for at, field in enumerate(headers) if field[0] == b"cookie"), None)
    if first is None:
        return headers
    headers[first] = (b"cookie", joined)
    return headers[: first + 1] + [field for field in headers[first + 1 :] if field[0] != b"cookie"]


def _wants_trailers(value: bytes) -> bool:
    return any(part.strip(b" \t").lower() == b"trailers" for part in value.split(b","))
