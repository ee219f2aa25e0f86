import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from app.infrastructure.transport import tls_files
from app.infrastructure.transport.tls_files import load_client_certificate, load_trust, system_trust
from tests.certificates import Pair, make_ca, make_cert


@pytest.fixture(scope="module")
def ca() -> Pair:
    return make_ca()


@pytest.fixture(scope="module")
def pair(ca: Pair) -> Pair:
    return make_cert(ca)


@pytest.fixture
def context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def trust(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """Make `places` the system's."""
    monkeypatch.setattr(tls_files, "system_trust", lambda: tuple(map(str, places)))


def test_a_ca_file_is_trusted_and_nothing_else(context: ssl.SSLContext, ca: Pair, tmp_path: Path) -> None:
    load_trust(context, ca.write(tmp_path, "ca").cert)

    assert [found["subject"] for found in context.get_ca_certs()] == [((("commonName", "Test CA"),),)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "tls.ca: {path} cannot be read: no such file or directory"),
        (b"", "tls.ca: {path} holds no PEM certificate that can be read"),
        (b"hello", "tls.ca: {path} holds no PEM certificate that can be read"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "tls.ca: {path} holds no PEM certificate that can be read",
        ),
    ],
)
def test_a_ca_file_that_cannot_be_used(
    context: ssl.SSLContext, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValueError, match="tls") as caught:
        load_trust(context, str(path))

    assert str(caught.value) == message.format(path=path)


def test_a_directory_is_no_ca_file(context: ssl.SSLContext, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^tls\.ca: .* cannot be read: is a directory$"):
        load_trust(context, str(tmp_path))


def test_a_nul_in_a_path_is_an_error_too(context: ssl.SSLContext) -> None:
    with pytest.raises(ValueError, match=r"^tls\.ca: .* cannot be read: embedded null byte$"):
        load_trust(context, "a\0b")


def test_the_system_s_places_are_those_that_openssl_was_built_with(monkeypatch: pytest.MonkeyPatch) -> None:
    before = system_trust()

    monkeypatch.setenv("SSL_CERT_FILE", "/elsewhere.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/elsewhere")

    assert system_trust() == before
    assert not any("elsewhere" in place for place in before)


def test_the_system_s_file_is_loaded(
    context: ssl.SSLContext, ca: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca.write(tmp_path, "cert")
    trust(monkeypatch, tmp_path / "cert.pem", tmp_path / "none", tmp_path / "bundle")

    load_trust(context, "")

    assert context.cert_store_stats()["x509_ca"] == 1


def test_a_bundle_is_loaded_when_openssl_s_own_places_are_empty(
    context: ssl.SSLContext, ca: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca.write(tmp_path, "bundle")
    trust(monkeypatch, tmp_path / "none.pem", tmp_path, tmp_path / "absent", tmp_path / "bundle.pem")

    load_trust(context, "")

    assert context.cert_store_stats()["x509_ca"] == 1


def test_a_system_without_certificates_is_an_error(
    context: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(monkeypatch, tmp_path / "none.pem", tmp_path, tmp_path / "absent")

    with pytest.raises(ValueError, match="tls") as caught:
        load_trust(context, "")

    assert str(caught.value) == (
        f"tls.ca: not set, and the system has no certificates at {tmp_path}/none.pem or {tmp_path}"
    )


def test_a_broken_system_file_is_an_error(
    context: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cert.pem").write_text("hello")
    trust(monkeypatch, tmp_path / "cert.pem", tmp_path / "none")

    with pytest.raises(ValueError, match=r"^tls\.ca: not set, and the system's certificates at .*/cert\.pem cannot be"):
        load_trust(context, "")


def test_no_client_certificate_is_fine(context: ssl.SSLContext) -> None:
    load_client_certificate(context, "", "")


def test_a_pair_loads_from_two_files_or_from_one(context: ssl.SSLContext, pair: Pair, tmp_path: Path) -> None:
    files = pair.write(tmp_path, "client")
    both = tmp_path / "both.pem"
    both.write_bytes(pair.key_pem + pair.cert_pem)

    load_client_certificate(context, files.cert, files.key)
    load_client_certificate(context, str(both), "")


def encrypted(pair: Pair) -> bytes:
    return pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.fixture
def directory(ca: Pair, pair: Pair, tmp_path: Path) -> Path:
    """A good pair, another's key, and a key with a passphrase."""
    pair.write(tmp_path, "good")
    make_cert(ca).write(tmp_path, "other")
    (tmp_path / "secret.key").write_bytes(encrypted(pair))
    return tmp_path


BROKEN = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("cert", "key", "message"),
    [
        ("", "good.key", "tls.key: {dir}/good.key is given without tls.cert"),
        ("none.pem", "good.key", "tls.cert: {dir}/none.pem cannot be read: no such file or directory"),
        ("good.pem", "none.key", "tls.key: {dir}/none.key cannot be read: no such file or directory"),
        ("good.key", "good.key", "tls.cert: {dir}/good.key holds no PEM certificate"),
        ("good.pem", "good.pem", "tls.key: {dir}/good.pem holds no PEM private key"),
        ("good.pem", "", "tls.cert: {dir}/good.pem holds no PEM private key, and tls.key names none"),
        ("good.pem", "other.key", "tls.key: {dir}/other.key does not belong to the certificate {dir}/good.pem"),
        ("good.pem", "secret.key", "tls.key: {dir}/secret.key is encrypted: give a key without a passphrase"),
    ],
)
def test_a_pair_that_cannot_be_used(
    context: ssl.SSLContext, directory: Path, cert: str, key: str, message: str
) -> None:
    with pytest.raises(ValueError, match="tls") as caught:
        load_client_certificate(context, cert and f"{directory}/{cert}", key and f"{directory}/{key}")

    assert str(caught.value) == message.format(dir=directory)


def test_a_key_that_only_looks_like_one(context: ssl.SSLContext, pair: Pair, tmp_path: Path) -> None:
    files = pair.write(tmp_path, "good")
    broken = tmp_path / "broken.key"
    broken.write_bytes(BROKEN)

    with pytest.raises(
        ValueError, match=r"^tls\.cert: .*/good\.pem with the key .*/broken\.key cannot be used: damaged pem$"
    ):
        load_client_certificate(context, files.cert, str(broken))
