"""What a consumer proves itself with, so that it can be told when two have the same. Not for checking a proof."""

from collections.abc import Iterator
from typing import NamedTuple

from app.domain.entities.consumer import Certificate, Consumer
from app.infrastructure.config.field_path import Path


class Claim(NamedTuple):
    """One credential, as far as it may belong to one consumer only."""

    kind: str
    """What it is, for people: `API key`."""
    value: str
    issuer: str = ""
    """Of a token."""


def claims_of(consumer: Consumer) -> Iterator[tuple[Path, Claim]]:
    """Every credential of a consumer, and where it stands."""
    for index, key in enumerate(consumer.api_keys):
        yield ("api_keys", index, "sha256"), Claim("API key", key.sha256)
    for index, account in enumerate(consumer.basic):
        yield ("basic", index, "username"), Claim("user name", account.username)
    for index, signature in enumerate(consumer.signatures):
        yield ("signatures", index, "id"), Claim("key id", signature.id)
    for index, certificate in enumerate(consumer.certificates):
        for field, value in _names(certificate):
            yield ("certificates", index, field), Claim(f"certificate ({field})", value)
    for index, subject in enumerate(consumer.subjects):
        yield ("subjects", index, "subject"), Claim("subject", subject.subject, subject.issuer)


def taken(claim: Claim, other: str) -> str:
    """Why a consumer cannot have what `other` has."""
    return f"consumer {other!r} has the same {claim.kind}: each belongs to one consumer only"


def normal_digest(text: str) -> str:
    """A digest as it is compared: tools print it in capitals, and with colons."""
    return text.replace(":", "").lower()


def _names(certificate: Certificate) -> Iterator[tuple[str, str]]:
    if certificate.sha256:
        yield "sha256", normal_digest(certificate.sha256)
    if certificate.subject:
        yield "subject", certificate.subject
    if certificate.dns:
        yield "dns", certificate.dns.lower()
