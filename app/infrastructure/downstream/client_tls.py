"""What TLS knows of a client: its protocol, and its certificate if it has shown one. Not for whom that belongs to."""

import asyncio
import ssl
from typing import Any, Final

TLS: Final = "tls"
"""The extension of ASGI that tells of it."""


class ClientTls:
    """`http2` tells whether the client chose it; `extension` is the ASGI extension, None without a certificate."""

    __slots__ = ("extension", "http2")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.http2 = False
        self.extension: dict[str, Any] | None = None
        session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        if session is not None:
            self.http2 = session.selected_alpn_protocol() == "h2"
            certificate = session.getpeercert(binary_form=True)
            if certificate:
                self.extension = _extension(certificate)


def _extension(certificate: bytes) -> dict[str, Any]:
    """The handshake has verified the certificate: one that is not good ends it."""
    return {"client_cert_chain": [ssl.DER_cert_to_PEM_cert(certificate)], "client_cert_error": None}
