"""Certificates that are read again, and ones that cannot be used."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from app.interfaces.grpc.tls import TlsFiles
from tests.certificates import make_ca, make_cert
from tests.fakes import RecordedEvents


def test_files_that_can_be_used(tmp_path: Path) -> None:
    files = make_cert(make_ca()).write(tmp_path, "server")
    tls = TlsFiles(files.cert, files.key, RecordedEvents())
    assert tls.credentials() is not None
    assert tls.fetch() is not None


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    ca = make_ca()
    pair = make_cert(ca)
    files, other = pair.write(tmp_path, "server"), make_cert(ca).write(tmp_path, "other")
    (tmp_path / "empty.pem").touch()
    locked = tmp_path / "locked.key"
    locked.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    events = RecordedEvents()
    for cert, key, reason in (
        (files.cert, other.key, "KEY_VALUES_MISMATCH"),
        (files.cert, str(tmp_path / "none.key"), "No such file"),
        (str(tmp_path / "empty.pem"), files.key, "cannot be used"),
        (files.cert, str(locked), "the key is encrypted: give one without a passphrase"),
        (files.cert, "", "needs both a certificate and a key"),
        ("", files.key, "needs both a certificate and a key"),
    ):
        with pytest.raises(ValueError, match=reason):
            TlsFiles(cert, key, events)


def test_a_pair_that_became_useless_is_told_once_and_not_used(tmp_path: Path) -> None:
    ca, events = make_ca(), RecordedEvents()
    good, other = make_cert(ca), make_cert(ca)
    files = good.write(tmp_path, "server")
    tls = TlsFiles(files.cert, files.key, events)
    Path(files.key).write_bytes(other.key_pem)
    assert tls.current == (good.key_pem, good.cert_pem)
    for _ in range(3):
        tls.fetch()
    assert tls.current == (good.key_pem, good.cert_pem)
    [(level, message, fields)] = events.seen
    assert (level, message) == ("error", "the certificate of the gRPC listener stays as it was")
    assert "KEY_VALUES_MISMATCH" in str(fields["problem"])

    other.write(tmp_path, "server")
    tls.fetch()
    assert tls.current == (other.key_pem, other.cert_pem)
    Path(files.cert).unlink()
    tls.fetch()
    assert len(events.seen) == 2
