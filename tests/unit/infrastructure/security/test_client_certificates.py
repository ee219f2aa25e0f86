"""What client certificates say."""

import datetime
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from app.infrastructure.security.client_certificates import certificate_facts

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: x509.Name, *dns: str) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2026, 1, 1))
        .not_valid_after(datetime.datetime(2027, 1, 1))
    )
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in dns]), False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def test_the_parts_by_which_a_consumer_is_known() -> None:
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example, Inc"),
        x509.NameAttribute(NameOID.COMMON_NAME, "mobile"),
    ])  # fmt: skip
    der = certificate(name, "A.example", "b.example")
    facts = certificate_facts(der)
    assert facts is not None
    assert facts.sha256 == hashlib.sha256(der).hexdigest()
    assert facts.subject == r"CN=mobile,O=Example\, Inc"
    assert facts.dns == ("a.example", "b.example")
    assert (facts.valid_from, facts.valid_until) == (1767225600, 1798761600)


def test_a_certificate_without_names() -> None:
    facts = certificate_facts(certificate(x509.Name([])))
    assert facts is not None
    assert (facts.subject, facts.dns) == ("", ())


@pytest.mark.parametrize("der", [b"", b"x", certificate(x509.Name([]))[:-1], certificate(x509.Name([])) + b"x"])
def test_what_cannot_be_read(der: bytes) -> None:
    assert certificate_facts(der) is None
