"""Every way in which a certificate and a key can be wrong has a line of its own."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from app.infrastructure.workers.certificate import check_authorities, check_pair
from app.infrastructure.workers.options import StartError
from tests.unit.infrastructure.workers.pairs import new_key, self_signed


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return new_key()


def write(
    folder: Path,
    key: rsa.RSAPrivateKey,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> tuple[str, str]:
    (folder / "cert.pem").write_bytes(self_signed(key).public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_good_pair_passes(tmp_path: Path, key: rsa.RSAPrivateKey, form: PrivateFormat) -> None:
    check_pair(*write(tmp_path, key, form))


def test_no_pair_is_no_tls() -> None:
    check_pair("", "")


@pytest.mark.parametrize(("cert", "key_path", "missing"), [("a.pem", "", "key"), ("", "a.pem", "certificate")])
def test_half_a_pair_is_refused(cert: str, key_path: str, missing: str) -> None:
    with pytest.raises(StartError, match=f"the {missing} is missing"):
        check_pair(cert, key_path)


def test_a_missing_file_is_named(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, key_path = write(tmp_path, key)
    with pytest.raises(StartError, match=r"^certificate /nowhere/c\.pem cannot be read: No such file or directory$"):
        check_pair("/nowhere/c.pem", key_path)
    with pytest.raises(StartError, match=r"^key .* cannot be read: Is a directory$"):
        check_pair(cert, str(tmp_path))


def test_swapped_files_are_told(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, key_path = write(tmp_path, key)
    with pytest.raises(StartError, match="holds no PEM certificate"):
        check_pair(key_path, cert)


def test_a_broken_certificate_is_told(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, key_path = write(tmp_path, key)
    Path(cert).write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(StartError, match="cannot be used"):
        check_pair(cert, key_path)


def test_a_key_of_another_certificate_is_told(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, _ = write(tmp_path, key)
    other = tmp_path / "other"
    other.mkdir()
    _, key_path = write(other, new_key())
    with pytest.raises(StartError, match="does not belong to certificate"):
        check_pair(cert, key_path)


def test_an_encrypted_key_is_told_and_nobody_is_asked(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, key_path = write(tmp_path, key, encryption=BestAvailableEncryption(b"secret"))
    with pytest.raises(StartError, match="is encrypted"):
        check_pair(cert, key_path)


def test_authorities_that_can_be_used_pass(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, _ = write(tmp_path, key)
    check_authorities(cert, tls=True)
    check_authorities("", tls=False)


def test_authorities_need_tls(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    cert, _ = write(tmp_path, key)
    with pytest.raises(StartError, match="only be asked for certificates over TLS"):
        check_authorities(cert, tls=False)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"nothing", "holds no PEM certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be used"),
    ],
)
def test_authorities_that_are_none_are_named(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    with pytest.raises(StartError, match=why) as caught:
        check_authorities(str(path), tls=True)
    assert str(path) in str(caught.value)
