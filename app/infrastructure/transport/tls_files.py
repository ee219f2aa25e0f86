"""Loads PEM files into a TLS context; every failure says field, file and reason in one line. Not for choosing them."""

import ssl
from pathlib import Path
from typing import Final

_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where distributions keep their bundle: for an OpenSSL that was built for another place (distroless images)."""


def system_trust() -> tuple[str, ...]:
    """Where the certificate authorities of the system may be: file and directory of OpenSSL, then known bundles.

    The environment (SSL_CERT_FILE, SSL_CERT_DIR) has no say (P-16).
    """
    paths = ssl.get_default_verify_paths()
    return (paths.openssl_cafile, paths.openssl_capath, *_BUNDLES)


def load_trust(context: ssl.SSLContext, ca: str) -> None:
    """Trust the certificates in the file `ca`, or the system's when `ca` is empty. Raises ValueError."""
    if not ca:
        _load_system_trust(context)
        return
    _read(ca, "tls.ca")
    try:
        context.load_verify_locations(cafile=ca)
    except ssl.SSLError:
        raise ValueError(f"tls.ca: {ca} holds no PEM certificate that can be read") from None
    # Whatever the file names is trusted, be it a root, an intermediate or one server's own certificate.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def load_client_certificate(context: ssl.SSLContext, cert: str, key: str) -> None:
    """Present the certificate chain in `cert` with the key in `key`, or in `cert` too. Raises ValueError."""
    if not cert:
        if key:
            raise ValueError(f"tls.key: {key} is given without tls.cert")
        return
    holder, field = (key, "tls.key") if key else (cert, "tls.cert")
    if b"-----BEGIN CERTIFICATE-----" not in _read(cert, "tls.cert"):
        raise ValueError(f"tls.cert: {cert} holds no PEM certificate")
    if b"PRIVATE KEY-----" not in _read(holder, field):
        raise ValueError(f"{field}: {holder} holds no PEM private key{'' if key else ', and tls.key names none'}")

    def refuse_passphrase() -> str:
        raise ValueError(f"{field}: {holder} is encrypted: give a key without a passphrase")

    try:
        context.load_cert_chain(cert, holder, password=refuse_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ValueError(f"{field}: {holder} does not belong to the certificate {cert}") from None
        raise ValueError(f"tls.cert: {cert} with the key {holder} cannot be used: {_words(error)}") from None


def _load_system_trust(context: ssl.SSLContext) -> None:
    own_file, directory, *bundles = system_trust()
    file = own_file if Path(own_file).is_file() else None
    # OpenSSL finds nothing in a directory without the links that c_rehash makes.
    hashed = directory if any(Path(directory).glob("*.0")) else None
    if file is None and hashed is None:
        file = next((bundle for bundle in bundles if Path(bundle).is_file()), None)
    if file is None and hashed is None:
        raise ValueError(f"tls.ca: not set, and the system has no certificates at {own_file} or {directory}")
    try:
        context.load_verify_locations(file, hashed)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"tls.ca: not set, and the system's certificates at {file} cannot be read: {error}") from None


def _read(path: str, field: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ValueError(f"{field}: {path} cannot be read: {str(reason).lower()}") from None


def _words(error: ssl.SSLError) -> str:
    return (error.reason or "damaged PEM").lower().replace("_", " ")
