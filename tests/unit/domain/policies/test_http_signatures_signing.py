"""Signing, checked by an independent implementation, and the other way round."""

import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from app.domain.entities.headers import Headers
from app.domain.policies.http_signatures import RequestView, signature_base
from app.domain.policies.http_signatures_reading import read_signatures
from app.domain.policies.http_signatures_signing import sign_hmac, signature_fields
from app.domain.policies.structured_fields import Parameters
from app.infrastructure.security.signature_keys import SignatureKeyRing
from tests.unit.infrastructure.security.test_signature_keys import key

SECRET = b"0123456789abcdef0123456789abcdef"
COMPONENTS = ("@method", "@authority", "@path", "@query", "@target-uri", "@request-target", "@scheme", "x-a")


class Keys(HTTPSignatureKeyResolver):
    """One pair."""

    def __init__(self, private: Any, public: Any) -> None:
        self._private, self._public = private, public

    def resolve_private_key(self, key_id: str) -> Any:
        return self._private

    def resolve_public_key(self, key_id: str) -> Any:
        return self._public


def message(*more: tuple[str, str]) -> Any:
    headers = dict([("Host", "example.com"), ("X-A", "1, 2"), *more])
    return SimpleNamespace(method="GET", url="https://example.com/a/b?x=%20y&z", headers=headers)


def view(headers: Headers) -> RequestView:
    return RequestView("GET", "https", "example.com", "/a/b", "x=%20y&z", headers)


def test_what_we_sign_the_peer_takes() -> None:
    headers = [(b"host", b"example.com"), (b"x-a", b"1"), (b"x-a", b"2")]
    now = int(datetime.datetime.now(datetime.UTC).timestamp())
    params: Parameters = {"created": now, "keyid": "k", "alg": "hmac-sha256", "nonce": "n-1"}
    fields = signature_fields("gw", COMPONENTS, view(headers), params, lambda base: sign_hmac(base, SECRET))
    signed = message(*((name.decode(), value.decode()) for name, value in fields))
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys(SECRET, SECRET))
    (result,) = verifier.verify(signed, max_age=datetime.timedelta(seconds=60))
    assert (result.label, result.parameters["keyid"], result.nonce) == ("gw", "k", "n-1")
    with pytest.raises(ValueError, match="is no key"):
        signature_fields("Gw", (), view(headers), params, lambda base: base)


def _pairs() -> list[Any]:
    edwards, curve = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    prime = rsa.generate_private_key(65537, 2048)
    return [
        pytest.param(algorithms.ED25519, edwards, "ed25519", id="ed25519"),
        pytest.param(algorithms.ECDSA_P256_SHA256, curve, "ecdsa-p256-sha256", id="ecdsa"),
        pytest.param(algorithms.RSA_PSS_SHA512, prime, "rsa-pss-sha512", id="rsa"),
        pytest.param(algorithms.HMAC_SHA256, SECRET, "hmac-sha256", id="hmac"),
    ]


@pytest.mark.parametrize(("algorithm", "private", "name"), _pairs())
def test_what_the_peer_signs_we_take(algorithm: Any, private: Any, name: str) -> None:
    signed = message()
    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys(private, None))
    signer.sign(signed, key_id="k", nonce="n", tag="t", covered_component_ids=COMPONENTS)
    fields = [(field.lower().encode(), value.encode()) for field, value in signed.headers.items()]
    found = dict(fields)
    (one,) = read_signatures(found[b"signature-input"], found[b"signature"])
    base = signature_base(one.components, view(fields), one.params)
    if isinstance(private, bytes):
        used = key(name, secret=private.decode())
    else:
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        used = key(name, public=pem.decode())
    ring = SignatureKeyRing()
    assert ring.verify(used, base, one.signature)
    assert not ring.verify(used, base.replace(b"GET", b"PUT"), one.signature)
