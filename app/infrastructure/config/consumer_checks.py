"""What a consumer must be beyond the shape of its fields. Not for what other consumers claim."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cryptography import x509

from app.domain.entities.consumer import Certificate, Consumer
from app.infrastructure.config.consumer_claims import claims_of, normal_digest
from app.infrastructure.config.field_checks import host_problem
from app.infrastructure.config.field_path import Found
from app.infrastructure.config.signature_checks import signature_problems

CERTIFICATE: Final = ("sha256", "subject", "dns")
"""What a certificate is known by."""

_DATE: Final = r"\d{4}-\d\d-\d\d"
_EXPIRY: Final = re.compile(rf"{_DATE}(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?", re.ASCII)
_ARGON2: Final = re.compile(r"\$argon2id\$v=19\$m=\d{1,7},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
_BCRYPT: Final = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
"""RFC 6749 section 3.3."""
_HEX: Final = re.compile(r"[0-9a-f]{64}")


def consumer_problems(consumer: Consumer) -> list[Found]:
    """Everything wrong with a consumer, each with its place inside. No message holds what is secret."""
    return [
        *_scopes(consumer),
        *_api_keys(consumer),
        *_basic(consumer),
        *signature_problems(consumer.signatures),
        *_certificates(consumer),
        *_subjects(consumer),
        *_limits(consumer),
        *_twice(consumer),
    ]


def _scopes(consumer: Consumer) -> Iterator[Found]:
    for index, scope in enumerate(consumer.scopes):
        if not _SCOPE.fullmatch(scope):
            yield ("scopes", index), f"expected a scope without blanks and quotes (RFC 6749 section 3.3), got {scope!r}"


def _api_keys(consumer: Consumer) -> Iterator[Found]:
    for index, key in enumerate(consumer.api_keys):
        if key.expires and not _is_moment(key.expires):
            reason = f"expected a date such as 2027-01-31, or 2027-01-31T12:00:00Z (RFC 3339), got {key.expires!r}"
            yield ("api_keys", index, "expires"), reason


def _basic(consumer: Consumer) -> Iterator[Found]:
    for index, account in enumerate(consumer.basic):
        name = account.username
        if not name or ":" in name or not name.isprintable():
            yield ("basic", index, "username"), "expected a name without colons and control characters (RFC 7617)"
        if not _ARGON2.fullmatch(account.password) and not _BCRYPT.fullmatch(account.password):
            reason = "expected a hash of the password, argon2id or bcrypt, as `gateway consumers set-password` makes it"
            yield ("basic", index, "password"), reason


def _certificates(consumer: Consumer) -> Iterator[Found]:
    for index, certificate in enumerate(consumer.certificates):
        given = [name for name in CERTIFICATE if getattr(certificate, name)]
        if len(given) != 1:
            reason = f"expected one of {', '.join(CERTIFICATE)}, got {' and '.join(given) or 'none'}"
            yield ("certificates", index), reason
        elif reason := _certificate(certificate):
            yield ("certificates", index, given[0]), reason


def _certificate(certificate: Certificate) -> str:
    if certificate.sha256:
        good = _HEX.fullmatch(normal_digest(certificate.sha256))
        return "" if good else "expected the SHA-256 of the certificate: 64 hex digits, with or without colons"
    if certificate.dns:
        return host_problem(certificate.dns)
    try:
        written = x509.Name.from_rfc4514_string(certificate.subject).rfc4514_string()
    except ValueError:
        return "expected a name as of RFC 4514, such as CN=mobile,O=Example"
    # It is compared letter for letter.
    return "" if written == certificate.subject else f"expected the usual form of the name, {written!r}"


def _subjects(consumer: Consumer) -> Iterator[Found]:
    for index, subject in enumerate(consumer.subjects):
        if not subject.subject:
            yield ("subjects", index, "subject"), "is empty: expected what sub is in the tokens"


def _limits(consumer: Consumer) -> Iterator[Found]:
    for index, limit in enumerate(consumer.limits):
        if limit.burst < 0:
            yield ("limits", index, "burst"), "expected 0 or more requests"


def _twice(consumer: Consumer) -> Iterator[Found]:
    seen = set()
    for path, claim in claims_of(consumer):
        if claim in seen:
            yield path, f"is the same {claim.kind} as one before it"
        seen.add(claim)


def _is_moment(text: str) -> bool:
    if not _EXPIRY.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True
