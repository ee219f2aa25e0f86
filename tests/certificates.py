"""Certificate authorities and certificates for tests, made when needed. Files go where the test says."""

import datetime
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_LONG = datetime.timedelta(days=36500)
_PAST = datetime.timedelta(days=1)


class Files(NamedTuple):
    """Paths of PEM files."""

    cert: str
    key: str


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def cert_pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as PEM, without a passphrase."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, directory: Path, stem: str) -> Files:
        """Write `stem.pem` and `stem.key` into `directory`."""
        cert, key = directory / f"{stem}.pem", directory / f"{stem}.key"
        cert.write_bytes(self.cert_pem)
        key.write_bytes(self.key_pem)
        return Files(str(cert), str(key))


def make_ca(name: str = "Test CA", parent: Pair | None = None) -> Pair:
    """An authority: its own root, or an intermediate of `parent`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    issuer = parent.certificate.subject if parent else subject
    builder = _builder(subject, issuer, key.public_key(), _LONG)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_ca_usage(), critical=True)
    return Pair(builder.sign(parent.key if parent else key, SHA256()), key)


def make_cert(
    ca: Pair, names: tuple[str, ...] = ("localhost",), ips: tuple[str, ...] = (), *, expired: bool = False
) -> Pair:
    """A certificate of `ca` for these names and addresses, for servers and clients; its common name is the first."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [*map(x509.DNSName, names), *(x509.IPAddress(ip_address(ip)) for ip in ips)]
    subject = _name((*names, *ips)[0])
    builder = _builder(subject, ca.certificate.subject, key.public_key(), _PAST if expired else _LONG)
    builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return Pair(builder.sign(ca.key, SHA256()), key)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: datetime.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_START)
        .not_valid_after(_START + lifetime)
    )


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
