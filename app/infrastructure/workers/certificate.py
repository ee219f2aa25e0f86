"""Checks a certificate and its key before any process uses them. Not for loading them into a server."""

import ssl
from pathlib import Path

from app.infrastructure.workers.options import StartError


def check_pair(cert: str, key: str) -> None:
    """Raises StartError when the files at `cert` and `key` (PEM) cannot serve TLS together.

    A pair is tried in a context of its own: one that fails half-way leaves a context that refuses every handshake.
    """
    if not cert and not key:
        return
    if not cert or not key:
        raise StartError(f"TLS needs both a certificate and a key: the {'key' if cert else 'certificate'} is missing")
    _holds(cert, "certificate", b"-----BEGIN CERTIFICATE-----")
    _holds(key, "key", b"PRIVATE KEY-----")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=lambda: _encrypted(key))
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartError(f"key {key} does not belong to certificate {cert}") from None
        raise StartError(f"certificate {cert} and key {key} cannot be used: {error.reason or error}") from None


def check_authorities(path: str, *, tls: bool) -> None:
    """Raises StartError when clients cannot be verified by the authorities in the file at `path` (PEM)."""
    if not path:
        return
    if not tls:
        raise StartError("clients can only be asked for certificates over TLS: a certificate and a key are missing")
    _holds(path, "certificate", b"-----BEGIN CERTIFICATE-----")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(path)
    except ssl.SSLError as error:
        raise StartError(f"certificates in {path} cannot be used: {error.reason or error}") from None


def _holds(path: str, what: str, mark: bytes) -> None:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise StartError(f"{what} {path} cannot be read: {error.strerror}") from None
    if mark not in content:
        raise StartError(f"{what} {path} holds no PEM {what}")


def _encrypted(key: str) -> str:
    raise StartError(f"key {key} is encrypted: give one without a passphrase")
