"""TLS credentials of the gRPC server: files that may be replaced while it runs. Not for client certificates."""

import ssl
from pathlib import Path
from typing import Final

import grpc

from app.domain.ports import Events

Pair = tuple[bytes, bytes]
"""Key and certificate chain, PEM."""


class TlsFiles:
    """A certificate and its key, read anew for each connection: short-lived ones need no restart."""

    def __init__(self, cert: str, key: str, events: Events) -> None:
        """Raises ValueError when the files cannot be used together."""
        self._cert: Final = cert
        self._key: Final = key
        self._events = events
        self.current = self._read()
        """What the last connection got."""
        self._problem = ""

    def credentials(self) -> grpc.ServerCredentials:
        """For `add_secure_port`."""
        return grpc.dynamic_ssl_server_credentials(_configuration(self.current), self.fetch)

    def fetch(self) -> grpc.ServerCertificateConfiguration:
        """What a new connection uses: the files as they are, or the last that worked.

        gRPC calls it in threads of its own, under a lock, once for each connection.
        """
        try:
            self.current = self._read()
            self._problem = ""
        except ValueError as error:
            self._report(str(error))
        return _configuration(self.current)

    def _read(self) -> Pair:
        if not self._cert or not self._key:
            raise ValueError("TLS needs both a certificate and a key")
        try:
            # gRPC fails every handshake of a pair that does not match, and tells nobody.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._cert, self._key, password=_no_password)
            return Path(self._key).read_bytes(), Path(self._cert).read_bytes()
        except OSError as error:
            reason = (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or "no usable PEM file"
            raise ValueError(f"certificate {self._cert} and key {self._key} cannot be used: {reason}") from None

    def _report(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._events.error("the certificate of the gRPC listener stays as it was", problem=problem)


def _configuration(pair: Pair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([pair])


def _no_password() -> str:
    raise ValueError("the key is encrypted: give one without a passphrase")
