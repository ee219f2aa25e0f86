"""Signs what goes to a service, so that it can refuse whatever did not come through the gateway (RFC 9421).

Not for verifying: services do that (`examples/backend_guard`). Nor for bodies, which stream past: TLS protects those.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from typing import Final

from app.domain.entities.request import UpstreamRequest
from app.domain.entities.service import Isolation
from app.domain.ports import Clock

LABEL: Final = b"gateway"
"""Of the signature, and its tag."""
OWN: Final = frozenset({b"signature", b"signature-input"})
"""Fields of a client's own signatures: they do not go on beside the gateway's, which they could be mistaken for."""

_DERIVED: Final = b'"@method" "@authority" "@path" "@query"'


class RequestSigner:
    """Signs method, authority, path, query and the fields that say who is asking. One for each service."""

    __slots__ = ("_end", "_fields", "_key", "_nonce", "_second", "_stamp", "_wall")

    def __init__(self, isolation: Isolation, wall: Clock, nonce: Callable[[], str]) -> None:
        """`nonce` makes 16 characters or more that never come twice."""
        self._key = isolation.sign_with.encode()
        self._fields = frozenset(name.lower().encode() for name in isolation.fields)
        self._end = b'";keyid="%b";alg="hmac-sha256";tag="%b"' % (isolation.key_id.encode(), LABEL)
        self._wall = wall
        self._nonce = nonce
        self._second = -1
        self._stamp = b""

    def sign(self, request: UpstreamRequest) -> None:
        """Add Signature-Input and Signature, in place of what an earlier attempt or the client had there."""
        headers = [field for field in request.headers if field[0] not in OWN]
        path, _, query = request.target.partition("?")
        lines = b'"@method": %b\n"@authority": %b\n"@path": %b\n"@query": ?%b\n' % (
            request.method.encode(), _authority(headers[0][1]), path.encode(), query.encode(),
        )  # fmt: skip
        components = _DERIVED
        for name, value in self._covered(headers):
            lines += b'"%b": %b\n' % (name, value)
            components += b' "%b"' % name
        parameters = b'(%b);created=%b;nonce="%b%b' % (components, self._now(), self._nonce().encode(), self._end)
        signature = hmac.digest(self._key, lines + b'"@signature-params": ' + parameters, "sha256")
        headers.append((b"signature-input", LABEL + b"=" + parameters))
        headers.append((b"signature", LABEL + b"=:" + b64encode(signature) + b":"))
        request.headers = headers

    def _covered(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The fields that are signed, those on several lines joined (RFC 9421 section 2.1)."""
        found: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in self._fields:
                earlier = found.get(name)
                value = value.strip(b" \t")
                found[name] = value if earlier is None else earlier + b", " + value
        return list(found.items())

    def _now(self) -> bytes:
        second = int(self._wall())
        if second != self._second:
            self._second = second
            self._stamp = str(second).encode()
        return self._stamp


def _authority(host: bytes) -> bytes:
    """Lower-case, without a default port (RFC 9421 section 2.2.3)."""
    return host.lower().removesuffix(b":80").removesuffix(b":443")
