import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app.infrastructure.security.jose_verifier import from_jwk, from_pem, from_secret, verifiers
from tests.certificates import make_ca
from tests.token_forge import ALL, SECRET, Signer, b64, signer

PUBLIC = [name for name in ALL if not name.startswith("HS")]


def fitting(name: str) -> set[str]:
    """The algorithms that a key made for `name` may be used by."""
    if name[:2] in ("RS", "PS"):
        return {one for one in ALL if one[:2] in ("RS", "PS")}
    return {name}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_key_is_for_the_algorithms_of_its_family_alone(name: str) -> None:
    made = signer(name)
    for key in (from_jwk(made.jwk()), from_pem(made.pem())):
        found = verifiers(key, ALL)
        assert set(found) == fitting(name)
        for algorithm, verify in found.items():
            signature = Signer(algorithm, None, made.key).signature(b"data")
            assert verify(b"data", signature)
            assert not verify(b"datb", signature)
            assert not verify(b"data", signature[:-1])
            assert not verify(b"data", b"")


@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
def test_a_secret_is_for_secrets_alone(name: str) -> None:
    found = verifiers(from_secret(SECRET), ALL)
    assert set(found) == {"HS256", "HS384", "HS512"}
    assert found[name](b"data", signer(name).signature(b"data"))
    assert not found[name](b"data", signer(name).signature(b"other"))


def test_a_short_secret_is_for_short_hashes_alone() -> None:
    assert set(verifiers(from_secret("a" * 32), ALL)) == {"HS256"}
    assert set(verifiers(from_secret("a" * 48), ALL)) == {"HS256", "HS384"}


def test_only_what_is_asked_for_is_made() -> None:
    assert set(verifiers(from_jwk(signer("RS256").jwk()), ["PS256", "ES256", "none", "RSA1_5"])) == {"PS256"}


def test_a_key_may_name_its_algorithm() -> None:
    assert set(verifiers(from_jwk(signer("RS256").jwk(alg="RS384")), ALL)) == {"RS384"}
    assert verifiers(from_jwk(signer("RS256").jwk(alg="RSA-OAEP")), ALL) == {}


@pytest.mark.parametrize("made", [signer("ES256"), signer("RS256"), signer("EdDSA")])
def test_a51_a_public_key_is_no_secret(made: Signer) -> None:
    formats = [made.pem(), made.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)]
    for text in formats:
        with pytest.raises(ValueError, match=r"secret|oct"):
            from_secret(text.decode())


def test_weak_secrets_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        from_secret("a" * 31)


def test_eddsa_on_its_larger_curve() -> None:
    made = Signer("EdDSA", "k", ed448.Ed448PrivateKey.generate())
    [verify] = verifiers(from_jwk(made.jwk()), ALL).values()
    assert verify(b"data", made.signature(b"data"))
    assert set(verifiers(from_pem(made.pem()), ALL)) == {"EdDSA"}


def test_a_key_that_agrees_on_secrets_signs_nothing() -> None:
    raw = x25519.X25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert verifiers(from_jwk({"kty": "OKP", "crv": "X25519", "x": b64(raw)}), ALL) == {}


def rsa_jwk(bits: int) -> dict[str, Any]:
    return {"kty": "RSA", "n": b64(((1 << bits) - 1).to_bytes(bits // 8, "big")), "e": "AQAB"}


RSA = signer("RS256").jwk()
EC = signer("ES256").jwk()


@pytest.mark.parametrize(
    ("jwk", "reason"),
    [
        ({}, "not known"),
        ({"kty": ["RSA"]}, "not known"),
        ({"kty": "oct", "k": b64(SECRET.encode())}, "symmetric"),
        ({**RSA, "d": "AQAB"}, "private"),
        (rsa_jwk(1024), "1024 bits"),
        (rsa_jwk(2040), "2040 bits"),
        (rsa_jwk(16384), "16384 bits"),
        ({**RSA, "e": "AQ"}, "e must be"),
        ({**RSA, "e": ""}, "cannot be used"),
        ({**RSA, "n": 5}, "TypeError"),
        ({**RSA, "n": "é"}, "ASCII"),
        ({"kty": "RSA", "e": "AQAB"}, "KeyError"),
        ({**RSA, "use": "enc"}, "sig"),
        ({**RSA, "use": 5}, "use"),
        ({**RSA, "key_ops": ["sign"]}, "key_op"),
        ({**RSA, "key_ops": "verify"}, "key_ops"),
        ({**RSA, "alg": 5}, "alg"),
        ({**EC, "x": EC["y"]}, "not on the curve"),
        ({**EC, "crv": "P-999"}, "KeyError"),
        ({**EC, "y": "!"}, "not base64url"),
        ({**signer("EdDSA").jwk(), "x": "AA"}, "32 bytes"),
    ],
)
def test_a58_keys_that_cannot_be_used_say_why(jwk: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        from_jwk(jwk)


def test_certificates_and_references_in_a_key_are_not_read() -> None:
    assert verifiers(from_jwk({**RSA, "x5c": 5, "x5u": "http://evil", "x5t": []}), ALL)


def test_a_certificate_holds_a_key(tmp_path: Any) -> None:
    pair = make_ca()
    assert set(verifiers(from_pem(pair.cert_pem), ALL)) == {"ES256"}
    with pytest.raises(ValueError, match="private"):
        from_pem(pair.key_pem)


def test_files_that_hold_no_key() -> None:
    for data in (b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", b"-----BEGIN CERTIFICATE-----"):
        with pytest.raises(ValueError, match="no public key"):
            from_pem(data)
    small = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505  # to be refused
    other = dsa.generate_private_key(2048).public_key()
    for key, reason in ((small, "1024 bits"), (other, "not known")):
        with pytest.raises(ValueError, match=reason):
            from_pem(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_other_curves_are_for_nothing() -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    assert verifiers(from_pem(Signer("ES256K", None, key).pem()), ALL) == {}
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="private"):
        from_pem(private)


def test_no_library_warns_when_a_token_is_judged() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [verify] = verifiers(from_jwk(signer("EdDSA").jwk()), ALL).values()
        assert verify(b"data", signer("EdDSA").signature(b"data"))
