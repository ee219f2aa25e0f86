"""Lets a service accept only what came through the gateway: ASGI middleware, or a server for nginx's auth_request.

One file of the standard library, to be copied into the service. The service in the gateway has
`isolation: {sign_with: env:SERVICE_KEY}`; this has the same secret.

    app = GatewayGuard(app, {"gateway": os.environ["SERVICE_KEY"].encode()})
    SERVICE_KEY=… python gateway_guard.py --port 9100

Every request carries an RFC 9421 signature over method, authority, path, query and the fields that say who is asking,
with a time and a nonce. Not covered: bodies, which TLS protects on their way.
"""

import argparse
import base64
import hmac
import os
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Fields = Iterable[tuple[bytes, bytes]]

DERIVED = ("@method", "@authority", "@path", "@query")
IDENTITY = ("x-consumer-id", "x-consumer-groups", "x-credential-id")
"""Fields that, where they are there, must be signed."""
MAX_AGE = 60.0
"""Seconds for which a signature is taken, and by which the clocks may differ."""
MOST_NONCES = 1_000_000

_INPUT = re.compile(
    rb'gateway=(\(((?:"[!-~]{1,64}" ?)+)\);created=(\d{1,12});nonce="([0-9A-Za-z_-]{16,64})"'
    rb';keyid="([A-Za-z0-9._:-]{1,64})";alg="hmac-sha256";tag="gateway")'
)
_SIGNATURE = re.compile(rb"gateway=:([A-Za-z0-9+/]{43}=):")


class Signed(NamedTuple):
    """The parts of a request that a signature is about."""

    method: str
    path: bytes
    """As it stood in the request, percent-encoded."""
    query: bytes
    fields: Fields
    """Names in lower case."""


class Verifier:
    """Judges requests. Each nonce is taken once; they are remembered by this process alone."""

    def __init__(
        self,
        keys: Mapping[str, bytes],
        identity: Iterable[str] = IDENTITY,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`keys` is `key_id` to secret: two of them while one replaces the other."""
        if not keys or any(len(key) < 32 for key in keys.values()):
            raise ValueError("a key of the gateway has 32 bytes at least")
        self._keys = dict(keys)
        self._identity = frozenset(name.lower() for name in identity)
        self._max_age = max_age
        self._clock = clock
        self._seen: OrderedDict[tuple[bytes, bytes], float] = OrderedDict()
        self._lock = Lock()

    def problem(self, request: Signed) -> str:
        """Why a request is refused; empty when it came through the gateway."""
        fields: dict[str, bytes] = {}
        for raw, value in request.fields:
            name = raw.decode("latin-1")
            earlier = fields.get(name)
            fields[name] = value.strip() if earlier is None else earlier + b", " + value.strip()
        given = _INPUT.fullmatch(fields.get("signature-input", b""))
        proof = _SIGNATURE.fullmatch(fields.get("signature", b""))
        if given is None or proof is None:
            return "it has no signature of the gateway"
        parameters, listed, created, nonce, keyid = given.groups()
        components = [part.strip('"') for part in listed.decode().split(" ")]
        key = self._keys.get(keyid.decode())
        if key is None:
            return "its signature is of an unknown key"
        base = _base(request, fields, components, parameters)
        if base is None or not self._covers(components, fields):
            return "its signature does not cover what it must"
        if not hmac.compare_digest(hmac.digest(key, base, "sha256"), base64.b64decode(proof[1])):
            return "its signature does not fit"
        return self._again(keyid, nonce, float(created))

    def _covers(self, components: list[str], fields: Mapping[str, bytes]) -> bool:
        present = self._identity.intersection(fields)
        return components[: len(DERIVED)] == list(DERIVED) and present.issubset(components)

    def _again(self, keyid: bytes, nonce: bytes, created: float) -> str:
        now = self._clock()
        if abs(now - created) > self._max_age:
            return "its signature is too old, or the clocks differ"
        with self._lock:
            seen = self._seen
            while seen and (next(iter(seen.values())) < now or len(seen) >= MOST_NONCES):
                seen.popitem(last=False)
            if (keyid, nonce) in seen:
                return "it came before"
            # Until the signature would be too old even for a clock that is behind.
            seen[keyid, nonce] = now + 2 * self._max_age
        return ""


def _base(request: Signed, fields: Mapping[str, bytes], components: list[str], parameters: bytes) -> bytes | None:
    """RFC 9421 section 2.5; None when a component is not there, or stands twice."""
    authority = fields.get("host", b"").lower().removesuffix(b":80").removesuffix(b":443")
    values: dict[str, bytes] = dict(
        zip(DERIVED, (request.method.encode(), authority, request.path, b"?" + request.query), strict=True)
    )
    values.update({name: value for name, value in fields.items() if name in components})
    if len(set(components)) != len(components) or not values.keys() >= set(components):
        return None
    lines = [b'"%b": %b' % (name.encode(), values[name]) for name in components]
    return b"\n".join([*lines, b'"@signature-params": ' + parameters])


class GatewayGuard:
    """ASGI middleware: HTTP requests and WebSocket handshakes that the gateway did not sign get a 403."""

    def __init__(self, app: App, keys: Mapping[str, bytes], **options: Any) -> None:
        """`options` are those of `Verifier`."""
        self._app = app
        self._verifier = Verifier(keys, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = scope.get("raw_path") or scope["path"].encode()
        request = Signed(scope.get("method", "GET"), path.partition(b"?")[0], scope["query_string"], scope["headers"])
        problem = self._verifier.problem(request)
        if not problem:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": problem})
        else:
            body = f"Only the gateway may ask: {problem}.\n".encode()
            fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": fields})
            await send({"type": "http.response.body", "body": body})


class _Answers(BaseHTTPRequestHandler):
    """204 or 403 for a subrequest of nginx, which names the original by X-Original-Method and X-Original-URI."""

    verifier: Verifier
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the name that the standard library calls
        path, _, query = self.headers.get("x-original-uri", "").partition("?")
        method = self.headers.get("x-original-method", "")
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        problem = self.verifier.problem(Signed(method, path.encode("latin-1"), query.encode("latin-1"), fields))
        self.send_response(403 if problem else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that is overridden
        """nginx has its own log."""


def main() -> None:
    """Serve subrequests of nginx on loopback."""
    parser = argparse.ArgumentParser(description="Answers nginx's auth_request: was this signed by the gateway?")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--key-id", default="gateway")
    parser.add_argument("--key", default="SERVICE_KEY", help="environment variable of the secret")
    chosen = parser.parse_args()
    try:
        _Answers.verifier = Verifier({chosen.key_id: os.environ.get(chosen.key, "").encode()})
    except ValueError as error:
        sys.exit(f"gateway_guard: {chosen.key}: {error}")
    with ThreadingHTTPServer(("127.0.0.1", chosen.port), _Answers) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
