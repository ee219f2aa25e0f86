"""Reads client certificates. Not for whether their authority is trusted: the TLS server has seen to that."""

import hashlib
from functools import lru_cache

from cryptography import x509

from app.domain.entities.certificate import CertificateFacts


@lru_cache(1024)
def certificate_facts(der: bytes) -> CertificateFacts | None:
    """What a certificate (DER) says; None when it cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return CertificateFacts(
            hashlib.sha256(der).hexdigest(),
            certificate.subject.rfc4514_string(),
            _dns_names(certificate),
            certificate.not_valid_before_utc.timestamp(),
            certificate.not_valid_after_utc.timestamp(),
        )
    except (ValueError, TypeError, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType):
        return None


def _dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in names.get_values_for_type(x509.DNSName))
