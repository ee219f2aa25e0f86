"""TLS towards targets: contexts from configuration, names, and errors in words. Not for the TLS of clients."""

import ssl
import weakref
from typing import Final

from app.domain.entities.service import UpstreamTls
from app.infrastructure.transport.file_stamp import Stamp, file_stamp
from app.infrastructure.transport.tls_files import load_client_certificate, load_trust, system_trust

_Key = tuple[UpstreamTls, tuple[Stamp, ...]]

# Weak, so that the contexts of a configuration go when its upstreams do.
_contexts: Final[weakref.WeakValueDictionary[_Key, ssl.SSLContext]] = weakref.WeakValueDictionary()


def client_context(tls: UpstreamTls) -> ssl.SSLContext:
    """The context for targets with these settings: TLS 1.2 or later, HTTP/1.1, chain and host name verified.

    Trust is `tls.ca`, else the certificate authorities of the system; the environment (SSL_CERT_FILE, SSL_CERT_DIR,
    SSLKEYLOGFILE) changes nothing (P-16). Equal settings over unchanged files share a context; changed files make a
    new one. Raises ValueError with field, file and reason in one line.

    WARNING: with `tls.verify: false` NOTHING is verified: whoever can answer at the target's address, or sits on the
    way to it, reads and changes all traffic, credentials included. For experiments only; `tls.ca` is the safe way to
    trust a private or self-signed certificate.
    """
    files = (tls.ca, tls.cert, tls.key) if tls.ca else (*system_trust(), tls.cert, tls.key)
    key = (tls, tuple(file_stamp(path) for path in files if path))
    context = _contexts.get(key)
    if context is None:
        context = _contexts[key] = _make_context(tls)
    return context


def server_name(tls: UpstreamTls, host: str) -> str:
    """The name to ask for (SNI) and to verify: `tls.server_name`, else `host`.

    An IP address is a name too: Python's ssl verifies it against the certificate's addresses and sends no SNI. A
    trailing dot and an IPv6 zone are left out (RFC 6066 section 3, RFC 9525 section 6).
    """
    return tls.server_name or host.partition("%")[0].removesuffix(".")


def _make_context(tls: UpstreamTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The common name is no host name any more (RFC 9525 section 2).
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.ca or tls.verify:
        load_trust(context, tls.ca)
    load_client_certificate(context, tls.cert, tls.key)
    if tls.server_name:
        _check_server_name(context, tls.server_name)
    return context


def _check_server_name(context: ssl.SSLContext, name: str) -> None:
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=name)
    except (ValueError, TypeError, ssl.SSLError):
        raise ValueError(f"tls.server_name: {name!r} is not a host name") from None


_REASONS: Final = {
    "WRONG_VERSION_NUMBER": "the peer does not speak TLS (a plain HTTP port?)",
    "HTTP_REQUEST": "the peer does not speak TLS (a plain HTTP port?)",
    "PACKET_LENGTH_TOO_LONG": "the peer does not speak TLS (a plain HTTP port?)",
    "UNSUPPORTED_PROTOCOL": "the peer offers no TLS 1.2 or later",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the peer and the gateway have no TLS version in common",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the peer refused the handshake (no common cipher, or it wants a certificate)",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the peer wants a client certificate: set tls.cert and tls.key",
    "TLSV1_ALERT_UNKNOWN_CA": "the peer does not trust the client certificate of tls.cert",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the peer refused the client certificate of tls.cert",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the peer says that the client certificate of tls.cert has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the peer refused the client certificate of tls.cert",
    "TLSV1_UNRECOGNIZED_NAME": "the peer does not know the server name: set tls.server_name",
    "NO_APPLICATION_PROTOCOL": "the peer does not offer HTTP/1.1",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "the peer does not offer HTTP/1.1",
}


def describe_tls_error(error: BaseException) -> str:
    """One phrase for people: why a handshake, or a connection just after it, failed. Without the host's name."""
    if isinstance(error, ssl.SSLCertVerificationError):
        message = (error.verify_message or str(error)).rstrip(".")
        start = message[:1] if message[1:2].isupper() else message[:1].lower()  # "IP address mismatch" stays
        return f"certificate verify failed: {start}{message[1:]}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return "the peer closed the connection during the handshake"
    if isinstance(error, TimeoutError):
        return "the handshake took too long"
    reason = getattr(error, "reason", None) or str(error) or type(error).__name__
    return _REASONS.get(reason, reason.lower().replace("_", " "))
