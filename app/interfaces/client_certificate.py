"""The certificate of a client, from its own TLS or from a proxy that ended it. Not for whose it is."""

import binascii
from typing import Any, Final

from app.domain.policies.structured_fields import parse_item
from app.interfaces.asgi import Scope

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def certificate_of(scope: Scope, fields: dict[bytes, bytes], trusted: bool) -> bytes:
    """The certificate (DER); empty when there is none, or none that can be read.

    A trusted proxy tells it by Client-Cert (RFC 9440): the certificate of the connection is then the proxy's own. From
    anybody else that field is a lie, and only the connection counts (the TLS extension of ASGI).
    """
    return _from_proxy(fields.get(b"client-cert", b"")) if trusted else _from_connection(scope)


def _from_proxy(value: bytes) -> bytes:
    try:
        found = parse_item(value.decode("ascii")).value
    except ValueError:
        return b""
    return found if isinstance(found, bytes) else b""


def _from_connection(scope: Scope) -> bytes:
    """The chain is PEM, the client's own certificate first; a server that could not verify it says why."""
    tls: dict[str, Any] = (scope.get("extensions") or {}).get("tls") or {}
    chain = tls.get("client_cert_chain") or ()
    if tls.get("client_cert_error") or not chain:
        return b""
    text = next(iter(chain)).strip()
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        return b""
    body = "".join(text.removeprefix(_BEGIN).removesuffix(_END).split())
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except ValueError:
        return b""
